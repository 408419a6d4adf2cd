"""`sketchdesk demo build`: train one of the demo's models again, going on from where it was stopped."""

from __future__ import annotations

import contextlib
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import CANCELED_KIND, ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.text import N_, _

RECIPES = ("autoencoder", "base", "tiny-decoder", "clip", "blip", "reward-clip", "flow")
"""The modules of sketchdesk.demo that build a model, with - for _."""

HELP = N_("train one of the demo's models again")
DESCRIPTION = N_(
    "Train a model of the demo project by its recipe. Checkpoints are kept in the folder: run it again to go on."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "recipe", choices=RECIPES, help=_("base needs the autoencoder and trains it if it is not there")
    )
    parser.add_argument(
        "--folder", metavar="DIR", help=_("for checkpoints and models; in the data folder unless given")
    )


def run(options: Namespace, console: Console) -> ExitCode:
    """Train, and answer with the folder of the finished model."""
    from sketchdesk.library.paths import home, models_dir

    work = Path(options.folder).expanduser().resolve() if options.folder else home() / "demo-build"
    console.say(_("Working in {folder}; stop with Ctrl+C and run again to go on.").format(folder=work))
    try:
        with _ended_by_terminate(), contextlib.redirect_stdout(sys.stderr):
            recipe = import_module(f"sketchdesk.demo.{options.recipe.replace('-', '_')}")
            models = work / "models" if options.folder else models_dir()
            # The autoencoder is a part of demo-base and stays in the working folder.
            folders = (work,) if options.recipe == "autoencoder" else (work, models)
            built: Path = recipe.build(*folders, console.say)
    except KeyboardInterrupt:
        kept = _("Checkpoints are kept in {folder}; run the command again to go on.").format(folder=work)
        console.fail(CANCELED_KIND, _("Canceled."), kept, folder=str(work))
        return ExitCode.CANCELED
    console.show(str(built))
    console.answer({"recipe": options.recipe, "output": str(built)})
    return ExitCode.DONE


@contextlib.contextmanager
def _ended_by_terminate() -> Iterator[None]:
    """Make SIGTERM stop the training as Ctrl+C does."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
