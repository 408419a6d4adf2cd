"""What can be measured, in words: the list behind scoring fields, tables, reports and help. No torch.

How each is computed is the file of its name in engine/evaluation/metrics.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from sketchdesk.contracts.jobs import Metric, MetricSources
from sketchdesk.contracts.text import N_, _

Need = Literal[
    "clip", "blip", "prompts", "reference", "pairs", "training_set", "style_prompt", "inception", "pickscore_model",
    "hps_model",
]  # fmt: skip
"""The judges, and what the pictures are compared with; "pairs" are two models' at one seed, or a reference folder."""
FID_LEAST = 2048
"""Below so many pictures a covariance of Inception features is not even of full rank, and FID says little."""
PROTOCOLS: dict[str, int] = {"fid": 0, "fid_5k": 5_000, "fid_30k": 30_000}
"""How many pictures a FID is made of, the first ones; 0 for all."""


class Value(Struct, frozen=True):
    """One column or one number that a metric gives."""

    name: str
    title: str
    """In English, marked for translation."""
    better: Literal["higher", "lower", "neither"] = "higher"
    is_share: bool = False
    """Of 0..1 for each picture, ends included: a mean's interval stays within it too."""


class MetricInfo(Struct, frozen=True, kw_only=True):
    """One metric. Texts are in English, marked for translation."""

    name: Metric
    title: str
    sentence: str
    per: Literal["image", "set"]
    needs: tuple[Need, ...]
    values: tuple[Value, ...]


CATALOGUE: tuple[MetricInfo, ...] = (
    MetricInfo(
        name="clip", title=N_("CLIP cosine"), per="image", needs=("clip", "prompts"),
        sentence=N_("How well each picture fits its prompt, as a cosine"),
        values=(Value("cosine", N_("CLIP cosine")),),
    ),
    MetricInfo(
        name="blip", title=N_("BLIP captions"), per="image", needs=("blip",),
        sentence=N_("What each picture shows, in words"), values=(),
    ),
    MetricInfo(
        name="clip_score", title=N_("CLIPScore (2.5 × cosine)"), per="image", needs=("clip", "prompts"),
        sentence=N_("The cosine as Hessel et al. publish it: 2.5 times, never below nought"),
        values=(Value("clip_score", N_("CLIPScore (2.5 × cosine)")),),
    ),
    MetricInfo(
        name="clip_100", title=N_("CLIP score (100 × cosine)"), per="image", needs=("clip", "prompts"),
        sentence=N_("The cosine as many tables have it: times 100"),
        values=(Value("clip_100", N_("CLIP score (100 × cosine)")),),
    ),
    MetricInfo(
        name="directional", title=N_("Directional similarity"), per="image",
        needs=("clip", "prompts", "pairs", "style_prompt"),
        sentence=N_("Whether the picture changed as the words did when the style was added"),
        values=(Value("directional", N_("Directional similarity")),),
    ),
    MetricInfo(
        name="image_similarity", title=N_("Picture to picture"), per="image", needs=("clip", "pairs"),
        sentence=N_("How like its counterpart each picture is: the first model's, or the reference folder's"),
        values=(Value("image_similarity", N_("Picture to picture"), "neither"),),
    ),
    MetricInfo(
        name="style", title=N_("Style"), per="image", needs=("clip", "style_prompt"),
        sentence=N_("How near each picture is to the style's words, and to the middle of the training set"),
        values=(Value("style_prompt", N_("Like the style's words")), Value("style_set", N_("Like the training set"))),
    ),
    MetricInfo(
        name="agreement", title=N_("Caption agrees with prompt"), per="image", needs=("clip", "blip", "prompts"),
        sentence=N_("How like the prompt BLIP's caption is, and which of its things and style words it names"),
        values=(
            Value("caption_cosine", N_("Caption and prompt, cosine")),
            Value("nouns_found", N_("Things of the prompt that the caption names"), is_share=True),
            Value("style_words", N_("Style words that the caption names"), is_share=True),
        ),
    ),
    MetricInfo(
        name="pickscore", title="PickScore", per="image", needs=("prompts", "pickscore_model"),
        sentence=N_("What people preferred, as PickScore learnt it: cosine times its scale"),
        values=(Value("pickscore", "PickScore"),),
    ),
    MetricInfo(
        name="hps", title="HPS v2", per="image", needs=("prompts", "hps_model"),
        sentence=N_("What people preferred, as HPS v2 learnt it: cosine times 100"),
        values=(Value("hps", "HPS v2"),),
    ),
    MetricInfo(
        name="fid", title="FID", per="set", needs=("inception", "reference"),
        sentence=N_("How far the set is from the real pictures; from 2,048 pictures of each on"),
        values=(Value("fid", "FID", "lower"),),
    ),
    MetricInfo(
        name="fid_5k", title="FID-5k", per="set", needs=("inception", "reference"),
        sentence=N_("FID of the first 5,000 pictures, as tables of that name have it"),
        values=(Value("fid_5k", "FID-5k", "lower"),),
    ),
    MetricInfo(
        name="fid_30k", title="FID-30k", per="set", needs=("inception", "reference"),
        sentence=N_("FID of the first 30,000 pictures, as tables of that name have it"),
        values=(Value("fid_30k", "FID-30k", "lower"),),
    ),
    MetricInfo(
        name="kid", title="KID", per="set", needs=("inception", "reference"),
        sentence=N_("How far the set is from the real pictures, without bias in small sets"),
        values=(Value("kid", "KID", "lower"),),
    ),
    MetricInfo(
        name="inception_score", title=N_("Inception Score"), per="set", needs=("inception",),
        sentence=N_("How sure the classes are and how many there are; made for ImageNet"),
        values=(Value("inception_score", N_("Inception Score")),),
    ),
    MetricInfo(
        name="cmmd", title="CMMD", per="set", needs=("clip", "reference"),
        sentence=N_("How far the set is from the real pictures by CLIP; for small sets too"),
        values=(Value("cmmd", "CMMD", "lower"),),
    ),
    MetricInfo(
        name="fid_clip", title=N_("FID on CLIP features"), per="set", needs=("clip", "reference"),
        sentence=N_("The Fréchet distance by CLIP's features, of which there are fewer than Inception's"),
        values=(Value("fid_clip", N_("FID on CLIP features"), "lower"),),
    ),
    MetricInfo(
        name="precision_recall", title=N_("Precision, recall, coverage"), per="set", needs=("clip", "reference"),
        sentence=N_("How much of the set looks real, and how much of the real is reached, by CLIP's features"),
        values=(
            Value("precision", N_("Precision")), Value("recall", N_("Recall")), Value("density", N_("Density")),
            Value("coverage", N_("Coverage")),
        ),
    ),
    MetricInfo(
        name="memorisation", title=N_("Memorised pictures"), per="image", needs=("clip", "training_set"),
        sentence=N_("How near each picture comes to one of the training set, which it should not repeat"),
        values=(
            Value("nearest_training", N_("Likeness to the nearest training picture"), "neither"),
            Value("copied_share", N_("Nearer to the training set than nearly all held-out pictures"), "lower"),
            Value("training_gap", N_("Cosine on training prompts minus the others"), "neither"),
        ),
    ),
)  # fmt: skip

BY_NAME: dict[str, MetricInfo] = {info.name: info for info in CATALOGUE}
VALUES: dict[str, Value] = {value.name: value for info in CATALOGUE for value in info.values}
assert set(BY_NAME) == set(get_args(Metric))


def needed(metrics: tuple[Metric, ...]) -> frozenset[Need]:
    """Return everything that these metrics need."""
    return frozenset(need for name in metrics for need in BY_NAME[name].needs)


def missing(metrics: tuple[Metric, ...], sources: MetricSources, of_study: bool) -> str:
    """Return the sentence that says what a metric lacks, "" where nothing does; a study has pairs of its own."""
    given = {
        "reference": sources.reference, "training_set": sources.training_set, "style_prompt": sources.style_prompt,
        "pickscore_model": sources.pickscore_model, "hps_model": sources.hps_model,
        "pairs": sources.reference or of_study,
    }  # fmt: skip
    for name in metrics:
        for need in BY_NAME[name].needs:
            if need in given and not given[need]:
                return _SENTENCES[need]().format(metric=_(BY_NAME[name].title))
    return ""


_SENTENCES = {
    "reference": lambda: _("{metric} compares with a folder of real pictures; choose one."),
    "pairs": lambda: _("{metric} compares pairs; choose the folder of the other pictures."),
    "training_set": lambda: _("{metric} compares with the training set; say which."),
    "style_prompt": lambda: _("{metric} needs the style in words."),
    "pickscore_model": lambda: _("{metric} needs its model; choose its folder."),
    "hps_model": lambda: _("{metric} needs its model; choose its folder."),
}


def better_of(value: str) -> Literal["higher", "lower", "neither"]:
    """Return which way a column or number is better."""
    return "higher" if value == "cosine" else VALUES[value].better if value in VALUES else "neither"


def title_of(value: str) -> str:
    """Return what a column or number is called, in the language in use; its own name where it is not known."""
    return {"cosine": _("CLIP cosine"), "colourfulness": _("Colourfulness")}.get(value) or (
        _(VALUES[value].title) if value in VALUES else value
    )
