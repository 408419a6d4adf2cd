"""`sketchdesk evaluate`: score a folder of images against their prompts."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from pathlib import Path

import msgspec

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import choices_of, one_of, value_of
from sketchdesk.cli.generate import from_anywhere
from sketchdesk.cli.long_job import add_processes, help_along, is_helper, run_in
from sketchdesk.cli.parser import Parser, add_device, add_out
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, MetricSources, StudyJob
from sketchdesk.contracts.text import N_, _

FILE_KEYS = ("scores_csv", "summary_csv", "report_html", "study_json")
METRICS = choices_of(EvaluateJob, "metrics")
AT_FIRST = ("clip", "blip")
"""What is measured unless others are named."""

HELP = N_("score images with CLIP and caption them with BLIP")
DESCRIPTION = N_(
    "Score every image of a folder against its prompt. Without --prompts each image's own record says its prompt."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--images", metavar="DIR", help=_("the folder of images"))
    what.add_argument("--repeat", metavar="REPORT", help=_(
        "do again what a report.html, a study.json or a study's folder says, and compare the numbers"
    ))
    parser.add_argument("--prompts", metavar="FILE", help=_("a prompt list: .txt, .csv, .json or .jsonl"))
    parser.add_argument(
        "--metrics", type=metrics, default=AT_FIRST, metavar="LIST",
        help=_("what to measure, with commas between: {names}").format(names=", ".join(METRICS)),
    )  # fmt: skip
    for option, field, metavar, text in (
        ("--clip-model", "clip_model", "MODEL", _("the model that scores")),
        ("--blip-model", "blip_model", "MODEL", _("the model that captions")),
        ("--scorer-prefix", "scorer_prefix", "TEXT", _("words the scorer puts in front of every prompt")),
        ("--batch-size", "batch_size", "N", _("images scored together")),
    ):
        parser.add_argument(option, dest=field, metavar=metavar, type=value_of(EvaluateJob, field), help=text)
    for option, field, metavar, text in (
        ("--reference", "reference", "DIR", _("the real pictures, or the counterparts of the same names")),
        ("--training-set", "training_set", "DATASET", _("what the model was trained on")),
        ("--style", "style_prompt", "TEXT", _("the style in words")),
        ("--inception", "inception_weights", "FILE", _("the weights of the Inception network of 2015-12-05")),
        ("--pickscore-model", "pickscore_model", "MODEL", _("the PickScore model")),
        ("--hps-model", "hps_model", "MODEL", _("the HPS model")),
    ):
        parser.add_argument(option, dest=field, metavar=metavar, default="", help=text)
    parser.add_argument("--insist", action="store_true", help=_("show FID of fewer than 2,048 pictures too"))
    add_processes(parser)
    add_device(parser)
    add_out(parser, _("the folder for scores.csv, summary.csv and report.html"), required=True)


def metrics(text: str) -> tuple[str, ...]:
    """Read a list such as clip,blip."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [name for name in names if name not in METRICS]
    if unknown or not names:
        given = ", ".join(unknown)
        raise ArgumentTypeError(_("“{given}” is not {wanted}.").format(given=given, wanted=one_of(METRICS)))
    return names


def run(options: Namespace, console: Console) -> ExitCode:
    """Score, and answer with the files and the means."""
    from sketchdesk.cli.follow import follow, tell
    from sketchdesk.demo.dataset import with_drawn_dataset
    from sketchdesk.engine.session import run_job

    job = with_drawn_dataset(repeated_job(Path(options.repeat), options) if options.repeat else job_of(options))
    if (code := run_in(options.processes, options.arguments)) is not None:
        return code
    if is_helper(options):
        return help_along(job, console)
    ended, record = follow(lambda reporter: run_job(job, reporter), console)
    if ended.state != "done":
        return tell(ended, record, console)
    files = {key: ended.result[key] for key in FILE_KEYS if ended.result.get(key) is not None}
    summary = {key: value for key, value in ended.result.items() if key not in FILE_KEYS}
    for path in files.values():
        console.show(str(path))
    for name, value in summary.items():
        console.show(f"{name}  {value:.4f}" if isinstance(value, float) else f"{name}  {value}")
    told = _compared(Path(options.repeat), Path(job.out_dir), console) if options.repeat else {}
    console.answer({**files, "summary": summary, **told})
    return ExitCode.DONE


def repeated_job(report: Path, options: Namespace) -> StudyJob | EvaluateJob:
    """Return the job a report names, into the folder that is given. Raises SketchDeskError(BAD_INPUT)."""
    from sketchdesk.library.evaluation.study_repeat import job_of_report

    job = job_of_report(report.expanduser().resolve())
    out = Path(options.out).expanduser().resolve()
    if out == Path(job.out_dir):
        raise SketchDeskError(
            ErrorKind.BAD_INPUT, _("“{folder}” holds the study itself; choose another folder.").format(folder=out)
        )
    return msgspec.structs.replace(job, out_dir=str(out))


def _compared(report: Path, out: Path, console: Console) -> dict[str, int]:
    """Say whether the same numbers came out, where the old ones lie beside the report."""
    from sketchdesk.library.evaluation.studies import read_study
    from sketchdesk.library.evaluation.study_repeat import compared, study_beside

    before = study_beside(report.expanduser().resolve())
    if before is None:
        return {}
    found = compared(before, read_study(out))
    text = _("{same} of {all} pictures have the same numbers, to the last digit.")
    console.say(text.format(same=found.same, all=found.same + found.different + found.missing))
    return {"same": found.same, "different": found.different, "missing": found.missing}


def sources_of(options: Namespace) -> MetricSources:
    """Return what the options say that metrics compare with; what lies on this machine in full."""
    given = {name: getattr(options, name) for name in MetricSources.__struct_fields__}
    for name, value in given.items():
        if name not in ("style_prompt", "insist") and value and (place := Path(value).expanduser()).exists():
            given[name] = str(place.resolve())
    return MetricSources(**given)


def job_of(options: Namespace) -> EvaluateJob:
    """Return the job the options describe."""
    given = ("clip_model", "blip_model", "scorer_prefix", "batch_size")
    chosen = {name: getattr(options, name) for name in given if getattr(options, name) is not None}
    chosen |= {name: from_anywhere(chosen[name]) for name in given[:2] if name in chosen}
    return EvaluateJob(
        images_dir=str(Path(options.images).expanduser().resolve()),
        out_dir=str(Path(options.out).expanduser().resolve()),
        prompts_file=str(Path(options.prompts).expanduser().resolve()) if options.prompts else None,
        metrics=options.metrics,
        device=options.device,
        precision=options.precision,
        sources=sources_of(options),
        **chosen,
    )
