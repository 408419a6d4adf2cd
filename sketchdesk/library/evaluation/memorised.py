"""Did the model learn pictures by heart: those nearest to the training set, and the gap to what was held out."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import interval_words, model_name, zero_words
from sketchdesk.library.evaluation.studies import StudyImage, VariantFindings
from sketchdesk.library.wording.number_words import number, signed

LIKEST = 12
"""Pictures shown beside the training picture they are most like."""
NEAREST, COSINE, GAP, COPIED = "nearest_training_image", "nearest_training", "training_gap", "copied_share"


class Likest(Struct, frozen=True, kw_only=True):
    """A drawn picture, and the picture of the training set that is most like it."""

    image: StudyImage
    training: str
    """Its file, or its key in a set that is not made of files."""
    cosine: float
    """Of the two, by CLIP."""

    @property
    def file(self) -> Path | None:
        """The training picture's file; None where the set is not made of files, or it is gone."""
        path = Path(self.training)
        return path if path.is_file() else None


def likest(variant: VariantFindings, most: int = LIKEST) -> list[Likest]:
    """Return the drawn pictures most like one of the training set, the likest first; none where that was not measured.

    Of each training picture only the likest is shown, or a picture that every seed repeats would fill the list.
    """
    found = [
        Likest(image=image, training=training, cosine=float(cosine))
        for image in variant.images
        if isinstance(training := image.values.get(NEAREST), str)
        and isinstance(cosine := image.values.get(COSINE), int | float)
    ]
    found.sort(key=lambda one: -one.cosine)
    first: dict[tuple[str, str], Likest] = {}
    for one in found:
        first.setdefault((one.image.model, one.training), one)
    return list(first.values())[:most]


def memory_sentences(variant: VariantFindings) -> list[str]:
    """Say for each model how its scores differ between trained and other prompts, and how many come too near."""
    sentences = []
    for one in variant.sets:
        name = model_name(one.model)
        if one.metric == GAP:
            words = _("{model}: the CLIP cosine on training captions minus that on other prompts is {gap}.")
            gap = signed(one.value)
            if one.interval:
                gap = f"{gap} ({interval_words(one.interval)}; {zero_words(one.interval)})"
            sentences.append(words.format(model=name or _("The images"), gap=gap))
        elif one.metric == COPIED:
            words = _(
                "{model}: {share} of the pictures are nearer to the training set than 95 % of the held-out pictures "
                "are; 5 % would be chance."
            )
            share = _percent(one.value)
            if one.interval:
                share = f"{share} ({interval_words(one.interval, _percent)})"
            sentences.append(words.format(model=name or _("The images"), share=share))
    return sentences


def _percent(share: float) -> str:
    return f"{number(100 * share, 1 if 0 < share < 0.1 else 0)} %"
