"""Which of the library's images a command is about: the gallery's filters as options."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import get_args

from sketchdesk.cli.console import Console
from sketchdesk.cli.fields import word_among
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.images.record import short_model
from sketchdesk.library.index.index import GalleryImage, ImageIndex, Query
from sketchdesk.library.index.query import Sort
from sketchdesk.library.progress import seldom

TELL_EVERY_S = 0.1


def add_filters(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("--search", default="", metavar="WORDS", help=_("words that the prompt must have"))
    parser.add_argument("--model", default="", metavar="NAME", help=_("only what this model drew"))
    parser.add_argument("--run", dest="of_run", default="", metavar="TITLE", help=_("only the images of this run"))
    parser.add_argument("--tag", default="", metavar="TAG", help=_("only images with this tag"))
    parser.add_argument("--starred", action="store_true", help=_("only images with a star"))
    parser.add_argument("--since", type=_day, metavar="DAY", help=_("the first day, as 2026-11-22"))
    parser.add_argument("--until", type=_day, metavar="DAY", help=_("the last day"))
    parser.add_argument("--min-score", type=_number, metavar="NUMBER", help=_("the least CLIP score"))
    parser.add_argument("--seed", type=_whole, metavar="NUMBER", help=_("only images of this seed"))
    parser.add_argument(
        "--sort", default="newest", type=word_among(get_args(Sort)), metavar="|".join(get_args(Sort)),
        help=_("in which order"),
    )  # fmt: skip
    parser.add_argument("--limit", type=_whole, metavar="NUMBER", help=_("at most so many, the first of the order"))


@contextmanager
def open_index(console: Console) -> Iterator[ImageIndex]:
    """Open the index, brought up to what is on disk."""
    from sketchdesk.library.paths import index_file
    from sketchdesk.library.settings import load_settings

    with ImageIndex(index_file(), load_settings().all_image_folders) as index:
        index.refresh(status(console, _("reading images")))
        yield index


def status(console: Console, doing: str) -> Callable[[int, int], None]:
    """Return a progress that draws a line on a terminal."""

    def tell(done: int, total: int) -> None:
        if console.is_terminal and total:
            console.status("" if done == total else f"{doing}  {done} / {total}")

    return seldom(tell, TELL_EVERY_S)


def chosen(options: Namespace, index: ImageIndex) -> list[GalleryImage]:
    """Return the images the options name. Raises SketchDeskError(BAD_INPUT) for a model, run or tag there is not."""
    models = [name for name, _count in index.models()]
    model = options.model
    if model and model not in models:
        model = next((name for name in models if short_model(name) == model), None)
        if model is None:
            raise _no_such(_("No image was drawn by “{name}”."), options.model)
    for name, known, message in (
        (options.of_run, index.runs, _("No image is of the run “{name}”.")),
        (options.tag, index.tags, _("No image has the tag “{name}”.")),
    ):
        if name and name.casefold() not in {one.casefold() for one, _count in known()}:
            raise _no_such(message, name)
    query = Query(
        text=options.search, model=model, run=options.of_run, tag=options.tag, starred=options.starred,
        since=options.since or "", until=options.until or "", min_score=options.min_score, seed=options.seed,
        sort=options.sort,
    )  # fmt: skip
    return index.images(index.ids(query)[: options.limit])


def _no_such(message: str, name: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.BAD_INPUT, message.format(name=name))


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _not(text, _("a day, as 2026-11-22")) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _not(text, _("a number")) from None


def _whole(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    raise _not(text, _("a whole number"))


def _not(text: str, wanted: str) -> ArgumentTypeError:
    return ArgumentTypeError(_("“{given}” is not {wanted}.").format(given=text, wanted=wanted))
