"""What the numbers say, in plain words: the same sentences for the terminal, the report and the window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.evaluation.findings import (
    BASE_AND_TUNED,
    BOOTSTRAP_PROMPTS,
    FEW_PROMPTS,
    RESAMPLES,
    Comparison,
    Interval,
    Pair,
    Verdict,
)
from sketchdesk.library.images.record import short_model
from sketchdesk.library.wording.number_words import localized, number, signed, span

_STEP, _STEPS = re.compile(r"step (\d+)"), re.compile(r"(\d+) steps?")
"""Names of checkpoints, and of models that draw in few steps (library.evaluation.study_making)."""
BLACK_AND_WHITE = 0.05
"""Pictures whose mean colourfulness is below this look black and white; the sketches of the demo's data set have 0."""


def model_name(model: str) -> str:
    """Return how a model is called: those that studies name in the reader's language, others by their own name."""
    return _own_name(model) or short_model(model)


def _own_name(model: str) -> str:
    """Return what a model is called that a study names itself; "" for others."""
    if found := _STEP.fullmatch(model):
        return _("step {step}").format(step=found[1])
    if found := _STEPS.fullmatch(model):
        return ngettext("{count} step", "{count} steps", int(found[1])).format(count=found[1])
    own = {"base": _("base"), "tuned": _("fine-tuned"), "one step": _("one step"), "many steps": _("many steps")}
    return own.get(model, "")


def p_words(p: float) -> str:
    """Return "p = 0.016", or that it is below a thousandth."""
    return f"p < {localized('0.001')}" if p < 0.001 else f"p = {localized(f'{p:.2g}')}"


def interval_words(found: Interval, say: Callable[[float], str] = signed) -> str:
    """Return "95 % interval +0.012 to +0.034", or that there is none; `say` writes the numbers."""
    if found.low is None or found.high is None:
        return _("no interval from a single value")
    return _("95 % interval {low} to {high}").format(low=say(found.low), high=say(found.high))


def interval_text(found: Interval | None, say: Callable[[float], str] = number) -> str:
    """Return "0.231 [0.137, 0.326]", or the mean alone, or a dash; `say` writes the numbers."""
    if found is None:
        return "–"
    if found.low is None or found.high is None:
        return say(found.mean)
    return f"{say(found.mean)} {span(found.low, found.high, say)}"


def zero_words(found: Interval) -> str:
    """Say whether the interval excludes zero."""
    if found.low is None:
        return _("nothing can be said about chance")
    return _("zero is inside") if found.verdict is Verdict.NOT_SHOWN else _("zero is outside")


def variant_sentence(generator_prefix: str, scorer_prefix: str, models: int = 2) -> str:
    """Say what the models drew and what CLIP compared the pictures with."""
    match bool(generator_prefix), bool(scorer_prefix), models == 2:
        case True, True, True if generator_prefix == scorer_prefix:
            sentence = _("Both models drew “{prefix} …”, and CLIP compared every picture with the same words.")
        case True, True, _many if generator_prefix == scorer_prefix:
            sentence = _("Every model drew “{prefix} …”, and CLIP compared every picture with the same words.")
        case False, True, True:
            sentence = _("Both models drew the bare prompt, and CLIP compared every picture with “{prefix} …”.")
        case False, True, False:
            sentence = _("Every model drew the bare prompt, and CLIP compared every picture with “{prefix} …”.")
        case True, True, _many:
            sentence = _("The models drew “{drawn} …”, and CLIP compared every picture with “{prefix} …”.")
        case True, False, _many:
            sentence = _("The models drew “{drawn} …”, and CLIP compared every picture with the bare prompt.")
        case _bare:
            sentence = _("The models drew the bare prompt, and CLIP compared every picture with it.")
    return sentence.format(prefix=scorer_prefix, drawn=generator_prefix)


def cosine_sentence(comparison: Comparison, pair: Pair = BASE_AND_TUNED) -> str:
    """Say in one sentence which model fits the texts better, by how much and how sure that is."""
    of_tuning = {
        Verdict.HIGHER: _("The fine-tuned model scores higher: {difference} ({interval}; {zero})."),
        Verdict.LOWER: _("The fine-tuned model scores lower: {difference} ({interval}; {zero})."),
    }
    of_any = {
        Verdict.HIGHER: _("{tuned} scores higher than {base}: {difference} ({interval}; {zero})."),
        Verdict.LOWER: _("{tuned} scores lower than {base}: {difference} ({interval}; {zero})."),
    }
    not_shown = _("No difference shown at this size: {difference} ({interval}; {zero}).")
    sentences = of_tuning if pair == BASE_AND_TUNED else of_any
    found = comparison.difference
    said = sentences.get(comparison.verdict, not_shown).format(
        difference=signed(found.mean), interval=interval_words(found), zero=zero_words(found), **_names(pair)
    )
    return f"{said[0].upper()}{said[1:]}" if _own_name(pair.tuned) else said


def needed_sentence(comparison: Comparison) -> str:
    """Say how large a study would have to be where this one could not tell; "" where it could, or nothing differs."""
    needed, pairs, prompts = comparison.needed, comparison.pairs, comparison.difference.units
    if comparison.verdict is not Verdict.NOT_SHOWN or needed is None:
        return ""
    more = _("To tell a difference as large as the one seen, four times in five, takes about {prompts} prompts.")
    said = more.format(prompts=number(needed.prompts, 0))
    each = max(1, round(pairs / prompts))
    if needed.images is None and prompts < FEW_PROMPTS:
        return said
    if needed.images is None:
        return f"{said} {_('More images of the same prompts would not be enough.')}"
    if needed.images <= each:
        return said
    images = _("With these prompts it takes about {images} images of each, instead of {now}.")
    return f"{said} {images.format(images=number(needed.images, 0), now=number(each, 0))}"


def means_sentence(base: float, tuned: float, pair: Pair = BASE_AND_TUNED) -> str:
    """Say both models' mean cosines."""
    if pair == BASE_AND_TUNED:
        return _("CLIP cosine: base {base}, fine-tuned {tuned}.").format(base=number(base), tuned=number(tuned))
    words = _("CLIP cosine: {base} {base_mean}, {tuned} {tuned_mean}.")
    return words.format(base_mean=number(base), tuned_mean=number(tuned), **_names(pair))


def wins_sentence(comparison: Comparison, pair: Pair = BASE_AND_TUNED) -> str:
    """Say in how many of the same-seed pairs the second model scores higher."""
    sentence = (
        _("The fine-tuned picture scores higher in {wins} of {pairs} same-seed pairs (sign test {p}).")
        if pair == BASE_AND_TUNED
        else _("The picture of {tuned} scores higher in {wins} of {pairs} same-seed pairs (sign test {p}).")
    )
    p = p_words(comparison.sign_test_p)
    return sentence.format(wins=comparison.wins, pairs=comparison.pairs, p=p, **_names(pair))


def colour_sentence(base: float, tuned: float, found: Interval | None, pair: Pair = BASE_AND_TUNED) -> str:
    """Say how colourful each model's pictures are and whether the difference `found` is more than chance."""
    if pair == BASE_AND_TUNED:
        words = _("Colourfulness (0 is black and white): base {base}, fine-tuned {tuned}")
        means = words.format(base=number(base), tuned=number(tuned))
    else:
        words = _("Colourfulness (0 is black and white): {base} {base_mean}, {tuned} {tuned_mean}")
        means = words.format(base_mean=number(base), tuned_mean=number(tuned), **_names(pair))
    if not found:
        return means + "."
    verdict = {
        Verdict.HIGHER: _("more colourful"),
        Verdict.LOWER: _("less colourful"),
        Verdict.NOT_SHOWN: _("no difference shown at this size"),
    }[found.verdict]
    return _("{means}; {verdict}: {difference} ({interval}; {zero}).").format(
        means=means, verdict=verdict, difference=signed(found.mean), interval=interval_words(found),
        zero=zero_words(found),
    )  # fmt: skip


def style_sentence(tuned: float, pair: Pair = BASE_AND_TUNED) -> str:
    """Say whether pictures of this mean colourfulness look black and white."""
    is_grey = tuned < BLACK_AND_WHITE
    if pair == BASE_AND_TUNED:
        return (
            _("The fine-tuned pictures are visibly black and white.")
            if is_grey
            else _("The fine-tuned pictures are not black and white.")
        )
    sentence = (
        _("The pictures of {tuned} are visibly black and white.")
        if is_grey
        else _("The pictures of {tuned} are not black and white.")
    )
    return sentence.format(**_names(pair))


def drawings_sentence(base: tuple[int, int], tuned: tuple[int, int], pair: Pair = BASE_AND_TUNED) -> str:
    """Say how many of each model's captioned pictures the captioner calls a drawing: (called so, captioned)."""
    counts = {"base_count": base[0], "base_total": base[1], "tuned_count": tuned[0], "tuned_total": tuned[1]}
    if pair == BASE_AND_TUNED:
        words = _("BLIP calls {tuned} of {tuned_total} fine-tuned pictures a drawing; base: {base} of {base_total}.")
        return words.format(base=base[0], base_total=base[1], tuned=tuned[0], tuned_total=tuned[1])
    words = _(
        "BLIP calls {tuned_count} of {tuned_total} pictures of {tuned} a drawing; of {base}: {base_count} of "
        "{base_total}."
    )
    return words.format(**counts, **_names(pair))


def method_sentences(intervals: Iterable[Interval]) -> list[str]:
    """Say how each kind of interval among these was made."""
    words = {
        "t": _(
            "Intervals over {prompts} prompts: Student's t of the prompts' means, two-sided, 95 %. The images of one "
            "prompt resemble each other, so prompts are what is counted; below {limit} prompts this interval keeps "
            "its promise where a bootstrap would be too narrow."
        ),
        "bootstrap": _(
            "Intervals over {prompts} prompts: hierarchical bootstrap, {resamples} resamples of prompts and, within "
            "each, of images; the middle 95 %, as wide as the spread of the prompts' means and Student's t make it."
        ),
        "welch": _(
            "Interval of the gap between two groups of prompts, {prompts} together: Welch's t of the prompts' means, "
            "two-sided, 95 %."
        ),
        "wilson": _(
            "Interval of a share of the pictures of {prompts} prompts: Wilson's, 95 %, for as many answers as the "
            "pictures are worth, since those of one prompt resemble each other (Korn and Graubard 1998)."
        ),
        "none": _("From a single prompt no interval can be made."),
    }
    kinds = dict.fromkeys((found.method, found.units) for found in intervals)
    return [
        words[method].format(prompts=units, limit=BOOTSTRAP_PROMPTS, resamples=RESAMPLES) for method, units in kinds
    ]


def _names(pair: Pair) -> dict[str, str]:
    return {"base": model_name(pair.base), "tuned": model_name(pair.tuned)}
