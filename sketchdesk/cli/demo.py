"""`sketchdesk demo`: the main job from start to end, and `demo build`, which trains the demo's models again."""

from __future__ import annotations

import shlex
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from sketchdesk.cli import build
from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser, add_commands, add_out
from sketchdesk.contracts.events import JobEnded
from sketchdesk.contracts.text import N_, _
from sketchdesk.engine.reporter import Reporter

FILE_KEYS = ("out", "scores_csv", "summary_csv", "report_html", "study_json", "one_step_toml")

HELP = N_("teach the demo model to sketch, and measure it")
DESCRIPTION = N_(
    "Fine-tune the demo model to a black-and-white sketch style, draw the same prompts before and after, score and "
    "caption every picture, and write a report."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_out(parser, _("the folder for pictures, scores and report; a new one in the data folder unless given"))
    add_commands(parser, {"build": build}, required=False)


def run(options: Namespace, console: Console) -> ExitCode:
    """Do the main job, print its summary and answer with its files."""
    from sketchdesk.cli.follow import follow, tell
    from sketchdesk.library.files.atomic import disk_errors

    out = Path(options.out).expanduser().resolve() if options.out else new_folder()
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    console.say(_("The pictures, scores and report go to {folder}.").format(folder=out))
    ended, record = follow(lambda reporter: main_job(out, reporter), console, out)
    if ended.state != "done":
        code = tell(ended, record, console, out=str(out))
        command = shlex.join(["sketchdesk", "demo", "--out", str(out)])
        console.say(_("What is finished there is not done again: {command}").format(command=command))
        return code
    files = {key: ended.result.get(key) for key in FILE_KEYS}
    summary = {key: value for key, value in ended.result.items() if key not in FILE_KEYS}
    console.show(str(summary.get("summary", "")))
    console.show(str(files["report_html"]))
    command = shlex.join(["sketchdesk", "distill", str(files["one_step_toml"]), "--out", str(out / "one-step")])
    console.say(_("To have the tuned model draw in one step: {command}").format(command=command))
    console.answer({**files, "summary": summary})
    return ExitCode.DONE


def main_job(out: Path, reporter: Reporter) -> JobEnded:
    """Run the demo's main job; whatever happens in it, what comes out is a JobEnded."""
    from sketchdesk.engine.session import ended_by

    try:
        from sketchdesk.demo.main_job import run_main_job

        ended = JobEnded(state="done", result=run_main_job(out, reporter))
    except BaseException as error:  # noqa: BLE001 - every exception becomes the job's end, as in the engine
        ended = ended_by(error)
    reporter.emit(ended)
    return ended


def new_folder() -> Path:
    """Return a folder of the data folder named after this second."""
    from sketchdesk.library.paths import home

    return home() / "demo" / datetime.now().strftime("%Y-%m-%d-%H%M%S")
