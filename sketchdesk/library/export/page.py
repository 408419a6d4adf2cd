"""A page for the browser: one file with all images in it, to look through and to filter; it asks nothing of the web.

Of very many images it is several pages that lead to one another. An image is written as soon as it is read, so that
ten thousand take no more memory than one.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO
from urllib.parse import quote

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.export.names import file_names
from sketchdesk.library.export.outcome import Exported, check_any, check_some_left, no_progress
from sketchdesk.library.export.page_card import Unreadable, card, copied, inline
from sketchdesk.library.export.page_parts import SCRIPT, STYLE
from sketchdesk.library.files.atomic import replacing, sync
from sketchdesk.library.images.record import short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress
from sketchdesk.library.wording.markup import Markup, element

PAGE_IMAGES = 2_000
"""More become several pages: a browser holds all pictures of a page."""
_CARDS = Markup("<!-- cards -->")


def export_page(
    images: Sequence[GalleryImage], target: Path, progress: Progress = no_progress, title: str = "",
    originals: bool = False,
) -> Exported:  # fmt: skip
    """Write the page `target`, whole or not at all; the images are in it, at most THUMBNAIL_PX wide and high.

    Pages after the first PAGE_IMAGES images lie in a new folder beside it. With `originals` the image files are copied
    into another, and the pages lead to them. Raises SketchDeskError: BAD_INPUT (no images, none readable), DISK_FULL,
    NOT_WRITABLE.
    """
    check_any(images)
    folder = target.with_name(f"{target.stem}-images") if originals else None
    names = file_names(images)
    copies: list[Path] = []
    left_out: list[Path] = []
    with _pages(target, -(-len(images) // PAGE_IMAGES)) as pages:
        for page in pages:
            first = page.number * PAGE_IMAGES
            with tempfile.TemporaryFile(dir=target.parent) as cards:
                for place in range(first, min(first + PAGE_IMAGES, len(images))):
                    image = images[place]
                    try:
                        picture = inline(image)
                        copies += [copied(image, folder, names[place])] if folder else []
                    except Unreadable:
                        left_out.append(image.path)
                    else:
                        cards.write(_bytes(card(image, picture, page.link(copies[-1]) if folder else None)))
                        page.note(image)
                    progress(place + 1, len(images))
                page.write(title or _("Images"), pages, cards)
        check_some_left(images, left_out)
    files = (*(page.place for page in pages), *copies)
    return Exported(target=target, files=files, images=len(images) - len(left_out), left_out=tuple(left_out))


@dataclass
class _Page:
    """One page: where it will be, where it is written until then, and what its filters must know."""

    number: int
    place: Path
    written: Path
    count: int = 0
    models: set[str] = field(default_factory=set)
    is_scored: bool = False

    def note(self, image: GalleryImage) -> None:
        """Take in an image that is on the page."""
        self.count += 1
        if image.record and image.record.model:
            self.models.add(short_model(image.record.model_label))
        self.is_scored = self.is_scored or "cosine" in image.scores

    def link(self, place: Path) -> str:
        """Return the address of another file as this page names it."""
        return quote(os.fsencode(Path(os.path.relpath(place, self.place.parent)).as_posix()))

    def write(self, title: str, pages: Sequence[_Page], cards: IO[bytes]) -> None:
        """Write the page around the cards."""
        before, _mark, after = _bytes(_page(title, self, pages)).partition(_bytes(_CARDS))
        cards.seek(0)
        with self.written.open("wb") as file:
            file.write(b"<!doctype html>\n" + before)
            shutil.copyfileobj(cards, file)
            file.write(after + b"\n")


@contextmanager
def _pages(target: Path, number: int) -> Iterator[list[_Page]]:
    """Yield so many pages to write: the first is put at `target`, the others into a new folder, all of them or none."""
    folder: Path | None = None
    try:
        with replacing(target) as first:
            pages = [_Page(0, target, first)]
            if number > 1:
                folder = _new_folder(target.with_name(f"{target.stem}-pages"))
                places = (folder / f"page-{place + 1}.html" for place in range(1, number))
                pages += [_Page(place, path, path) for place, path in enumerate(places, start=1)]
            yield pages
            sync(page.written for page in pages)
    except BaseException:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _new_folder(wanted: Path) -> Path:
    """Make a folder of that name, or with a number where it is taken."""
    names = (wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}") for number in count(1))
    while True:
        folder = next(names)
        with suppress(FileExistsError):
            folder.mkdir()
            return folder


def _bytes(markup: Markup) -> bytes:
    """Return markup in UTF-8; a file's name may be no text."""
    return markup.encode(errors="backslashreplace")


def _page(title: str, page: _Page, pages: Sequence[_Page]) -> Markup:
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
    total = ngettext("{count} image", "{count} images", page.count).format(count=page.count)
    header = element(
        "header",
        element("p", "SketchDesk", class_="brand"),
        element("h1", title),
        _ways(page, pages),
        _filters(page),
        element("p", total, class_="count", id="count", data_some=_("{shown} of {total}"), data_all=total),
    )
    none = element("p", _("No image fits the filter."), id="none", hidden="")
    footer = element("footer", _ways(page, pages))
    body = element("body", header, element("main", _CARDS, id="images"), none, footer, element("script", script))
    language = _("en")  # translators: the code of your language
    return element("html", head, body, lang=language)


def _ways(page: _Page, pages: Sequence[_Page]) -> Markup:
    """Return the links to the other pages, "" where there is none."""
    if len(pages) == 1:
        return Markup("")
    links = (
        element("b", str(other.number + 1), aria_current="page") if other is page
        else element("a", str(other.number + 1), href=page.link(other.place))
        for other in pages
    )  # fmt: skip
    return element("nav", *links, aria_label=_("Pages"))


def _filters(page: _Page) -> Markup:
    """Return the controls, which show when the page's script runs."""
    models = sorted(page.models)
    orders = [element("option", _("In the order of the gallery"), value="")]
    orders.append(element("option", _("Best score first"), value="score"))
    return element(
        "form",
        element("input", type="search", id="text", placeholder=_("Search prompts…"), aria_label=_("Search prompts")),
        _choice("model", _("Model"), [element("option", _("All models"), value=""), *_options(models)])
        if len(models) > 1
        else "",
        _choice("order", _("Order"), orders) if page.is_scored else "",
        id="filters",
        hidden="",
    )


def _choice(name: str, label: str, options: Iterable[Markup]) -> Markup:
    return element("select", *options, id=name, aria_label=label)


def _options(names: Iterable[str]) -> list[Markup]:
    return [element("option", name, value=name) for name in names]
