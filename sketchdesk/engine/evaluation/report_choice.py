"""The report's leaderboard: which of three models or more is proposed and why, and style against fidelity."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.choosing import FIDELITY, Place, places, propose, style_is_measured
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.findings import Pair
from sketchdesk.library.evaluation.standings import standing_texts, standing_titles
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.wording.axis_marks import marks_of
from sketchdesk.library.wording.markup import Markup, element, plain_table, together
from sketchdesk.library.wording.number_words import number

WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 60, 660, 34, 225
APART_X, APART_Y = 100, 40
MARGIN = 0.16
"""Of the axes, beyond the outermost dots."""


def leaderboard(pair: Pair, findings: VariantFindings) -> Markup:
    """Return the models in their order; nothing where there are not three."""
    board = findings.leaderboards.get(FIDELITY, ())
    if len(board) < 3:
        return Markup()
    proposal = propose(findings, pair.base)
    style = _("style") if style_is_measured(findings) else _("called a drawing by BLIP, share")
    found = places(findings)
    note = _("p: Student's paired test over prompts, Holm's correction over all pairs of models.")
    return together(
        element("h3", _("Which one to take")),
        element("p", proposal.why, class_="lede") if proposal else "",
        plain_table(standing_titles(), standing_texts(board)),
        element("p", note, class_="note"),
        plot(found, proposal.model if proposal else "", style) if len(found) > 1 else "",
    )


def plot(found: Sequence[Place], proposed: str, style: str) -> Markup:
    """Return style against fidelity: a dot a model, those that no other beats in both joined by a dashed line."""
    across, up = (_range([getattr(place, name) for place in found]) for name in ("style", "fidelity"))

    def x(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - across[0]) / (across[1] - across[0]), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - up[0]) / (up[1] - up[0]), 1)

    front = sorted((place for place in found if place.is_on_front), key=lambda place: place.style)
    parts = [
        *(_across(x(mark), number(mark, 2)) for mark in marks_of(across, RIGHT - LEFT, APART_X)),
        *(_up(y(mark), number(mark)) for mark in marks_of(up, BOTTOM - TOP, APART_Y)),
        *(
            element("line", x1=one[0], y1=one[1], x2=other[0], y2=other[1], class_="front")
            for one, other in pairwise([(x(place.style), y(place.fidelity)) for place in front])
        ),
        *(_dot(x(place.style), y(place.fidelity), place, place.model == proposed) for place in found),
        element("text", f"↑ {_('fits the prompts: CLIP cosine')}", x=LEFT, y=TOP - 20),
        element("text", f"{style} →", x=RIGHT, y=HEIGHT - 8, text_anchor="end"),
    ]
    said = _("Style against fidelity to the prompts")
    drawn = element("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="plot", role="img", aria_label=said)
    return element("div", drawn, class_="panel")


def _range(values: Sequence[float]) -> tuple[float, float]:
    margin = MARGIN * (max(values) - min(values)) or 0.01
    return min(values) - margin, max(values) + margin


def _across(x: float, text: str) -> Markup:
    return element("text", text, x=x, y=BOTTOM + 20, text_anchor="middle")


def _up(y: float, text: str) -> Markup:
    line = element("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="grid")
    return together(line, element("text", text, x=LEFT - 10, y=y + 4, text_anchor="end"))


def _dot(x: float, y: float, place: Place, is_proposed: bool) -> Markup:
    kind = "proposed" if is_proposed else "front" if place.is_on_front else "beaten"
    dot = element("circle", cx=x, cy=y, r=7 if is_proposed else 5, class_=kind)
    return together(dot, element("text", model_name(place.model), x=x, y=y - 12, text_anchor="middle", class_=kind))
