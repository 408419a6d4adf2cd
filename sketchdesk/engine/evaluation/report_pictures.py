"""The report's pictures: those of one prompt, side by side by seed, and those nearest to the training set."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.pictures import read_picture
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.findings import Pair
from sketchdesk.library.evaluation.memorised import Likest
from sketchdesk.library.wording.markup import Markup, element
from sketchdesk.library.wording.number_words import number, signed

THUMBNAIL_PX = 128


def chosen(scored: Sequence[Scored], room: int) -> list[Scored]:
    """Return at most `room` pictures: those of whole prompts, so that every model is seen, else of one prompt a part.

    Where not all prompts fit they are taken evenly from the whole list. What one seed drew stays together.
    """
    by_prompt: dict[str, list[Scored]] = {}
    for one in scored:
        by_prompt.setdefault(one.row.prompt, []).append(one)
    fits = min(len(by_prompt), room * len(by_prompt) // len(scored)) if scored else 0
    prompts = list(by_prompt)
    kept = [prompts[place * len(prompts) // fits] for place in range(fits)] or prompts[:1]
    shown: list[Scored] = []
    for prompt in kept:
        own = sorted(by_prompt[prompt], key=lambda one: -1 if one.row.seed is None else one.row.seed)
        shown += own[: room - len(shown)]
    return shown


def of_prompt(prompt: str, note: str, shown: Sequence[Scored], pair: Pair) -> Markup:
    """Return one prompt's pictures: all models' of a seed beside each other, else one after another."""
    by_seed: dict[int, dict[str, Scored]] = {}
    alone: list[Scored] = []
    for one in (one for one in shown if one.row.prompt == prompt):
        if one.row.seed is None or one.row.model in by_seed.setdefault(one.row.seed, {}):
            alone.append(one)
        else:
            by_seed[one.row.seed][one.row.model] = one
    together = {seed: found for seed, found in by_seed.items() if len(found) > 1}
    alone += [one for seed, found in by_seed.items() if seed not in together for one in found.values()]
    return element(
        "article",
        element("h3", prompt or _("Without a prompt")),
        element("p", note) if note else "",
        *_rows([_seed(seed, found, pair) for seed, found in together.items()], "pairs", _widest(together.values())),
        *_rows([_side(one) for one in alone], "singles"),
        class_="panel prompt",
    )


def nearest(pairs: Sequence[tuple[Likest, Scored]], sentences: Sequence[str]) -> Markup:
    """Return the pictures nearest to the training set, each beside the one it is near to, and what that says."""
    if not pairs and not sentences:
        return Markup()
    figures = [
        element(
            "figure",
            element("figcaption", element("span", _("cosine {value}").format(value=number(found.cosine)))),
            element("div", _side(one), _trained_on(found), class_="sides"),
            class_="pair",
        )
        for found, one in pairs
    ]
    return element(
        "article",
        element("h3", _("Nearest to the training set")),
        *(element("p", sentence) for sentence in sentences),
        *_rows(figures, "pairs"),
        class_="panel prompt",
    )


def _widest(rows: Iterable[Mapping[str, Scored]]) -> int:
    return max(map(len, rows), default=0)


def _rows(parts: Sequence[Markup], kind: str, beside: int = 2) -> list[Markup]:
    """Return the parts in a grid, in wide columns where more than two pictures are beside each other; none of none."""
    if not parts:
        return []
    if beside <= 2:
        return [element("div", *parts, class_=kind)]
    return [element("div", *parts, class_=f"{kind} wide", style=f"--beside: {beside}")]


def _trained_on(found: Likest) -> Markup:
    picture = thumbnail(found.file, found.training) if found.file else element("p", found.training)
    return element("div", picture, element("p", _("trained on")), class_="side")


def _seed(seed: int, found: Mapping[str, Scored], pair: Pair) -> Markup:
    chip: str = ""
    base, tuned = (found[name].row.cosine if name in found else None for name in (pair.base, pair.tuned))
    if base is not None and tuned is not None and len(found) == 2:
        difference = tuned - base
        direction = "higher" if difference > 0 else "lower" if difference < 0 else ""
        chip = element("span", signed(difference), class_=f"chip {direction}".strip())
    title = element("span", _("seed {seed}").format(seed=seed))
    sides = element("div", *(_side(one) for one in found.values()), class_="sides")
    return element("figure", element("figcaption", title, chip), sides, class_="pair")


def _side(one: Scored) -> Markup:
    name = model_name(one.row.model)
    score = "" if one.row.cosine is None else number(one.row.cosine)
    return element(
        "div",
        thumbnail(one.path, f"{name}: {one.row.prompt}"),
        element("div", element("span", name), element("strong", score), class_="score"),
        element("p", one.row.caption) if one.row.caption else "",
        class_="side",
    )


def thumbnail(path: Path, description: str) -> Markup:
    """Return the picture, at most THUMBNAIL_PX wide and high, inside the page; its description where it is gone."""
    picture = read_picture(path)
    if picture is None:
        return element("p", description)
    picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    data, kind = min((_encoded(picture, kind), kind) for kind in ("png", "jpeg"))
    source = f"data:image/{kind};base64,{data}"
    return element("img", src=source, width=picture.width, height=picture.height, alt=description)


def _encoded(picture: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, optimize=True, **({"quality": 88} if kind == "jpeg" else {}))
    return base64.b64encode(buffer.getvalue()).decode()
