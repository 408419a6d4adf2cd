"""The study job: draw every prompt with every model in every variant at the same seeds, score, compare, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, StudyJob, StudyModel, StudyVariant
from sketchdesk.contracts.text import _
from sketchdesk.engine import generate
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.drawing import Key, claim_folder, draw_missing, fingerprint
from sketchdesk.engine.evaluation.given_pictures import given
from sketchdesk.engine.evaluation.measuring import check_sources, judge, judge_settings, stages_of
from sketchdesk.engine.evaluation.outcome import (
    Outcome,
    drawing_settings,
    headline,
    made_with,
    result_numbers,
    section,
    summary_text,
)
from sketchdesk.engine.evaluation.parts import PartReporter
from sketchdesk.engine.evaluation.report import Report
from sketchdesk.engine.evaluation.results import write_results
from sketchdesk.engine.evaluation.scoring import Subject
from sketchdesk.engine.evaluation.study_file import study_of
from sketchdesk.engine.evaluation.summary import summarise
from sketchdesk.engine.evaluation.timing import time_models
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import Ranks, join, leave
from sketchdesk.library.evaluation.finding_words import model_name, variant_sentence
from sketchdesk.library.evaluation.findings import Pair
from sketchdesk.library.evaluation.studies import Study
from sketchdesk.library.evaluation.timings import Timings
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.wording.number_words import short

MANIFEST = "drawn-with.json"
_UNSAFE_IN_NAMES = '<>:"/\\|?*'


def run(job: StudyJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Do the study in its folder, going on with what is drawn there already.

    The result names study_json, scores_csv, summary_csv and report_html, holds the summary as text and each variant's
    numbers. Of several processes each draws and scores its share, and only the first returns a result. Raises
    Cancelled, which leaves what is drawn, and SketchDeskError: BAD_INPUT for a study that cannot be (see check), or
    whose folder holds pictures of other models or settings; or what drawing and scoring raise.
    """
    check(job)
    ranks, device = join(job.device)
    try:
        with ranks.first_alone():
            _claim(job, Path(job.out_dir))
        found = _measured(msgspec.structs.replace(job, device=device), reporter, ranks)
        return _write(job, *found) if ranks.is_first else {}
    finally:
        leave()


def _measured(job: StudyJob, reporter: Reporter, ranks: Ranks) -> tuple[Outcome, Placement]:
    """Draw, time and score; the job's device is this process's own."""
    ways = _ways(job)
    own = stages_of(job)
    timed = int(job.timing is not None)
    stages = 2 * len(ways) * len(job.models) + timed + own + 1
    drawn = _draw(job, ways, reporter, stages, ranks)
    generate.forget_models()
    with ranks.first_alone():  # the others stand still meanwhile
        timings = _times(job, ways, reporter, stages - own - 2, stages) if ranks.is_first else None
    pair = Pair(job.models[0].name, job.models[1].name)
    judged = judge(job, _subjects(job, drawn), reporter, stages - own - 1, stages, pair, ranks)
    reporter.stage("writing", stages - 1, stages)
    summaries = summarise(judged.scored, pair) if ranks.is_first else []
    return Outcome(job.variants, judged.scored, summaries, pair, judged.sets, timings), judged.placement


def check(job: StudyJob) -> None:
    """Raise SketchDeskError(BAD_INPUT) for a study with nothing to draw or nothing to compare."""
    names = [model.name for model in job.models]
    variants = [variant.name for variant in job.variants]
    problem = ""
    if not all(bool(model.model) != bool(model.images) for model in job.models):
        problem = _("Every model of a study is a model or a folder of pictures, and not both.")
    elif not job.prompts or not all(prompt.strip() for prompt in job.prompts):
        problem = _("A study needs prompts, none of them empty.")
    elif len(job.models) < 2:
        problem = _("A study compares at least two models.")
    elif not job.seeds or not job.variants or not job.metrics:
        problem = _("A study needs at least one seed, one variant and one metric.")
    elif len({_folder_name(name) for name in names}) < len(names):
        problem = _("Two models of the study have the same name.")
    elif len({_folder_name(name) for name in variants}) < len(variants):
        problem = _("Two variants of the study have the same name.")
    if problem:
        raise SketchDeskError(ErrorKind.BAD_INPUT, problem)
    check_sources(job)


def _claim(job: StudyJob, out: Path) -> None:
    """Write down the models and settings that decide the pictures; prompts and seeds may still be added."""
    settings = {
        "models": {model.name: _mark(model) for model in job.models},
        "variants": {variant.name: variant.generator_prefix for variant in job.variants},
        "negative_prompt": job.negative_prompt,
        "num_inference_steps": job.num_inference_steps,
        "guidance_scale": job.guidance_scale,
        "sampler": job.sampler,
        "size": [job.width, job.height],
    }
    refusal = _("“{folder}” holds a study of other models or settings; make a new study.").format(folder=out)
    claim_folder(out / MANIFEST, settings, refusal)


def _mark(model: StudyModel) -> list[object]:
    """Return what decides a model's pictures."""
    if model.images:
        return [model.images]
    found: list[object] = [fingerprint(resolve_model(model.model)), model.loras]
    own = [model.num_inference_steps, model.guidance_scale, model.sampler]
    return [*found, *own] if any(value is not None for value in own) else found


def _ways(job: StudyJob) -> dict[str, str]:
    """Return generator prefix → the name of the first variant that draws so, whose folder its pictures go to."""
    ways: dict[str, str] = {}
    for variant in job.variants:
        ways.setdefault(variant.generator_prefix, variant.name)
    return ways


def _draw(
    job: StudyJob, ways: dict[str, str], reporter: Reporter, stages: int, ranks: Ranks
) -> dict[tuple[str, str], dict[Key, Path]]:
    """Return (generator prefix, model) → (prompt, seed) → picture. One model after the other, so each loads once.

    Where a model has not all of them, that is told.
    """
    wanted = [(prompt, seed) for prompt in dict.fromkeys(job.prompts) for seed in dict.fromkeys(job.seeds)]
    drawn: dict[tuple[str, str], dict[Key, Path]] = {}
    for model in job.models:
        for prefix, variant in ways.items():
            if model.images:
                found = given(Path(model.images), job.prompts, job.seeds)
            else:
                part = PartReporter(reporter, 2 * len(drawn), stages)
                found = draw_missing(_drawing(job, model, prefix, variant), wanted, part, ranks)
            if len(found) < len(wanted):
                words = _("{model} has {found} of the study's {wanted} pictures; only those count.")
                words = words.format(model=model_name(model.name), found=len(found), wanted=len(wanted))
                reporter.notice(words, "warning")
            drawn[prefix, model.name] = found
            reporter.check_cancelled()
    return drawn


def _drawing(job: StudyJob, model: StudyModel, prefix: str, variant: str) -> GenerateJob:
    folder = Path(job.out_dir) / "images" / _folder_name(variant) / _folder_name(model.name)
    return GenerateJob(
        model=model.model,
        loras=model.loras,
        prompts=(),
        out_dir=str(folder),
        style_prefix=prefix,
        negative_prompt=job.negative_prompt,
        num_inference_steps=model.num_inference_steps or job.num_inference_steps,
        guidance_scale=job.guidance_scale if model.guidance_scale is None else model.guidance_scale,
        sampler=model.sampler or job.sampler,
        width=job.width,
        height=job.height,
        device=job.device,
        precision=job.precision,
        num_threads=job.num_threads,
    )


def _times(
    job: StudyJob, ways: dict[str, str], reporter: Reporter, stage: int, stages: int
) -> Timings | None:
    """Return how long the models that draw take, as the first variant draws; None where nothing is to be timed."""
    if job.timing is None:
        return None
    reporter.stage("timing", stage, stages)
    prefix, variant = next(iter(ways.items()))
    drawings = [(model.name, _drawing(job, model, prefix, variant)) for model in job.models if model.model]
    return time_models(job, job.timing, drawings, reporter)


def _folder_name(name: str) -> str:
    """Return a name that every system takes for a folder, and that leads nowhere else."""
    safe = "".join("-" if sign in _UNSAFE_IN_NAMES or not sign.isprintable() else sign for sign in name)
    return safe.strip(" .")[:80] or "unnamed"


def _subjects(job: StudyJob, drawn: dict[tuple[str, str], dict[Key, Path]]) -> list[Subject]:
    return [
        Subject(
            path=path,
            prompt=prompt,
            seed=seed,
            model=model.name,
            experiment=variant.name,
            scorer_prefix=variant.scorer_prefix,
        )
        for variant in job.variants
        for model in job.models
        for (prompt, seed), path in drawn[variant.generator_prefix, model.name].items()
    ]


def _write(job: StudyJob, outcome: Outcome, placement: Placement) -> dict[str, str | int | float | None]:
    study = study_of(job, job.title, job.variants, outcome.scored, outcome.summaries, outcome.pair, placement,
                     outcome.sets, outcome.timings)  # fmt: skip
    out, report = Path(job.out_dir), _report(job, outcome, study)
    written = write_results(out, outcome.scored, outcome.summaries, report, study, outcome.sets)
    return {"out": job.out_dir, **written, "summary": summary_text(outcome), **result_numbers(outcome)}


def _report(job: StudyJob, outcome: Outcome, study: Study) -> Report:
    return Report(
        title=_(job.title) if job.title else _("Study"),
        headline=headline(outcome),
        sections=[
            section(outcome, variant, _explained(variant, len(job.models)), findings=findings)
            for variant, findings in zip(job.variants, study.variants, strict=True)
        ],
        settings=_settings(job, outcome),
        pair=outcome.pair,
        footer=made_with(),
        job=job,
        timings=study.timings,
    )


def _explained(variant: StudyVariant, models: int) -> str:
    return variant_sentence(variant.generator_prefix, variant.scorer_prefix, models)


def _drawn_with(model: StudyModel) -> str:
    """Return the model's own name with its LoRAs and their weights, or the folder its pictures were taken from."""
    return " + ".join((model.model or model.images, *(f"{lora.path} × {short(lora.weight)}" for lora in model.loras)))


def _settings(job: StudyJob, outcome: Outcome) -> list[tuple[str, str]]:
    rows: Sequence[tuple[str, str]] = [
        *((model_name(model.name), _drawn_with(model)) for model in job.models),
        *drawing_settings(outcome.scored, job.seeds),
        (_("Negative prompt"), job.negative_prompt),
        *judge_settings(job),
    ]
    return [row for row in rows if row[1]]
