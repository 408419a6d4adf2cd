"""The main job: teach demo-base to sketch, draw the same prompts before and after, score both, and report.

It is the experiment of the Spanish report, start to end. Everything lies in one folder, and every part that is
finished there is not done again: the same call after a cancel or a crash goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, Precision, StudyJob, StudyVariant, TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.demo.dataset import with_drawn_dataset
from sketchdesk.demo.main_report import build_report, training_settings
from sketchdesk.demo.one_step import write_recipe
from sketchdesk.demo.vocabulary import STYLE_PREFIX
from sketchdesk.engine import generate
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.drawing import claim_folder, draw_missing, fingerprint
from sketchdesk.engine.evaluation.outcome import Outcome, drawing_settings, result_numbers, summary_text
from sketchdesk.engine.evaluation.placing import scoring_place
from sketchdesk.engine.evaluation.results import write_results
from sketchdesk.engine.evaluation.scoring import Subject, load_scorers, score_images
from sketchdesk.engine.evaluation.study_file import study_of
from sketchdesk.engine.evaluation.summary import summarise
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task as training
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED
from sketchdesk.library.evaluation.study_presets import REPORT_PROMPTS, REPORT_VARIANTS, preset_job
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.training.recipes import DEMO_SKETCH

_FOR_THE_WINDOW = ("model", "validation_steps", "validation_share")
TRAIN_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {name: value for name, value in DEMO_SKETCH.values.items() if name not in _FOR_THE_WINDOW}
)
"""The fine-tuning: the report's options that matter, at the demo's size; nothing held out, few looks in between."""

PROMPTS = REPORT_PROMPTS

MANIFEST, TRAINED = "main-job.json", "trained.json"


@dataclass(frozen=True)
class MainJobOptions:
    """What of the main job can be chosen; the defaults are the job of the report."""

    clip_model: str = "demo-clip"
    blip_model: str = "demo-blip"
    images_per_prompt: int = 6
    seed: int = 0
    """The images of a prompt take this seed and those after it."""
    num_inference_steps: int = 25
    guidance_scale: float | None = None
    """None takes the model's own."""
    train_settings: Mapping[str, Any] = field(default_factory=dict)
    """Fields of TrainJob to have otherwise than in TRAIN_SETTINGS."""
    device: str = "auto"
    precision: Precision = "auto"
    num_threads: int | None = None

    @property
    def seeds(self) -> range:
        """The seeds of every prompt, in both experiments and for both models."""
        return range(self.seed, self.seed + self.images_per_prompt)


def run_main_job(
    out: Path, reporter: Reporter, *, base: str = "demo-base", options: MainJobOptions | None = None
) -> dict[str, str | int | float | None]:
    """Do the main job in the folder `out`, going on with what is finished there.

    The result names study_json, scores_csv, summary_csv, report_html and one_step_toml (see demo.one_step), holds the
    printed summary as text, and the numbers of both experiments. Raises Cancelled, which leaves what is finished, and
    SketchDeskError: BAD_INPUT where `out` holds a main job with other settings, or what training, drawing and scoring
    raise.
    """
    options = options or MainJobOptions()
    out = out.expanduser().resolve()
    train_job = _train_job(out, base, options)
    _claim_folder(out, base, train_job, options)
    reporter.notice(_("Part 1 of 3: fine-tuning {model} on sketches.").format(model=base))
    models = {BASE_AND_TUNED.base: base, BASE_AND_TUNED.tuned: str(_tuned_model(out, train_job, reporter))}
    reporter.notice(_("Part 2 of 3: drawing the prompts with both models."))
    subjects = []
    for name, model in models.items():
        for experiment in REPORT_VARIANTS:
            folder = out / "images" / f"experiment-{experiment.name}" / name
            subjects += [
                Subject(
                    path=path, prompt=prompt, seed=seed, model=name, experiment=experiment.name,
                    scorer_prefix=STYLE_PREFIX,
                )
                for (prompt, seed), path in _draw(folder, model, experiment, options, reporter).items()
            ]
    generate.forget_models()
    reporter.notice(_("Part 3 of 3: scoring every picture."))
    outcome = _score(out, subjects, options, reporter)
    return _write(out, train_job, models, options, outcome)


def _train_job(out: Path, base: str, options: MainJobOptions) -> TrainJob:
    """Return the fine-tuning as a job. Raises SketchDeskError(BAD_INPUT) for a setting that training does not take."""
    fields = {
        **TRAIN_SETTINGS,
        "device": options.device,
        "precision": options.precision,
        "num_threads": options.num_threads,
        **options.train_settings,
        "model": base,
        "out_dir": str(out / "training"),
        "type": "train",
    }
    try:
        return msgspec.convert(fields, TrainJob)
    except msgspec.ValidationError as error:
        raise SketchDeskError(ErrorKind.BAD_INPUT, str(error)) from error


def _claim_folder(out: Path, base: str, train_job: TrainJob, options: MainJobOptions) -> None:
    """Write down the settings that decide the pictures. Raises BAD_INPUT where others were written before."""
    chosen = asdict(options) | {"train_settings": dict(options.train_settings)}
    for name in ("clip_model", "blip_model", "device", "precision", "num_threads"):
        chosen.pop(name)  # scores are always made anew, and where it is computed moves only the last bits
    anywhere = {"out_dir": "", "model": "", "device": "auto", "precision": "auto", "num_threads": None}
    settings = {
        **chosen,
        "base_model": fingerprint(resolve_model(base)),
        "training": msgspec.structs.replace(train_job, **anywhere),
        "experiments": [
            {"name": variant.name, "title": variant.title, "generator_prefix": variant.generator_prefix}
            for variant in REPORT_VARIANTS
        ],
        "prompts": PROMPTS,
    }
    refusal = _("“{folder}” holds a main job with other settings; choose another folder.").format(folder=out)
    claim_folder(out / MANIFEST, settings, refusal)


def _tuned_model(out: Path, job: TrainJob, reporter: Reporter) -> Path:
    """Return the tuned model's folder; train it, or the rest of it, where that is not finished."""
    model = out / "training" / "model"
    if (out / TRAINED).is_file() and (model / "model_index.json").is_file():
        reporter.notice(_("The fine-tuning is finished already."))
        return model
    job = with_drawn_dataset(job)
    try:
        result = training.run(msgspec.structs.replace(job, resume=True), reporter)
    except SketchDeskError as error:
        if error.kind is not ErrorKind.NOTHING_TO_RESUME:
            raise
        result = training.run(job, reporter)
    write_json(out / TRAINED, result)
    return model


def _draw(
    folder: Path, model: str, experiment: StudyVariant, options: MainJobOptions, reporter: Reporter
) -> dict[tuple[str, int], Path]:
    """Return (prompt, seed) → picture of one model in one experiment; what is missing is drawn."""
    job = GenerateJob(
        model=model,
        prompts=(),
        out_dir=str(folder),
        style_prefix=experiment.generator_prefix,
        num_inference_steps=options.num_inference_steps,
        guidance_scale=options.guidance_scale,
        device=options.device,
        precision=options.precision,
        num_threads=options.num_threads,
    )
    return draw_missing(job, [(prompt, seed) for _asked, prompt in PROMPTS for seed in options.seeds], reporter)


def _score(out: Path, subjects: list[Subject], options: MainJobOptions, reporter: Reporter) -> Outcome:
    """Score every picture against the style words and its prompt, in both experiments."""
    reporter.stage("loading", 0, 2)
    scorers = load_scorers(_placement(options), options.clip_model, options.blip_model)
    reporter.stage("scoring", 1, 2)
    scored = score_images(subjects, scorers, out, reporter)
    return Outcome(REPORT_VARIANTS, scored, summarise(scored))


def _placement(options: MainJobOptions) -> Placement:
    return scoring_place(options.device, options.precision, options.num_threads)


def _write(
    out: Path, train_job: TrainJob, models: Mapping[str, str], options: MainJobOptions, outcome: Outcome
) -> dict[str, str | int | float | None]:
    settings = [
        *training_settings(train_job),
        *drawing_settings(outcome.scored, options.seeds),
        (_("CLIP model"), _("{model}, reading “{prefix} …”").format(model=options.clip_model, prefix=STYLE_PREFIX)),
        (_("BLIP model"), options.blip_model),
    ]
    report = build_report(outcome, PROMPTS, STYLE_PREFIX, settings)
    asked = _as_study(out, models, options)
    study = study_of(
        asked, asked.title, asked.variants, outcome.scored, outcome.summaries, outcome.pair, _placement(options)
    )
    written = write_results(out, outcome.scored, outcome.summaries, report, study)
    written["one_step_toml"] = str(write_recipe(out, models[BASE_AND_TUNED.tuned]))
    return {"out": str(out), **written, "summary": summary_text(outcome), **result_numbers(outcome)}


def _as_study(out: Path, models: Mapping[str, str], options: MainJobOptions) -> StudyJob:
    """Return the drawing and scoring as the study that the window can show, and repeat."""
    return msgspec.structs.replace(
        preset_job("both", models[BASE_AND_TUNED.base], models[BASE_AND_TUNED.tuned]),
        out_dir=str(out),
        seeds=tuple(options.seeds),
        num_inference_steps=options.num_inference_steps,
        guidance_scale=options.guidance_scale,
        clip_model=options.clip_model,
        blip_model=options.blip_model,
        device=options.device,
        precision=options.precision,
        num_threads=options.num_threads,
    )
