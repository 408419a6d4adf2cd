"""What the main job says: its report, and how its fine-tuning is told there."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.outcome import Outcome, headline, section
from sketchdesk.engine.evaluation.report import Report
from sketchdesk.library.evaluation.finding_words import variant_sentence
from sketchdesk.library.wording.number_words import short


def build_report(
    outcome: Outcome, prompts: Sequence[tuple[str, str]], style_prefix: str, settings: Sequence[tuple[str, str]]
) -> Report:
    """Return the report of both experiments; `prompts` pairs what the first report asked with what was drawn."""
    notes = {drawn: _("In the report: {prompt}").format(prompt=asked) for asked, drawn in prompts if asked != drawn}
    return Report(
        title=_("A sketch style, before and after fine-tuning"),
        headline=headline(outcome),
        sections=[
            section(outcome, experiment, variant_sentence(experiment.generator_prefix, style_prefix), notes)
            for experiment in outcome.variants
        ],
        mapping=prompts,
        settings=settings,
    )


def training_settings(job: TrainJob) -> list[tuple[str, str]]:
    """Return what the report says of the fine-tuning."""
    trained = _("{steps} steps of {batch} pictures, learning rate {rate}, {optimizer}, seed {seed}").format(
        steps=job.max_train_steps,
        batch=job.train_batch_size * job.gradient_accumulation_steps,
        rate=short(job.learning_rate),
        optimizer=job.optimizer,
        seed=job.seed,
    )
    options = _("EMA: {ema}; random flip: {flip}; gradient norm at most {norm}").format(
        ema=_("yes") if job.use_ema else _("no"),
        flip=_("yes") if job.random_flip else _("no"),
        norm=short(job.max_grad_norm),
    )
    return [
        (_("Base model"), job.model),
        (_("Training data"), job.dataset),
        (_("Training"), trained),
        (_("Training options"), options),
    ]
