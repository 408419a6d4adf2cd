"""Many models on the same prompts: their order, what separates each from the first, and which are not told apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from sketchdesk.engine.evaluation.statistics import (
    Groups,
    Scores,
    compare,
    interval,
    paired_differences,
    prompt_means,
)
from sketchdesk.library.evaluation.distributions import two_sided_p
from sketchdesk.library.evaluation.findings import LEVEL, Interval, Standing


def leaderboard(
    scores: Mapping[str, Scores], lower_is_better: bool = False, interval_of: Callable[[Groups], Interval] = interval
) -> tuple[Standing, ...]:
    """Return the models by their means, the best first; `scores` is model → (prompt, seed) → value.

    `interval_of` makes each mean's interval.

    Every model is compared with the first one over pairs of the same prompt and seed. Which one is first was seen in
    the same numbers, so all pairs of models are tested and Holm's correction is made over all of them; a model that is
    not told apart from the first by that may be as good. A model with no value is left out.
    """
    measured = {model: values for model, values in scores.items() if values}
    means = {model: interval_of(_by_prompt(values)) for model, values in measured.items()}
    order = sorted(measured, key=lambda model: means[model].mean, reverse=not lower_is_better)
    if not order:
        return ()
    pairs = [(one, other) for place, one in enumerate(order) for other in order[place + 1 :]]
    tested = [paired_p(measured[one], measured[other]) for one, other in pairs]
    corrected = dict(zip(pairs, holm(tested), strict=True))
    best, standings = order[0], []
    for model in order:
        p = corrected.get((best, model))
        shared = model != best and measured[best].keys() & measured[model].keys()
        standings.append(
            Standing(
                model=model,
                mean=means[model],
                to_best=compare(measured[best], measured[model]).difference if shared else None,
                p=p,
                may_be_best=p is None or p > 1 - LEVEL,
            )
        )
    return tuple(standings)


def _by_prompt(scores: Scores) -> dict[str, list[float]]:
    groups: dict[str, list[float]] = {}
    for (prompt, _seed), value in scores.items():
        groups.setdefault(prompt, []).append(value)
    return groups


def paired_p(one: Scores, other: Scores) -> float:
    """Return the two-sided p-value of Student's paired test over prompts; 1 where two prompts in common are lacking."""
    differences = paired_differences(one, other)
    if len(differences) < 2:
        return 1.0
    means = prompt_means(differences)
    error = float(means.std(ddof=1)) / math.sqrt(len(means))
    if error == 0:
        return 1.0 if means[0] == 0 else 0.0
    return two_sided_p(float(means.mean()) / error, len(means) - 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values as Holm's step-down correction makes them, in the order given (Holm 1979)."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected
