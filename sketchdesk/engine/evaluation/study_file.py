"""From what was measured to study.json, which the window shows."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk import __version__
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob, StudyVariant
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.leaderboard import leaderboard
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.summary import MetricSummary, called_drawings, is_called_drawing
from sketchdesk.library.evaluation.findings import Comparison, Pair, SetScore, Standing
from sketchdesk.library.evaluation.metric_catalogue import VALUES
from sketchdesk.library.evaluation.studies import ModelFindings, Study, StudyImage, VariantFindings, now
from sketchdesk.library.evaluation.timings import Timings


def study_of(
    job: StudyJob | EvaluateJob,
    title: str,
    variants: Sequence[StudyVariant],
    scored: Sequence[Scored],
    summaries: Sequence[MetricSummary],
    pair: Pair,
    placement: Placement,
    sets: Sequence[SetScore] = (),
    timings: Timings | None = None,
) -> Study:
    """Return everything that was measured as study.json holds it."""
    return Study(
        title=title,
        created=now(),
        app_version=__version__,
        pair=pair,
        job=job,
        device=str(placement.device),
        precision=placement.precision,
        timings=timings,
        variants=tuple(_variant(variant, scored, summaries, sets, pair) for variant in variants),
    )


def _variant(
    variant: StudyVariant, scored: Sequence[Scored], summaries: Sequence[MetricSummary], sets: Sequence[SetScore],
    pair: Pair,
) -> VariantFindings:  # fmt: skip
    own = [one for one in scored if one.row.experiment == variant.name]
    by_metric = {summary.metric: summary for summary in summaries if summary.experiment == variant.name}
    cosine, colour = (_comparison(by_metric.get(metric)) for metric in ("cosine", "colourfulness"))
    return VariantFindings(
        name=variant.name,
        title=variant.title,
        generator_prefix=variant.generator_prefix,
        scorer_prefix=variant.scorer_prefix,
        models=tuple(_model(name, own, by_metric) for name in dict.fromkeys(one.row.model for one in own)),
        cosine=cosine,
        colourfulness=colour,
        verdict=cosine.verdict if cosine else None,
        win_rate=cosine.win_rate if cosine else None,
        images=tuple(_image(one) for one in own),
        comparisons={metric: summary.comparison for metric, summary in by_metric.items() if summary.comparison},
        sets=tuple(one for one in sets if one.experiment == variant.name),
        leaderboards={metric: summary.standings for metric, summary in by_metric.items() if summary.standings},
        choices=_choices(own, pair),
    )


def _choices(own: Sequence[Scored], pair: Pair) -> tuple[Standing, ...]:
    """Return the order of the models but the base, by how well they fit the prompts; none of fewer than two."""
    scores: dict[str, dict[tuple[str, int], float]] = {}
    for row in (one.row for one in own):
        if row.model != pair.base and row.cosine is not None and row.seed is not None:
            scores.setdefault(row.model, {})[row.prompt, row.seed] = row.cosine
    return leaderboard(scores) if len(scores) > 1 else ()


def _comparison(summary: MetricSummary | None) -> Comparison | None:
    return summary.comparison if summary else None


def _model(name: str, own: Sequence[Scored], by_metric: dict[str, MetricSummary]) -> ModelFindings:
    cosine, colour = (
        by_metric[metric].models.get(name) if metric in by_metric else None for metric in ("cosine", "colourfulness")
    )
    experiment = own[0].row.experiment
    drawings, captioned = called_drawings(own, experiment, name)
    return ModelFindings(
        name=name,
        images=sum(one.row.model == name for one in own),
        cosine=cosine.overall if cosine else None,
        colourfulness=colour.overall if colour else None,
        captioned=captioned,
        called_drawings=drawings,
        cosine_by_prompt=cosine.by_prompt if cosine else {},
        metrics={
            metric: summary.models[name].overall
            for metric, summary in by_metric.items()
            if name in summary.models and metric in VALUES and metric != "cosine"
        },
    )


def _image(one: Scored) -> StudyImage:
    row = one.row
    return StudyImage(
        model=row.model,
        prompt=row.prompt,
        seed=row.seed,
        file=row.file,
        cosine=row.cosine,
        colourfulness=one.colourfulness,
        caption=row.caption,
        is_called_drawing=is_called_drawing(row.caption),
        values=row.values,
    )
