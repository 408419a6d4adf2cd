"""`sketchdesk models download`: fetch a model from the hub, or go on with a download that was stopped."""

from __future__ import annotations

import shlex
from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import choices_of, value_of
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.text import N_, _

ANSWER_KEYS = ("output", "repo", "commit", "bytes")

HELP = N_("fetch a model from the hub")
DESCRIPTION = N_(
    "Fetch a model from the hub into the data folder. What was stopped goes on where it was: run the command again."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("repo", metavar="OWNER/MODEL", help=_(
        "its name on the hub, or the address of its page or of one of its files; known mirrors are tried after it"
    ))
    parser.add_argument(
        "--mirror", action="append", default=[], dest="mirrors", metavar="OWNER/MODEL",
        help=_("where else to look; repeatable, tried in this order"),
    )  # fmt: skip
    parser.add_argument("--revision", default="main", metavar="NAME", help=_("a branch, a tag or a commit"))
    parser.add_argument(
        "--weights", default="fp32", type=value_of(DownloadJob, "weights"),
        metavar="|".join(choices_of(DownloadJob, "weights")),
        help=_("which weights to take where there are both; fp16 is half the size"),
    )  # fmt: skip
    parser.add_argument("--file", default="", metavar="PATH", help=_("only this .safetensors file of the repository"))
    parser.add_argument("--name", default="", metavar="NAME", help=_("what to call it here"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Fetch, and answer with where the model is."""
    from sketchdesk.cli.follow import follow_run, tell
    from sketchdesk.library.runs.runs import NETWORK_LANE

    job = job_of(options)
    ended, record = follow_run(job, console, NETWORK_LANE)
    if ended.state != "done":
        code = tell(ended, record, console)
        if ended.state == "canceled":
            console.say(_("What has arrived is kept; to go on: {command}").format(command=command_of(options)))
        return code
    console.show(str(ended.result.get("output")))
    console.answer({key: ended.result.get(key) for key in ANSWER_KEYS})
    return ExitCode.DONE


def command_of(options: Namespace) -> str:
    """Return the command that asks for the same again."""
    words = ["sketchdesk", "models", "download", options.repo]
    for mirror in options.mirrors:
        words += ["--mirror", mirror]
    for name, usual in (("revision", "main"), ("weights", "fp32"), ("file", ""), ("name", "")):
        chosen = getattr(options, name)
        words += [f"--{name}", chosen] if chosen != usual else []
    return shlex.join(words)


def job_of(options: Namespace) -> DownloadJob:
    """Return the job the options describe."""
    from sketchdesk.library.hub.known import HubPlace, hub_place, job_for

    place = hub_place(options.repo) or HubPlace(repo=options.repo)  # the hub says what is wrong with it
    revision = options.revision if options.revision != "main" else place.revision
    job = job_for(place.repo, options.weights, options.file or place.file, options.name, revision)
    if not options.mirrors:
        return job
    repos = tuple(dict.fromkeys((place.repo, *options.mirrors)))
    return DownloadJob(
        repos=repos, revision=job.revision, weights=job.weights, file=job.file, name=job.name
    )
