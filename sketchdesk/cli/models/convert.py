"""`sketchdesk models convert`: an old kind of weight file, as safetensors among the data folder's models."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.jobs import ConvertJob
from sketchdesk.contracts.text import N_, _

HELP = N_("write a .ckpt, .bin or .pt file as safetensors")
DESCRIPTION = N_(
    "Read a pickled weight file without running what it holds, and write it as safetensors into the data folder. The "
    "source stays as it is; one that would run code is refused."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("source", metavar="FILE", help=_("the file: a model, a LoRA or a learnt word"))
    parser.add_argument("--name", default="", metavar="NAME", help=_("what to call it; as the file unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Convert it, and answer with where the new file is."""
    from sketchdesk.cli.follow import follow, tell
    from sketchdesk.engine.session import run_job

    job = ConvertJob(path=str(Path(options.source).expanduser().resolve()), name=options.name)
    ended, record = follow(lambda reporter: run_job(job, reporter), console)
    if ended.state != "done":
        return tell(ended, record, console)
    console.show(str(ended.result["output"]))
    console.answer({"output": ended.result["output"]})
    return ExitCode.DONE
