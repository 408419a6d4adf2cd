"""What the main job says: its report's words, the printed summary, and the numbers it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.report import Report, Section
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.sentences import colour_sentence, cosine_sentence, number, p_words
from sketchdesk.engine.evaluation.summary import BASE_AND_TUNED, MetricSummary, called_drawings
from sketchdesk.library.images import ImageRecord

BLACK_AND_WHITE = 0.05
"""Pictures whose mean colourfulness is below this look black and white; the sketches of the data set have 0."""


@dataclass(frozen=True)
class Experiment:
    """One of the report's experiments. The scorer reads the style words in both."""

    name: str
    title: str
    """In English, marked for translation."""
    generator_prefix: str


@dataclass(frozen=True)
class Outcome:
    """Everything the main job measured."""

    experiments: Sequence[Experiment]
    scored: Sequence[Scored]
    summaries: Sequence[MetricSummary]

    def summary(self, experiment: Experiment, metric: str) -> MetricSummary | None:
        """Return one summary; None where nothing was measured or one of the two models has no picture."""
        for summary in self.summaries:
            both = BASE_AND_TUNED.base in summary.models and BASE_AND_TUNED.tuned in summary.models
            if (summary.experiment, summary.metric) == (experiment.name, metric) and both:
                return summary
        return None


def summary_text(outcome: Outcome) -> str:
    """Return the summary the command prints: some lines for each experiment."""
    blocks = []
    for experiment in outcome.experiments:
        lines = [_(experiment.title), *(f"  {line}" for line in _lines(outcome, experiment))]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _lines(outcome: Outcome, experiment: Experiment) -> list[str]:
    lines = []
    cosine = outcome.summary(experiment, "cosine")
    if cosine and cosine.comparison:
        means = {model: number(found.overall.mean) for model, found in cosine.models.items()}
        lines.append(_("CLIP cosine: base {base}, fine-tuned {tuned}.").format(**means))
        lines.append(cosine_sentence(cosine.comparison))
        lines.append(
            _("The fine-tuned picture scores higher in {wins} of {pairs} same-seed pairs (sign test {p}).").format(
                wins=cosine.comparison.wins, pairs=cosine.comparison.pairs, p=p_words(cosine.comparison.sign_test_p)
            )
        )
    colour = outcome.summary(experiment, "colourfulness")
    if colour:
        lines += [colour_sentence(colour), style_sentence(colour)]
    base, tuned = (called_drawings(outcome.scored, experiment.name, model) for model in ("base", "tuned"))
    if base[1] and tuned[1]:
        words = _("BLIP calls {tuned} of {tuned_total} fine-tuned pictures a drawing; base: {base} of {base_total}.")
        lines.append(words.format(tuned=tuned[0], tuned_total=tuned[1], base=base[0], base_total=base[1]))
    return lines


def style_sentence(colour: MetricSummary) -> str:
    """Say whether the fine-tuned pictures look black and white."""
    if colour.models[BASE_AND_TUNED.tuned].overall.mean < BLACK_AND_WHITE:
        return _("The fine-tuned pictures are visibly black and white.")
    return _("The fine-tuned pictures are not black and white.")


def build_report(
    outcome: Outcome, prompts: Sequence[tuple[str, str]], style_prefix: str, settings: Sequence[tuple[str, str]]
) -> Report:
    """Return the report of both experiments; `prompts` pairs what the first report asked with what was drawn."""
    headline = []
    for experiment in outcome.experiments:
        cosine = outcome.summary(experiment, "cosine")
        if cosine and cosine.comparison:
            headline.append(f"{_(experiment.title)}. {cosine_sentence(cosine.comparison)}")
    first_colour = outcome.summary(outcome.experiments[0], "colourfulness")
    if first_colour:
        headline.append(f"{style_sentence(first_colour)} {colour_sentence(first_colour)}")
    return Report(
        title=_("A sketch style, before and after fine-tuning"),
        headline=headline,
        sections=[_section(outcome, experiment, prompts, style_prefix) for experiment in outcome.experiments],
        mapping=prompts,
        settings=settings,
    )


def _section(
    outcome: Outcome, experiment: Experiment, prompts: Sequence[tuple[str, str]], style_prefix: str
) -> Section:
    explanation = (
        _("Both models drew “{prefix} …”, and CLIP compared every picture with the same words.")
        if experiment.generator_prefix
        else _("Both models drew the bare prompt, and CLIP compared every picture with “{prefix} …”.")
    )
    notes = {drawn: _("In the report: {prompt}").format(prompt=asked) for asked, drawn in prompts if asked != drawn}
    return Section(
        title=_(experiment.title),
        explanation=explanation.format(prefix=style_prefix),
        scored=[one for one in outcome.scored if one.row.experiment == experiment.name],
        summaries=[summary for summary in outcome.summaries if summary.experiment == experiment.name],
        prompt_notes=notes,
    )


def result_numbers(outcome: Outcome) -> dict[str, str | int | float | None]:
    """Return the numbers of both experiments under plain names, for --json."""
    numbers: dict[str, str | int | float | None] = {}
    for experiment in outcome.experiments:
        cosine = outcome.summary(experiment, "cosine")
        colour = outcome.summary(experiment, "colourfulness")
        for metric, summary in (("cosine", cosine), ("colourfulness", colour)):
            if summary and summary.comparison:
                difference = summary.comparison.difference
                start = f"experiment_{experiment.name}_{metric}"
                numbers |= {f"{start}_{model}": found.overall.mean for model, found in summary.models.items()}
                numbers |= {
                    f"{start}_difference": difference.mean,
                    f"{start}_difference_low": difference.low,
                    f"{start}_difference_high": difference.high,
                    f"{start}_verdict": difference.verdict.value,
                }
    return numbers


def training_settings(job: TrainJob) -> list[tuple[str, str]]:
    """Return what the report says of the fine-tuning."""
    trained = _("{steps} steps of {batch} pictures, learning rate {rate}, {optimizer}, seed {seed}").format(
        steps=job.max_train_steps,
        batch=job.train_batch_size * job.gradient_accumulation_steps,
        rate=f"{job.learning_rate:g}",
        optimizer=job.optimizer,
        seed=job.seed,
    )
    options = _("EMA: {ema}; random flip: {flip}; gradient norm at most {norm}").format(
        ema=_("yes") if job.use_ema else _("no"),
        flip=_("yes") if job.random_flip else _("no"),
        norm=f"{job.max_grad_norm:g}",
    )
    return [
        (_("Base model"), job.model),
        (_("Training data"), job.dataset),
        (_("Training"), trained),
        (_("Training options"), options),
    ]


def drawing_settings(record: ImageRecord | None, seeds: range) -> list[tuple[str, str]]:
    """Return what the report says of how the pictures were drawn, as one of them says itself."""
    rows = [(_("Seeds of every prompt"), _("{first} to {last}").format(first=seeds[0], last=seeds[-1]))]
    if record:
        words = _("{sampler}, {steps} steps, guidance {scale}, {width} × {height} px, {precision} on {device}").format(
            sampler=record.sampler,
            steps=record.num_inference_steps,
            scale=record.guidance_scale,
            width=record.width,
            height=record.height,
            precision=record.precision,
            device=record.device,
        )
        rows.append((_("Drawing"), words))
    return rows
