"""`sketchdesk models import`: list a model of this computer, as a copy or where it lies. The source is only read."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.events import JobEnded, StepDone
from sketchdesk.contracts.text import N_, _
from sketchdesk.engine.reporter import Reporter

HELP = N_("add a model folder or file of this computer")
DESCRIPTION = N_(
    "Copy a model folder or a .safetensors file into the data folder, or list it where it lies. The source stays as it "
    "is."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", metavar="PATH", help=_("a model folder, or a .safetensors file"))
    parser.add_argument("--link", action="store_true", help=_("do not copy it: use it where it lies"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Add it, and answer with where it is."""
    from sketchdesk.library.models.installed import check_model

    source = Path(options.source).expanduser().resolve()
    if options.link:
        check_model(source)
        link(source)
        made = source
    else:
        from sketchdesk.cli.follow import follow, tell

        ended, record = follow(lambda reporter: copy(source, reporter), console)
        if ended.state != "done":
            return tell(ended, record, console)
        made = Path(str(ended.result["output"]))
    console.show(str(made))
    console.answer({"output": str(made), "linked": bool(options.link)})
    return ExitCode.DONE


def link(source: Path) -> None:
    """Remember where a model lies. Raises SketchDeskError where the settings cannot be saved."""
    from sketchdesk.library.settings import change_settings, with_model

    change_settings(lambda settings: with_model(settings, str(source)))


def copy(source: Path, reporter: Reporter) -> JobEnded:
    """Copy a model with progress; whatever happens, what comes out is a JobEnded."""
    from sketchdesk.engine.reporter import Cancelled
    from sketchdesk.engine.session import ended_by
    from sketchdesk.library.models.own_models import CopyCancelledError, copy_model

    def tell(fraction: float) -> None:
        reporter.emit(StepDone(step=round(fraction * 100), total=100))

    def is_cancelled() -> bool:
        try:
            reporter.check_cancelled()
        except Cancelled:
            return True
        return False

    try:
        reporter.stage("copying")
        ended = JobEnded(state="done", result={"output": str(copy_model(source, tell, is_cancelled))})
    except CopyCancelledError:
        ended = JobEnded(state="canceled", message=_("The copy was canceled; nothing of it is left."))
    except BaseException as error:  # noqa: BLE001 - every exception becomes the job's end, as in the engine
        ended = ended_by(error)
    reporter.emit(ended)
    return ended
