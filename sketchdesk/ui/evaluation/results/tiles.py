"""The numbers that matter, large: one tile each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name, p_words
from sketchdesk.library.evaluation.findings import Interval, Verdict
from sketchdesk.library.evaluation.studies import ModelFindings, Study, VariantFindings
from sketchdesk.library.wording.number_words import number, signed, span
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel

Tone = Literal["", "good", "bad"]
_ROLES: dict[Tone, str] = {"": "figure", "good": "figure-good", "bad": "figure-bad"}
_TONES: dict[Verdict, Tone] = {Verdict.HIGHER: "good", Verdict.LOWER: "bad", Verdict.NOT_SHOWN: ""}
TILES = 4


@dataclass(frozen=True)
class Figure:
    """What one tile shows."""

    title: str
    value: str
    note: str = ""
    tone: Tone = ""


class Tile(QFrame):
    """A title, a large number and a note below it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        set_role(self, "card")
        self._title = named(ElidedLabel(minimum_px=60), f"{name}_title")
        set_role(self._title, "caption")
        self._value = named(QLabel(), f"{name}_value")
        set_role(self._value, "figure")
        self._value.setFont(tabular(self._value.font()))
        self._note = named(ElidedLabel(minimum_px=30), f"{name}_note")
        set_role(self._note, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(2)
        for widget in (self._title, self._value, self._note):
            layout.addWidget(widget)

    def show_figure(self, figure: Figure) -> None:
        """Show a number."""
        self._title.set_full_text(figure.title)
        self._value.setText(figure.value)
        self._note.set_full_text(figure.note)
        set_role(self._value, _ROLES[figure.tone])
        self.setAccessibleName(f"{figure.title}: {figure.value} {figure.note}".strip())


class Tiles(QWidget):
    """A row of tiles, all equally wide; fewer figures than tiles leave the others out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = [Tile(f"evaluation_tile_{number}") for number in range(TILES)]
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for column, tile in enumerate(self._tiles):
            layout.addWidget(tile, 0, column)
            layout.setColumnStretch(column, 1)

    def show_figures(self, figures: list[Figure]) -> None:
        """Show these numbers, at most TILES."""
        for tile, figure in zip_longest(self._tiles, figures[:TILES]):
            tile.setVisible(figure is not None)
            if figure is not None:
                tile.show_figure(figure)


def figures_of(study: Study, variant: VariantFindings) -> list[Figure]:
    """Return the numbers of a variant that matter."""
    base, tuned = variant.model(study.pair.base), variant.model(study.pair.tuned)
    if variant.cosine and base and tuned:
        return _compared(study, variant, base, tuned)
    figures = []
    for model in variant.models[:TILES]:
        if model.cosine:
            note = _interval_note(model.cosine, signs=False)
            figures.append(Figure(_titled(_("CLIP cosine"), model.name), number(model.cosine.mean), note))
    for model in variant.models[: TILES - len(figures)]:
        if model.captioned:
            title = _titled(_("BLIP says “drawing”"), model.name)
            figures.append(Figure(title, _share(model), _of(model)))
    for model in variant.models[: TILES - len(figures)]:
        if model.colourfulness:
            title = _titled(_("Colourfulness"), model.name)
            figures.append(Figure(title, number(model.colourfulness.mean), _("0 is black and white")))
    return figures


def _compared(study: Study, variant: VariantFindings, base: ModelFindings, tuned: ModelFindings) -> list[Figure]:
    assert variant.cosine is not None
    found, names = variant.cosine, (model_name(study.pair.base), model_name(study.pair.tuned))
    figures = [
        Figure(
            _titled(_("CLIP cosine"), study.pair.tuned),
            number(tuned.cosine.mean) if tuned.cosine else "–",
            f"{names[0]} {number(base.cosine.mean)}" if base.cosine else "",
        ),
        Figure(
            _("Paired difference"),
            signed(found.difference.mean),
            _interval_note(found.difference, signs=True),
            _TONES[found.verdict],
        ),
        Figure(
            _("Same-seed pairs won"),
            f"{found.wins} / {found.pairs}",
            _("sign test {p}").format(p=p_words(found.sign_test_p)),
        ),
    ]
    if tuned.captioned and base.captioned:
        title = _titled(_("BLIP says “drawing”"), study.pair.tuned)
        figures.append(Figure(title, _share(tuned), f"{names[0]} {_share(base)}"))
    elif tuned.colourfulness and base.colourfulness:
        note = f"{names[0]} {number(base.colourfulness.mean)}"
        figures.append(Figure(_("Colourfulness"), number(tuned.colourfulness.mean), note))
    return figures


def _titled(title: str, model: str) -> str:
    return f"{title}, {model_name(model)}" if model else title


def _share(model: ModelFindings) -> str:
    return f"{round(100 * model.called_drawings / model.captioned)} %"


def _of(model: ModelFindings) -> str:
    return _("{count} of {total}").format(count=model.called_drawings, total=model.captioned)


def _interval_note(found: Interval, *, signs: bool) -> str:
    if found.low is None or found.high is None:
        return _("no interval from a single value")
    say = signed if signs else number
    return _("95 % {interval}").format(interval=span(found.low, found.high, say))
