"""`sketchdesk dataset check`: every flaw of a data set, with its reason and what happens to the picture."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

import msgspec

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import value_of
from sketchdesk.cli.parser import Parser
from sketchdesk.cli.progress import bytes_text
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.progress import seldom

HELP = N_("list what is in a data set, and every flaw")
DESCRIPTION = N_(
    "Look at every picture and caption of a data set: a folder or a file in any layout that training reads, a set of "
    "the hub, or one of the demo's. Nothing of it is changed."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", metavar="PATH", help=_("the data set, as a training names it"))
    parser.add_argument("--model", help=_("the model to be trained, whose tokenizer counts; CLIP's unless given"))
    parser.add_argument("--resolution", type=value_of(TrainJob, "resolution"), metavar="PIXELS", help=_(
        "the side it will be trained at; the model's own unless given"
    ))
    parser.add_argument("--image-column", default="image", metavar="NAME", help=_("where a table keeps its pictures"))
    parser.add_argument("--caption-column", default="text", metavar="NAME", help=_("where a table keeps its captions"))
    parser.add_argument("--streaming", action="store_true", help=_("keep nothing of a set of the hub"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Look, and answer with everything that was found. Flaws are no failure: training copes with them."""
    from sketchdesk.cli.dataset.telling import told
    from sketchdesk.demo.dataset import drawn_dataset
    from sketchdesk.library.dataset.check import inspect
    from sketchdesk.library.dataset.sources import open_source
    from sketchdesk.library.dataset.token_counts import TokenCounter
    from sketchdesk.library.models.facts import model_facts
    from sketchdesk.library.models.installed import resolve_model

    name = str(drawn_dataset(options.path) or options.path)
    source = open_source(name, options.image_column, options.caption_column, options.streaming, _Listener(console))
    model = resolve_model(options.model) if options.model else None
    resolution = options.resolution or (model_facts(model).sample_size_px if model else None)
    counter = TokenCounter.of(model) if model else TokenCounter.of_clip()
    report = inspect(source, resolution, counter, _teller(console))
    if console.is_terminal:
        console.status("")
    for line in told(report):
        console.show(line)
    console.answer(msgspec.to_builtins(report))
    return ExitCode.DONE


def _teller(console: Console) -> Callable[[int, int | None], None]:
    def tell(done: int, total: int | None) -> None:
        if console.is_terminal:
            console.status(f"{_('checking')}  {done}/{total}" if total else f"{_('checking')}  {done}")

    return tell


class _Listener:
    """Shows how the download of a set of the hub goes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tell = seldom(self._show)

    def stage(self, name: str, index: int = 0, total: int = 1) -> None:
        """Say nothing: the bytes do."""

    def bytes_done(self, done: int, total: int) -> None:
        """Show how far it is, where somebody looks."""
        self._tell(done, total)

    def notice(self, message: str) -> None:
        """Say it."""
        self._console.say(message)

    def check(self) -> None:
        """Go on: Ctrl+C ends it by itself."""

    def _show(self, done: int, total: int) -> None:
        if self._console.is_terminal:
            self._console.status(f"{_('downloading')}  {bytes_text(done, total)}")
