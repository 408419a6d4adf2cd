"""What the evaluation tab says of studies: names, counts, states and findings, in the language in use."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.evaluation.finding_words import (
    colour_sentence,
    cosine_sentence,
    method_sentences,
    needed_sentence,
    style_sentence,
    variant_sentence,
    wins_sentence,
)
from sketchdesk.library.evaluation.findings import Interval
from sketchdesk.library.evaluation.studies import Study, VariantFindings, image_count
from sketchdesk.library.images.record import short_model
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.numbers import number_text


def study_title(job: StudyJob | EvaluateJob, title: str = "") -> str:
    """Return a study's title; a preset's is told in the language in use."""
    if isinstance(job, StudyJob):
        return _(job.title) if job.title else _("Study")
    return title or _("Scored folder")


def variant_title(variant: VariantFindings) -> str:
    """Return a variant's title, or its name where it has none."""
    return _(variant.title) if variant.title else variant.name


def size_sentence(job: StudyJob) -> str:
    """Return how many pictures a study has: 5 prompts × 2 models × 6 seeds × 2 variants = 120 images."""
    parts = [
        _count(ngettext("{count} prompt", "{count} prompts", len(job.prompts)), len(job.prompts)),
        _count(ngettext("{count} model", "{count} models", len(job.models)), len(job.models)),
        _count(ngettext("{count} seed", "{count} seeds", len(job.seeds)), len(job.seeds)),
        _count(ngettext("{count} variant", "{count} variants", len(job.variants)), len(job.variants)),
    ]
    total = image_count(job)
    return f"{' × '.join(parts)} = {_count(ngettext('{count} image', '{count} images', total), total)}"


def images_text(count: int) -> str:
    """Return "120 images"."""
    return _count(ngettext("{count} image", "{count} images", count), count)


def _count(sentence: str, count: int) -> str:
    return sentence.format(count=number_text(count))


def size_text(study: Study) -> str:
    """Return the short form for the head of the page: 6 seeds × 5 prompts × 2 models."""
    job = study.job
    if isinstance(job, StudyJob):
        return " × ".join((
            _count(ngettext("{count} prompt", "{count} prompts", len(job.prompts)), len(job.prompts)),
            _count(ngettext("{count} model", "{count} models", len(job.models)), len(job.models)),
            _count(ngettext("{count} seed", "{count} seeds", len(job.seeds)), len(job.seeds)),
        ))
    return images_text(sum(len(variant.images) for variant in study.variants))


def time_text(iso: str) -> str:
    """Return an ISO 8601 time as the desktop writes dates, short; "" for what is no time."""
    try:
        seconds = datetime.fromisoformat(iso).timestamp()
    except ValueError:
        return ""
    when = QDateTime.fromSecsSinceEpoch(int(seconds))
    return QLocale().toString(when, QLocale.FormatType.ShortFormat)


def asked_sentence(study: Study, variant: VariantFindings) -> str:
    """Say what the models drew and what CLIP read; of a scored folder only the words before the prompts."""
    if isinstance(study.job, StudyJob):
        return variant_sentence(variant.generator_prefix, variant.scorer_prefix, len(study.job.models))
    if variant.scorer_prefix:
        return _("CLIP compared every picture with “{prefix} …”.").format(prefix=variant.scorer_prefix)
    return study.job.images_dir


def verdict_sentence(study: Study, variant: VariantFindings) -> str:
    """Say what was found, in one or two sentences; "" where nothing was scored."""
    if variant.cosine:
        sentences = (
            cosine_sentence(variant.cosine, study.pair), wins_sentence(variant.cosine, study.pair),
            needed_sentence(variant.cosine),
        )  # fmt: skip
        return " ".join(sentence for sentence in sentences if sentence)
    means = [model.cosine.mean for model in variant.models if model.cosine]
    if isinstance(study.job, EvaluateJob) and means:
        return _("The images have a mean CLIP cosine of {mean}.").format(mean=number(sum(means) / len(means)))
    if means:
        return _("There is no pair of pictures with the same prompt and seed to compare.")
    return ""


def colour_words(study: Study, variant: VariantFindings) -> str:
    """Say how colourful both models' pictures are; "" where one of them has none."""
    base, tuned = variant.model(study.pair.base), variant.model(study.pair.tuned)
    if not base or not tuned or not base.colourfulness or not tuned.colourfulness:
        return ""
    difference = variant.colourfulness.difference if variant.colourfulness else None
    means = base.colourfulness.mean, tuned.colourfulness.mean
    return f"{style_sentence(means[1], study.pair)} {colour_sentence(*means, difference, study.pair)}"


def method_words(variant: VariantFindings) -> list[str]:
    """Say how the numbers were made."""
    intervals: list[Interval] = [model.cosine for model in variant.models if model.cosine]
    if variant.cosine:
        intervals = [variant.cosine.difference]
    intervals += [one.interval for one in variant.sets if one.interval]
    return [
        _("Cosine: that of CLIP's embeddings of picture and text, as it is (−1 to 1), neither scaled nor cut off."),
        *method_sentences(intervals),
        _("The interval in a prompt's own row is over its seeds and speaks of that prompt only."),
    ]


def model_title(name: str) -> str:
    """Return a model as a list names it; the same as elsewhere in the window."""
    return short_model(name)
