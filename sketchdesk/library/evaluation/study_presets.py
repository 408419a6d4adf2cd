"""The studies that are one click away, and the words and prompts of the first report's experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sketchdesk.contracts.jobs import StudyJob, StudyModel, StudyVariant
from sketchdesk.contracts.text import N_
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED

STYLE_PREFIX = "a black and white sketch of"
"""The style words of the report: in front of a caption they ask for a line drawing."""

REPORT_PROMPTS = (
    ("a boy practicing martial arts", "a boy practicing martial arts"),
    ("a statue of a man on a horse", "a man on a horse"),
    ("a boy riding a bike on the road", "a boy riding a bike on the road"),
    ("a giraffe standing in a forest", "a giraffe standing in a forest"),
    ("a zebra running", "a zebra"),
)
"""The report's prompts, and each in the nearest words of the demo's language."""

REPORT_VARIANTS = (
    StudyVariant(
        name="1",
        title=N_("Experiment 1: style words in generator and scorer"),
        generator_prefix=STYLE_PREFIX,
        scorer_prefix=STYLE_PREFIX,
    ),
    StudyVariant(
        name="2", title=N_("Experiment 2: style words in the scorer only"), scorer_prefix=STYLE_PREFIX
    ),
)

PresetName = Literal["both", "experiment_1", "experiment_2", "same_seeds"]


@dataclass(frozen=True)
class Preset:
    """A study that lacks only its models. Texts are in English, marked for translation."""

    name: PresetName
    title: str
    answers: str
    """The question it answers."""
    variants: tuple[StudyVariant, ...]


PRESETS: tuple[Preset, ...] = (
    Preset(
        "both",
        N_("The two experiments of the report"),
        N_("Does the tuned model sketch, also where nobody asks it to?"),
        REPORT_VARIANTS,
    ),
    Preset(
        "experiment_1",
        REPORT_VARIANTS[0].title,
        N_("Asked for a sketch, does the tuned model sketch better?"),
        REPORT_VARIANTS[:1],
    ),
    Preset(
        "experiment_2",
        REPORT_VARIANTS[1].title,
        N_("Not asked for a sketch, does the tuned model sketch all the same?"),
        REPORT_VARIANTS[1:],
    ),
    Preset(
        "same_seeds",
        N_("Base against tuned at the same seeds"),
        N_("Do the pictures still show what the prompts say?"),
        (StudyVariant(name="1", title=N_("The bare prompts")),),
    ),
)


def preset_job(name: PresetName, base: str, tuned: str) -> StudyJob:
    """Return a preset with its models, by what resolve_model takes; the place of its files is still to be chosen."""
    preset = next(preset for preset in PRESETS if preset.name == name)
    return StudyJob(
        title=preset.title,
        out_dir="",
        prompts=tuple(drawn for _asked, drawn in REPORT_PROMPTS),
        models=(StudyModel(name=BASE_AND_TUNED.base, model=base), StudyModel(name=BASE_AND_TUNED.tuned, model=tuned)),
        variants=preset.variants,
    )
