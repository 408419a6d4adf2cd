"""A page for the browser: one file with all images in it, to look through and to filter; it asks nothing of the web."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from urllib.parse import quote

from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.export.folder import copy_file
from sketchdesk.library.export.names import file_names
from sketchdesk.library.export.outcome import Exported, check_any, check_some_left, no_progress
from sketchdesk.library.export.page_parts import SCRIPT, STYLE
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.images.pictures import read_picture
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.models.samplers import display_name
from sketchdesk.library.progress import Progress
from sketchdesk.library.wording import number_words
from sketchdesk.library.wording.markup import Markup, element

THUMBNAIL_PX = 320


def export_page(
    images: Sequence[GalleryImage], target: Path, progress: Progress = no_progress, title: str = "",
    originals: bool = False,
) -> Exported:  # fmt: skip
    """Write the page `target`, whole or not at all; the images are in it, at most THUMBNAIL_PX wide and high.

    With `originals` the image files are copied into a folder beside it, and the page leads to them. Raises
    SketchDeskError: BAD_INPUT (no images, none readable), DISK_FULL, NOT_WRITABLE.
    """
    check_any(images)
    folder = target.with_name(f"{target.stem}-images")
    shown: list[GalleryImage] = []
    cards: list[Markup] = []
    copies: list[Path] = []
    left_out: list[Path] = []
    for number, (image, name) in enumerate(zip(images, file_names(images), strict=True), start=1):
        try:
            picture = _inline(image)
            copies += [_copy(image, folder, name)] if originals else []
        except _Unreadable:
            left_out.append(image.path)
        else:
            link = f"{quote(folder.name)}/{quote(copies[-1].name)}" if originals else None
            cards.append(_card(image, picture, link))
            shown.append(image)
        progress(number, len(images))
    check_some_left(images, left_out)
    write_text(target, "<!doctype html>\n" + _page(title or _("Images"), cards, shown) + "\n")
    return Exported(target=target, files=(target, *copies), images=len(cards), left_out=tuple(left_out))


class _Unreadable(Exception):  # noqa: N818 - an image that is left out is no error
    """This image is gone or broken."""


def _inline(image: GalleryImage) -> Markup:
    """Return the picture inside the page, in the smaller of two formats. Raises _Unreadable."""
    try:
        picture = read_picture(image.path, THUMBNAIL_PX)
    except SketchDeskError as error:
        raise _Unreadable from error
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


def _copy(image: GalleryImage, folder: Path, name: str) -> Path:
    try:
        return copy_file(image.path, folder, name)
    except OSError as error:
        raise _Unreadable from error


def _card(image: GalleryImage, picture: Markup, link: str | None) -> Markup:
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
    if image.run:
        yield _("Run"), image.run


def _settings(record: ImageRecord) -> Iterator[tuple[str, str]]:
    size = _("{width} × {height}").format(width=record.width, height=record.height)
    rows: list[tuple[str, object]] = [
        (_("Style prefix"), record.style_prefix),
        (_("Style suffix"), record.style_suffix),
        (_("Negative prompt"), record.negative_prompt),
        (_("Model"), record.model_label),
        (_("Seed"), record.seed),
        (_("Sampler"), display_name(record.sampler)),
        (_("Steps"), record.num_inference_steps),
        (_("Guidance"), None if record.guidance_scale is None else number_words.short(record.guidance_scale)),
        (_("Guidance rescale"), number_words.short(record.guidance_rescale) if record.guidance_rescale else None),
        (_("Clip skip"), record.clip_skip or None),
        (_("Drawn from"), PureWindowsPath(record.init_image).name),
        (_("Strength"), number_words.short(record.strength) if record.init_image else None),
        (_("Size"), size),
        (_("Device"), " · ".join(part for part in (record.device, record.precision) if part)),
    ]
    yield from ((name, str(value)) for name, value in rows if value not in (None, ""))


def _page(title: str, cards: Sequence[Markup], images: Sequence[GalleryImage]) -> Markup:
    script = Markup(SCRIPT)
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    count = ngettext("{count} image", "{count} images", len(cards)).format(count=len(cards))
    header = element(
        "header",
        element("p", "SketchDesk", class_="brand"),
        element("h1", title),
        _filters(images),
        element("p", count, class_="count", id="count", data_some=_("{shown} of {total}"), data_all=count),
    )
    none = element("p", _("No image fits the filter."), id="none", hidden="")
    body = element("body", header, element("main", *cards, id="images"), none, element("script", script))
    language = _("en")  # translators: the code of your language
    return element("html", head, body, lang=language)


def _filters(images: Sequence[GalleryImage]) -> Markup:
    """Return the controls, which show when the page's script runs."""
    models = sorted({short_model(image.record.model_label) for image in images if image.record and image.record.model})
    orders = [element("option", _("In the order of the gallery"), value="")]
    orders.append(element("option", _("Best score first"), value="score"))
    return element(
        "form",
        element("input", type="search", id="text", placeholder=_("Search prompts…"), aria_label=_("Search prompts")),
        _choice("model", _("Model"), [element("option", _("All models"), value=""), *_options(models)])
        if len(models) > 1
        else "",
        _choice("order", _("Order"), orders) if any("cosine" in image.scores for image in images) else "",
        id="filters",
        hidden="",
    )


def _choice(name: str, label: str, options: Iterable[Markup]) -> Markup:
    return element("select", *options, id=name, aria_label=label)


def _options(values: Iterable[str]) -> list[Markup]:
    return [element("option", value, value=value) for value in values]
