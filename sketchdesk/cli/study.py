"""`sketchdesk study`: compare models as a configuration file says, or one of the studies that are built in."""

from __future__ import annotations

import shlex
from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import value_of
from sketchdesk.cli.generate import from_anywhere
from sketchdesk.cli.long_job import add_processes, help_along, is_helper, run_in
from sketchdesk.cli.parser import Parser, add_device, add_out
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import StudyJob
from sketchdesk.contracts.text import N_, _

FILE_KEYS = ("out", "study_json", "scores_csv", "summary_csv", "report_html")
OF_TWO = ("both", "experiment_1", "experiment_2", "same_seeds")
BUILT_IN = (*OF_TWO, "checkpoints", "captions", "few_steps")

HELP = N_("compare models: the same prompts at the same seeds, scored")
DESCRIPTION = N_(
    "Do the study of CONFIG.toml, or a built-in one: both, experiment_1, experiment_2 (the report's experiments), "
    "same_seeds (base against tuned), checkpoints (of a run), captions (a share of those a run held out, or of a data "
    "set), few-steps (a model or LoRA of few steps against a model of many: time, memory, score). What is "
    "drawn and scored already is not done again."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("what", metavar="CONFIG.toml|NAME", help=_("the settings of the study, or a built-in one"))
    parser.add_argument("--base", metavar="MODEL", type=from_anywhere, default="demo-base", help=_(
        "the model compared with"
    ))
    parser.add_argument("--tuned", metavar="MODEL", type=from_anywhere, help=_(
        "the model compared; your newest own unless given"
    ))
    parser.add_argument("--lora", metavar="FILE", type=from_anywhere, default="", help=_(
        "few-steps: the LoRA that makes the base draw in few steps"
    ))
    parser.add_argument("--run", metavar="DIR", dest="run_folder", help=_(
        "the output folder of a training; your newest one unless given"
    ))
    parser.add_argument("--dataset", metavar="DATASET", default="", help=_("where captions come from"))
    parser.add_argument("--captions", metavar="N", type=int, help=_("how many captions are drawn"))
    parser.add_argument("--seeds", metavar="SEEDS", help=_("seeds of every prompt, like 0-5 or 1, 7, 9"))
    parser.add_argument("--steps", metavar="N", type=value_of(StudyJob, "num_inference_steps"), help=_(
        "denoising steps of every picture"
    ))
    add_processes(parser)
    add_device(parser)
    add_out(parser, _("the study's folder; the file's own, or a new one in the data folder, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Do the study, print its summary and answer with its files."""
    from sketchdesk.cli.follow import follow_run, tell
    from sketchdesk.demo.dataset import with_drawn_dataset
    from sketchdesk.library.evaluation.study_tables import LATEX, MARKDOWN, PARQUET, TIMES_PARQUET, export_table

    job = with_drawn_dataset(job_of(options))
    if (code := run_in(options.processes, [*options.arguments, "--out", job.out_dir])) is not None:
        return code
    if is_helper(options):
        return help_along(job, console)
    console.say(_("The pictures, scores and report go to {folder}.").format(folder=job.out_dir))
    ended, record = follow_run(job, console)
    if ended.state != "done":
        code = tell(ended, record, console, out=job.out_dir)
        command = shlex.join(["sketchdesk", *options.arguments, *([] if options.out else ["--out", job.out_dir])])
        console.say(_("What is finished there is not done again: {command}").format(command=command))
        return code
    for name in (MARKDOWN, LATEX, PARQUET, *([TIMES_PARQUET] if job.timing else [])):
        export_table(Path(job.out_dir), name, Path(job.out_dir) / name)
    summary = {key: value for key, value in ended.result.items() if key not in FILE_KEYS}
    console.show(str(summary.get("summary", "")))
    console.answer({**{key: ended.result.get(key) for key in FILE_KEYS}, "summary": summary})
    return ExitCode.DONE


def job_of(options: Namespace) -> StudyJob:
    """Return the study the options describe. Raises SketchDeskError(BAD_INPUT)."""
    import msgspec

    from sketchdesk.library.evaluation.studies import new_study_folder
    from sketchdesk.library.evaluation.study_config import read_study_job

    out = Path(options.out).expanduser().resolve() if options.out else None
    changes: dict[str, object] = {}
    if options.what.replace("-", "_") in BUILT_IN:
        job = _built_in(options)
        changes["out_dir"] = str(out or new_study_folder(job.title))
    else:
        job = read_study_job(Path(options.what).expanduser(), out)
    if options.device != "auto":
        changes["device"] = options.device
    if options.precision != "auto":
        changes["precision"] = options.precision
    if options.steps is not None and job.timing is None:  # a few-step model's own, in few-steps
        changes["num_inference_steps"] = options.steps
    if options.seeds:
        changes["seeds"] = _seeds(options.seeds)
    return msgspec.structs.replace(job, **changes)


def _built_in(options: Namespace) -> StudyJob:
    from sketchdesk.library.evaluation.study_making import (
        CAPTIONS,
        captions_study,
        checkpoints_study,
        newest_training,
    )
    from sketchdesk.library.evaluation.study_presets import preset_job

    captions = CAPTIONS if options.captions is None else max(1, options.captions)
    run_folder = Path(options.run_folder).expanduser().resolve() if options.run_folder else None
    match options.what.replace("-", "_"):
        case "checkpoints":
            return checkpoints_study(run_folder or newest_training(), captions)
        case "captions":
            folder = run_folder or (None if options.dataset else newest_training())
            return captions_study(options.base, _tuned(options), folder, options.dataset, captions)
        case "few_steps":
            return _few_steps(options)
        case name:
            return preset_job(name, options.base, _tuned(options))


def _few_steps(options: Namespace) -> StudyJob:
    """Return the comparison of the model or LoRA that is named, or of what there is; --steps are the few ones."""
    from sketchdesk.contracts.jobs import LoraUse, StudyModel
    from sketchdesk.library.evaluation.study_making import FEW, few_steps_study, newest_few_steps_study
    from sketchdesk.library.models.few_steps import few_steps_of

    if options.lora:
        found = few_steps_of(options.lora)
        few = StudyModel(
            name=FEW, model=options.tuned or options.base, loras=(LoraUse(path=options.lora),),
            sampler=found.sampler if found else None, guidance_scale=found.guidance_scale if found else None,
            num_inference_steps=found.num_inference_steps if found else None,
        )  # fmt: skip
        return few_steps_study(options.base, few, options.steps)
    if options.tuned:
        return few_steps_study(options.base, str(options.tuned), options.steps)
    return newest_few_steps_study()


def _tuned(options: Namespace) -> str:
    from sketchdesk.library.evaluation.studies import newest_tuned
    from sketchdesk.library.models.installed import list_models

    if options.tuned:
        return str(options.tuned)
    found = newest_tuned(list_models())
    if found is None:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is no tuned model yet to compare; name one with --tuned."))
    return found.name


def _seeds(text: str) -> tuple[int, ...]:
    from sketchdesk.library.prompts.seeds import parse_seeds

    return tuple(seed for run in parse_seeds(text) for seed in run)
