"""Everything a comparison measured, and what it says: sections of a report, a printed summary, named numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from sketchdesk import __version__
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.evaluation.report import Section
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.summary import MetricSummary, called_drawings
from sketchdesk.library.evaluation.finding_words import (
    colour_sentence,
    cosine_sentence,
    drawings_sentence,
    means_sentence,
    model_name,
    needed_sentence,
    style_sentence,
    wins_sentence,
)
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Pair, SetScore
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.evaluation.timings import Timings, speed_sentences, timing_rows
from sketchdesk.library.images.metadata import ImageRecord, read_record
from sketchdesk.library.wording.number_words import short


class Asked(Protocol):
    """One way of asking both models: an experiment of the report, a variant of a study."""

    @property
    def name(self) -> str:
        """What its rows in scores.csv and summary.csv are called."""

    @property
    def title(self) -> str:
        """Its heading: in English and marked for translation, or a person's own words."""

    @property
    def generator_prefix(self) -> str:
        """What stands before every prompt where the models draw it."""


@dataclass(frozen=True)
class Outcome:
    """Everything a comparison measured."""

    variants: Sequence[Asked]
    scored: Sequence[Scored]
    summaries: Sequence[MetricSummary]
    pair: Pair = BASE_AND_TUNED
    sets: Sequence[SetScore] = ()
    timings: Timings | None = None

    def summary(self, variant: Asked, metric: str) -> MetricSummary | None:
        """Return one summary; None where nothing was measured or one of the two models has no picture."""
        for summary in self.summaries:
            both = self.pair.base in summary.models and self.pair.tuned in summary.models
            if (summary.experiment, summary.metric) == (variant.name, metric) and both:
                return summary
        return None


def title_of(variant: Asked) -> str:
    """Return the variant's heading in the language in use, or its name where it has none."""
    return _(variant.title) if variant.title else variant.name


def summary_text(outcome: Outcome) -> str:
    """Return the summary a command prints: some lines for each variant."""
    blocks = []
    for variant in outcome.variants:
        lines = [title_of(variant), *(f"  {line}" for line in _lines(outcome, variant))]
        blocks.append("\n".join(lines))
    if outcome.timings:
        lines = [_("Time"), *(f"  {line}" for line in speed_sentences(outcome.timings, outcome.pair))]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _lines(outcome: Outcome, variant: Asked) -> list[str]:
    lines, pair = [], outcome.pair
    cosine = outcome.summary(variant, "cosine")
    if cosine and cosine.comparison:
        lines.append(means_sentence(*_means(cosine), pair))
        lines += [cosine_sentence(cosine.comparison, pair), wins_sentence(cosine.comparison, pair)]
        lines += [sentence] if (sentence := needed_sentence(cosine.comparison)) else []
    colour = outcome.summary(variant, "colourfulness")
    if colour:
        lines += [colour_words(colour), style_sentence(_means(colour)[1], pair)]
    base, tuned = (called_drawings(outcome.scored, variant.name, model) for model in (pair.base, pair.tuned))
    if base[1] and tuned[1]:
        lines.append(drawings_sentence(base, tuned, pair))
    return lines


def _means(summary: MetricSummary) -> tuple[float, float]:
    """Return the means of the pair's first and second model."""
    pair = summary.pair
    return summary.models[pair.base].overall.mean, summary.models[pair.tuned].overall.mean


def colour_words(colour: MetricSummary) -> str:
    """Say how colourful both models' pictures are."""
    found = colour.comparison.difference if colour.comparison else None
    return colour_sentence(*_means(colour), found, colour.pair)


def headline(outcome: Outcome) -> list[str]:
    """Return the report's first sentences: each variant's finding, then how black and white the pictures are."""
    found = []
    for variant in outcome.variants:
        cosine = outcome.summary(variant, "cosine")
        if cosine and cosine.comparison:
            said = f"{title_of(variant)}. {cosine_sentence(cosine.comparison, outcome.pair)}"
            found.append(f"{said} {needed_sentence(cosine.comparison)}".rstrip())
    first_colour = outcome.summary(outcome.variants[0], "colourfulness")
    if first_colour:
        found.append(f"{style_sentence(_means(first_colour)[1], outcome.pair)} {colour_words(first_colour)}")
    return found


def section(
    outcome: Outcome, variant: Asked, explanation: str, notes: Mapping[str, str] = MappingProxyType({}),
    findings: VariantFindings | None = None,
) -> Section:  # fmt: skip
    """Return the report's section of one variant; `notes` are lines under the headings of prompts."""
    return Section(
        title=title_of(variant),
        explanation=explanation,
        scored=[one for one in outcome.scored if one.row.experiment == variant.name],
        summaries=[summary for summary in outcome.summaries if summary.experiment == variant.name],
        prompt_notes=notes,
        findings=findings,
    )


def made_with() -> str:
    """Return what a report says of the programs it was made with, and of how to make it again."""
    import diffusers
    import torch
    import transformers

    versions = _("SketchDesk {own}, torch {torch}, diffusers {diffusers}, transformers {transformers}.").format(
        own=__version__, torch=torch.__version__, diffusers=diffusers.__version__, transformers=transformers.__version__
    )
    again = _("The same numbers again: {command}").format(command="sketchdesk evaluate --repeat report.html --out DIR")
    limits = _(
        "Limits: the scores are those of the judges named above, which prefer what they were trained on; an interval "
        "speaks of prompts like these, at these settings."
    )
    return f"{limits} {versions} {again}"


def result_numbers(outcome: Outcome) -> dict[str, str | int | float | None]:
    """Return the numbers of every variant under plain names, for --json."""
    numbers: dict[str, str | int | float | None] = {}
    for variant in outcome.variants:
        for metric in dict.fromkeys(("cosine", "colourfulness", *(one.metric for one in outcome.summaries))):
            summary = outcome.summary(variant, metric)
            if summary and summary.comparison:
                difference = summary.comparison.difference
                start = f"experiment_{variant.name}_{metric}"
                numbers |= {f"{start}_{model}": found.overall.mean for model, found in summary.models.items()}
                numbers |= {
                    f"{start}_difference": difference.mean,
                    f"{start}_difference_low": difference.low,
                    f"{start}_difference_high": difference.high,
                    f"{start}_verdict": difference.verdict.value,
                }
    for row in timing_rows(outcome.timings) if outcome.timings else ():
        start = f"time_{row.model}_batch_{row.batch_size}"
        numbers |= {
            f"{start}_{part}": getattr(row, part).median
            for part in ("text_s", "denoise_s", "decode_s", "whole_s", "steps_per_s")
        }
        numbers[f"{start}_peak_gib"] = row.peak_gib
    named = {variant.name for variant in outcome.variants}
    for one in (one for one in outcome.sets if one.experiment in named):
        numbers |= _of_set(f"experiment_{one.experiment}_{one.metric}_{one.model}", one)
    return numbers


def mean_values(summaries: Sequence[MetricSummary], sets: Sequence[SetScore]) -> dict[str, float]:
    """Return mean_<metric> of what was measured beside the cosine, with the model's name after it where it has one."""
    found: dict[str, float] = {}
    for summary in summaries:
        if summary.metric not in ("cosine", "colourfulness"):
            found |= {_key(f"mean_{summary.metric}", model): of.overall.mean for model, of in summary.models.items()}
    for one in sets:
        found |= _of_set(_key(one.metric, one.model), one)
    return found


def _of_set(key: str, one: SetScore) -> dict[str, float]:
    """Return the number under its name, and the ends of its interval where it has one."""
    numbers = {key: one.value}
    if one.interval and one.interval.low is not None and one.interval.high is not None:
        numbers |= {f"{key}_low": one.interval.low, f"{key}_high": one.interval.high}
    return numbers


def _key(name: str, model: str) -> str:
    return f"{name}_{model}" if model else name


def drawing_settings(scored: Sequence[Scored], seeds: Sequence[int]) -> list[tuple[str, str]]:
    """Return what a report says of how the pictures were drawn, as each model's first one says itself.

    Models that drew alike are told of together.
    """
    firsts = {one.row.model: one.path for one in reversed(scored)}
    records = {model: record for model in reversed(firsts) if (record := read_record(firsts[model]))}
    words = {model: _drawn_as(record) for model, record in records.items()}
    rows = [(_("Seeds of every prompt"), _seeds_words(seeds))]
    if len(set(words.values())) == 1:
        return [*rows, (_("Drawing"), next(iter(words.values())))]
    title = _("Drawing, {model}")
    return [*rows, *((title.format(model=model_name(model)), said) for model, said in words.items())]


def _drawn_as(record: ImageRecord) -> str:
    steps = record.num_inference_steps
    return _("{sampler}, {steps}, guidance {scale}, {width} × {height} px, {precision} on {device}").format(
        sampler=record.sampler,
        steps=ngettext("{count} step", "{count} steps", steps).format(count=steps) if steps else "–",
        scale="–" if record.guidance_scale is None else short(record.guidance_scale),
        width=record.width,
        height=record.height,
        precision=record.precision,
        device=record.device,
    )


def _seeds_words(seeds: Sequence[int]) -> str:
    if len(seeds) > 1 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return _("{first} to {last}").format(first=seeds[0], last=seeds[-1])
    return ", ".join(str(seed) for seed in seeds)
