"""Blind votes: which of two pictures of one prompt and seed is better, asked without saying whose they are.

A study's folder holds votes.jsonl, a line a vote, appended as it is given; a vote that is taken back is a line too, so
that voting can stop at any moment and go on later.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.distributions import sign_test_p
from sketchdesk.library.evaluation.finding_words import model_name, p_words
from sketchdesk.library.evaluation.findings import Pair
from sketchdesk.library.evaluation.metric_catalogue import VALUES
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.files.lines import append_lines
from sketchdesk.library.wording.number_words import number

VOTES = "votes.jsonl"
Side = Literal["left", "right", "equal"]
Key = tuple[str, int | None]
"""A prompt and a seed."""


class Ballot(Struct, frozen=True):
    """Two pictures of the same prompt and seed, in the places they are shown at."""

    left: StudyImage
    right: StudyImage

    @property
    def key(self) -> tuple[str, int | None]:
        """The prompt and the seed."""
        return self.left.prompt, self.left.seed


class Vote(Struct, frozen=True, kw_only=True):
    """One line of votes.jsonl."""

    variant: str
    prompt: str
    seed: int | None
    left: str
    """The model whose picture stood at the left."""
    right: str
    better: Side | None
    """None takes the vote on this pair back."""


Votes = Mapping[str, Mapping[Key, Vote]]
"""Variant → the votes that count on it."""
NO_VOTES: Votes = {}


class Counted(Struct, frozen=True, kw_only=True):
    """What the votes on one variant say of the pair's second model."""

    wins: int
    losses: int
    ties: int
    sign_test_p: float
    agreement: dict[str, tuple[int, int]]
    """Metric → (votes that chose the picture it scores higher, votes it could be asked about)."""

    @property
    def votes(self) -> int:
        """How many there are."""
        return self.wins + self.losses + self.ties


def ballots(study: Study, variant: VariantFindings, seed: int = 0) -> list[Ballot]:
    """Return every pair of pictures of the two compared models, shuffled and with sides swapped, by the seed."""
    by_model: dict[str, dict[tuple[str, int | None], StudyImage]] = {study.pair.base: {}, study.pair.tuned: {}}
    for image in variant.images:
        if image.model in by_model and image.seed is not None:
            by_model[image.model][image.prompt, image.seed] = image
    base, tuned = by_model[study.pair.base], by_model[study.pair.tuned]
    keys = sorted(key for key in base if key in tuned)
    rng = random.Random(f"{seed} {variant.name}")
    rng.shuffle(keys)
    return [
        Ballot(*(pair if rng.random() < 0.5 else pair[::-1])) for pair in ((base[key], tuned[key]) for key in keys)
    ]


def cast(folder: Path, variant: str, ballot: Ballot, better: Side | None) -> Vote:
    """Append a vote, or take one back, and return it. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    prompt, seed = ballot.key
    vote = Vote(
        variant=variant, prompt=prompt, seed=seed, left=ballot.left.model, right=ballot.right.model, better=better
    )
    append_lines(folder / VOTES, msgspec.json.encode(vote) + b"\n", synced=True)
    return vote


def read_votes(folder: Path, variant: str) -> dict[tuple[str, int | None], Vote]:
    """Return (prompt, seed) → the vote that counts, the last one; lines that are no vote are passed over."""
    try:
        lines = (folder / VOTES).read_bytes().splitlines()
    except OSError:
        return {}
    found: dict[tuple[str, int | None], Vote] = {}
    for line in lines:
        try:
            vote = reader(Vote).decode(line)
        except (msgspec.DecodeError, UnicodeError):
            continue
        if vote.variant == variant:
            found[vote.prompt, vote.seed] = vote
    return {key: vote for key, vote in found.items() if vote.better is not None}


def count(
    pair: Pair, variant: VariantFindings, votes: Mapping[tuple[str, int | None], Vote]
) -> Counted:
    """Count the votes for the pair's second model, and how often each metric would have voted the same."""
    chosen = {key: chosen_model(vote) for key, vote in votes.items()}
    wins = sum(model == pair.tuned for model in chosen.values())
    losses = sum(model == pair.base for model in chosen.values())
    scores = {(i.prompt, i.seed, i.model): i for i in variant.images}
    agreement: dict[str, tuple[int, int]] = {}
    for metric in _metrics(variant.images):
        asked = agreed = 0
        for (prompt, seed), model in chosen.items():
            sides = [scores.get((prompt, seed, name)) for name in (pair.base, pair.tuned)]
            values = [_value(side, metric) if side else None for side in sides]
            if model is not None and values[0] is not None and values[1] is not None and values[0] != values[1]:
                asked += 1
                agreed += model == (pair.tuned if values[1] > values[0] else pair.base)
        if asked:
            agreement[metric] = (agreed, asked)
    return Counted(
        wins=wins, losses=losses, ties=len(chosen) - wins - losses, sign_test_p=sign_test_p(wins, losses),
        agreement=agreement,
    )  # fmt: skip


def votes_sentence(counted: Counted, pair: Pair) -> str:
    """Say what people chose and whether the cosine would have; "" without votes."""
    if not counted.votes:
        return ""
    words = _("Blind votes: {tuned} better in {wins}, {base} in {losses}, {ties} equal (sign test {p}).")
    said = words.format(
        wins=counted.wins, losses=counted.losses, ties=counted.ties, p=p_words(counted.sign_test_p),
        base=model_name(pair.base), tuned=model_name(pair.tuned),
    )  # fmt: skip
    if "cosine" not in counted.agreement:
        return said
    agreed, asked = counted.agreement["cosine"]
    same = _("The CLIP cosine agrees with {agreed} of {asked} ({share} %).")
    return f"{said} {same.format(agreed=agreed, asked=asked, share=number(100 * agreed / asked, 0))}"


def chosen_model(vote: Vote) -> str | None:
    """Return the model whose picture was chosen; None where they are equal."""
    return {"left": vote.left, "right": vote.right}.get(vote.better or "")


def _metrics(images: Sequence[StudyImage]) -> list[str]:
    """Return the metrics of these pictures by which the higher of two is the better."""
    others = dict.fromkeys(name for image in images for name in image.values)
    return ["cosine", *(name for name in others if name in VALUES and VALUES[name].better == "higher")]


def _value(image: StudyImage, metric: str) -> float | None:
    value = image.cosine if metric == "cosine" else image.values.get(metric)
    return float(value) if isinstance(value, int | float) else None
