"""What was changed in a training so that it fits into a memory, in sentences a person can agree to."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.forecast_train import fit_to_memory
from sketchdesk.library.model_facts import ModelFacts


class Change(Struct, frozen=True, kw_only=True):
    """One setting that becomes another, and what that costs."""

    setting: str
    """A field of TrainJob."""
    before: object
    after: object
    sentence: str


def changes_to_fit(
    job: TrainJob, facts: ModelFacts, device: str, memory_gib: float, examples: int = 0
) -> list[Change] | None:
    """Return what to change so that the job fits (see fit_to_memory), the least painful first.

    Nothing where it fits as it is, None where nothing makes it fit.
    """
    fitted = fit_to_memory(job, facts, device, memory_gib, examples)
    return None if fitted is None else changes_between(job, fitted)


def changes_between(job: TrainJob, fitted: TrainJob) -> list[Change]:
    """Return what differs between two jobs, those settings that are changed to save memory."""
    found = []
    for setting, sentence in _SENTENCES.items():
        before, after = getattr(job, setting), getattr(fitted, setting)
        if before != after:
            found.append(Change(setting=setting, before=before, after=after, sentence=sentence(before, after)))
    return found


_SENTENCES: dict[str, Callable[[object, object], str]] = {
    "train_batch_size": lambda before, after: _(
        "{after} pictures at once instead of {before}: the same images a step, a little slower."
    ).format(before=before, after=after),
    "gradient_accumulation_steps": lambda _before, after: _(
        "The gradients of {after} batches are gathered for one step, so that the result stays the same."
    ).format(after=after),
    "gradient_checkpointing": lambda _before, _after: _(
        "What the backward pass needs is computed again instead of kept: the same result, about a third more time."
    ),
    "optimizer": lambda _before, _after: _(
        "The optimiser keeps its state in 8 bits: a quarter of the memory, nearly the same steps."
    ),
}
