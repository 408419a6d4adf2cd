"""The card of a study's times: how much faster one model is, every stage of each, and what it was timed on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, VariantFindings
from sketchdesk.library.evaluation.timings import (
    STAGES,
    TimingRow,
    machine_sentences,
    seconds,
    speed_sentences,
    timing_cells,
    timing_rows,
)
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.evaluation.results.caption_table import Cell, PlainTable, PlainView
from sketchdesk.ui.evaluation.results.spark import Parts, SparkDelegate
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.widgets.card import Card

ROWS = 8
BAR, BAR_PX = 3, 120


class TimesCard(Card):
    """Shows the times; it hides where a study timed nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("evaluation_times_card", parent)
        self._study: Study | None = None
        self._said, self._machine = _label("evaluation_speed", ""), _label("evaluation_machine", "muted")
        self._legend = [_label(f"evaluation_legend_{stage}", "small") for stage in STAGES]
        table = PlainTable(_titles)
        table.numeric = frozenset((2, *range(BAR + 1, BAR + 8)))
        self.view = PlainView("evaluation_times", table, wide=0)
        self.view.setItemDelegateForColumn(BAR, SparkDelegate(self.view, BAR_PX))
        legend = QHBoxLayout()
        legend.setSpacing(16)
        for label in self._legend:
            legend.addWidget(label)
        legend.addStretch(1)
        self.body.addWidget(self._said)
        self.body.addLayout(legend)
        self.body.addWidget(self.view)
        self.body.addWidget(self._machine)
        theme().changed.connect(self._show_legend)
        self.retranslate()

    def show_study(self, study: Study, variant: VariantFindings) -> None:
        """Show a study's times, and the scores of one of its variants beside them."""
        self._study = study
        self.setVisible(study.timings is not None)
        if study.timings is None:
            return
        self._said.setText("\n".join(speed_sentences(study.timings, study.pair)))
        self._said.setVisible(bool(self._said.text()))
        self._machine.setText(" ".join(machine_sentences(study.timings)))
        rows = timing_rows(study.timings)
        self.view.table.show_rows([("", _cells(row, variant)) for row in rows], [_bar(row, rows) for row in rows])
        self.view.fit(ROWS)
        bar = self.view.horizontalScrollBar().sizeHint().height()  # a narrow page has one, which covers no row
        self.view.setFixedHeight(self.view.height() + bar)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the bars out where the numbers need their room."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        header = self.view.horizontalHeader()
        needed = sum(
            BAR_PX if column == BAR else max(self.view.sizeHintForColumn(column), header.sectionSizeHint(column))
            for column in range(header.count())
        )
        is_narrow = needed > self.view.viewport().width()
        self.view.setColumnHidden(BAR, is_narrow)
        for label in self._legend:
            label.setVisible(not is_narrow)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("Time and memory"), _("seconds a picture: median [quartiles]"))
        self.view.setAccessibleName(_("Time and memory"))
        self.view.table.retranslate()
        self._show_legend()

    def _show_legend(self) -> None:
        for place, (label, text) in enumerate(
            zip(self._legend, (_("text"), _("denoising"), _("decoding")), strict=True)
        ):
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setText(f'<span style="color: {tokens().series[place]}">■</span> {text}')


def _titles() -> Sequence[str]:
    """Return short titles: the card's note says that these are seconds; exports say it in every column."""
    return [
        _("Model"), _("Drawn"), _("Steps"), _("Stages"), _("Text"), _("Denoising"), _("Decoding"), _("A picture"),
        _("Steps/s"), "GiB", "CLIP",
    ]  # fmt: skip


def _cells(row: TimingRow, variant: VariantFindings) -> list[Cell]:
    """Return a row's cells; of the stages the medians, whose quartiles are in the exports."""
    found = variant.model(row.model)
    score = found.cosine if found else None
    told: list[Cell] = list(timing_cells(row))
    medians: list[Cell] = [(seconds(one.median), one.median) for one in (row.text_s, row.denoise_s, row.decode_s)]
    speed: Cell = (seconds(row.steps_per_s.median), row.steps_per_s.median)
    return [
        *told[:BAR], ("", row.whole_s.median), *medians, told[BAR + 3], speed, told[-1],
        (number(score.mean) if score else "–", score.mean if score else -2.0),
    ]  # fmt: skip


def _bar(row: TimingRow, rows: Sequence[TimingRow]) -> dict[int, object]:
    stages = [row.text_s.median, row.denoise_s.median, row.decode_s.median]
    longest = max(sum((other.text_s.median, other.denoise_s.median, other.decode_s.median)) for other in rows)
    return {BAR: Parts([stage / longest if longest else 0.0 for stage in stages])}


def _label(name: str, role: str) -> QLabel:
    label = named(QLabel(), name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(not name.startswith("evaluation_legend"))
    if role:
        set_role(label, role)
    return label
