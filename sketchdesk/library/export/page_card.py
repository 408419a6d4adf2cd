"""One image of the exported page: the picture itself, its prompt, and its settings and scores to unfold."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.fast import fast_name
from sketchdesk.library.export.folder import copy_file
from sketchdesk.library.images.pictures import read_picture
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.models.samplers import display_name
from sketchdesk.library.wording import number_words
from sketchdesk.library.wording.markup import Markup, element

THUMBNAIL_PX = 320


class Unreadable(Exception):  # noqa: N818 - an image that is left out is no error
    """This image is gone or broken."""


def inline(image: GalleryImage) -> Markup:
    """Return the picture inside the page, in the smaller of two formats. Raises Unreadable."""
    try:
        picture = read_picture(image.path, THUMBNAIL_PX)
    except SketchDeskError as error:
        raise Unreadable from error
    kinds = ("png",) if picture.mode == "RGBA" else ("png", "jpeg")
    data, kind = min((_encoded(picture, kind), kind) for kind in kinds)
    return element(
        "img", src=f"data:image/{kind};base64,{data}", width=picture.width, height=picture.height,
        alt=image.record.prompt if image.record else image.path.stem, loading="lazy",
    )  # fmt: skip


def _encoded(picture: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **({"quality": 88} if kind == "jpeg" else {"compress_level": 6}))
    return base64.b64encode(buffer.getvalue()).decode()


def copied(image: GalleryImage, folder: Path, name: str) -> Path:
    """Copy the image file into a folder and return where it is. Raises Unreadable, and as copy_file does."""
    try:
        return copy_file(image.path, folder, name)
    except OSError as error:
        raise Unreadable from error


def card(image: GalleryImage, picture: Markup, link: str | None) -> Markup:
    """Return an image with its prompt and all that is known of it, to be filtered; `link` leads to the original."""
    record = image.record
    model = short_model(record.model_label) if record else ""
    prompt = record.prompt if record else image.path.stem
    score = image.scores.get("cosine")
    chips: list[Markup] = []
    if score is not None:
        chips.append(element("span", number_words.number(score), class_="score", title=_("CLIP cosine")))
    chips += [element("span", model)] if model else []
    if record and record.seed is not None:
        chips.append(element("span", _("seed {seed}").format(seed=record.seed)))
    rows = [part for name, value in _facts(image) for part in (element("dt", name), element("dd", value))]
    return element(
        "figure",
        element("a", picture, href=link, target="_blank") if link else element("div", picture, class_="picture"),
        element(
            "figcaption",
            element("p", prompt, class_="prompt"),
            element("p", *chips, class_="chips") if chips else "",
            element("details", element("summary", _("Settings")), element("dl", *rows)) if rows else "",
        ),
        data_text=f"{prompt} {model} {image.run} {image.caption} {record.seed if record else ''}",
        data_model=model,
        data_score=None if score is None else f"{score:.6g}",
    )


def _facts(image: GalleryImage) -> Iterator[tuple[str, str]]:
    """Yield every setting and score that is known, by its name in the reader's language."""
    if image.record:
        yield from _settings(image.record)
    names = {"cosine": _("CLIP cosine"), "colourfulness": _("Colourfulness")}
    for name, value in sorted(image.scores.items()):
        yield names.get(name, name), number_words.number(value)
    if image.caption:
        yield _("Caption"), image.caption
    if image.tags:
        yield _("Tags"), ", ".join(image.tags)
    if image.run:
        yield _("Run"), image.run


def _settings(record: ImageRecord) -> Iterator[tuple[str, str]]:
    size = _("{width} × {height}").format(width=record.width, height=record.height)
    rows: list[tuple[str, object]] = [
        (_("Style prefix"), record.style_prefix),
        (_("Style suffix"), record.style_suffix),
        (_("Negative prompt"), record.negative_prompt),
        (_("Model"), record.model_label),
        (_("Learnt words"), ", ".join(PureWindowsPath(path).stem for path in record.embeddings)),
        (_("Brackets"), _("weigh their words") if record.prompt_weighting and record.has_brackets else None),
        (_("Seed"), record.seed),
        (_("Sampler"), display_name(record.sampler)),
        (_("Steps"), record.num_inference_steps),
        (_("Guidance"), None if record.guidance_scale is None else number_words.short(record.guidance_scale)),
        (_("Guidance rescale"), number_words.short(record.guidance_rescale) if record.guidance_rescale else None),
        (_("Clip skip"), record.clip_skip or None),
        (_("Drawn from"), PureWindowsPath(record.init_image).name),
        (_("Strength"), number_words.short(record.strength) if record.init_image else None),
        (_("Size"), size),
        (_("Fast, approximate"), ", ".join(fast_name(name) for name in record.fast)),
        (_("Device"), " · ".join(part for part in (record.device, record.precision) if part)),
    ]
    yield from ((name, str(value)) for name, value in rows if value not in (None, ""))
