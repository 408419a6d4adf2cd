"""A leaderboard as a table, the same in the window and in a report."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import interval_text, model_name
from sketchdesk.library.evaluation.findings import Standing
from sketchdesk.library.wording.number_words import number, signed


def standing_titles() -> list[str]:
    """Return the columns' titles."""
    return [_("Model"), _("CLIP cosine, 95 % interval"), _("To the first"), _("p, corrected")]


def standing_texts(board: Sequence[Standing]) -> list[list[str]]:
    """Return the rows, the best first."""
    return [_texts(place, one) for place, one in enumerate(board)]


def _texts(place: int, one: Standing) -> list[str]:
    p = "–" if one.p is None else "< 0.001" if one.p < 0.001 else number(one.p)
    return [
        model_name(one.model), interval_text(one.mean), interval_text(one.to_best, signed),
        f"{p} · {_('not told apart')}" if place and one.may_be_best else p,
    ]  # fmt: skip
