"""The head of the page of results: what study it is, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study
from sketchdesk.ui.evaluation.results.exporting import KINDS, Exporter
from sketchdesk.ui.evaluation.words import size_text, study_title, time_text
from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel


class ResultHead(QWidget):
    """Title and buttons; below them state, size and time.

    Signals:
        repeat_wanted(): The study is to be changed and done again.
        vote_wanted(): Its pictures are to be voted on.
    """

    repeat_wanted = Signal()
    vote_wanted = Signal()

    def __init__(self, exporter: Exporter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_head")
        self._title = named(ElidedLabel(minimum_px=120), "evaluation_title")
        set_role(self._title, "title")
        self._state = named(QLabel(), "evaluation_state")
        set_role(self._state, "badge-good")
        self._size = named(QLabel(), "evaluation_size")
        set_role(self._size, "badge")
        self._when = named(ElidedLabel(minimum_px=20), "evaluation_when")
        set_role(self._when, "small")
        self._repeat = _button("evaluation_repeat_button", "rotate-ccw")
        self._repeat.clicked.connect(self.repeat_wanted)
        self._vote = _button("evaluation_vote_button", "scale")
        self._vote.clicked.connect(self.vote_wanted)
        self._export = _button("evaluation_export_button", "upload")
        menu = named(QMenu(self._export), "evaluation_export_menu")
        self._exports = exporter.fill(menu)
        self._export.setMenu(menu)
        self._help = HelpButton("evaluation_help", "evaluation#page")
        self._arrange()

    def _arrange(self) -> None:
        upper, lower = QHBoxLayout(), QHBoxLayout()
        upper.addWidget(self._title, 1)
        for button in (self._repeat, self._vote, self._export, self._help):
            upper.addWidget(button)
        for badge in (self._state, self._size):
            lower.addWidget(badge, 0, Qt.AlignmentFlag.AlignVCenter)
        lower.addWidget(self._when, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for row in (upper, lower):
            row.setSpacing(8)
            layout.addLayout(row)

    def show_study(self, study: Study, run_title: str, *, can_vote: bool) -> None:
        """Show a study; `run_title` is what its run is called."""
        self._title.set_full_text(study_title(study.job, run_title or study.title))
        self._size.setText(size_text(study))
        self._when.set_full_text(time_text(study.created))
        self._vote.setVisible(can_vote)
        for what in ("times", "times_parquet"):
            self._exports[what].setVisible(study.timings is not None)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._state.setText(_("done"))
        self._repeat.setText(_("Repeat…"))
        describe(self._repeat, _("Change something and do the study again, in a new folder"))
        self._vote.setText(_("Blind vote"))
        describe(self._vote, _("Choose the better of two pictures without knowing whose they are"))
        self._export.setText(_("Export"))
        describe(self._export, _("Take the scores, the report or everything elsewhere"))
        self._help.retranslate()
        for what, action in self._exports.items():
            action.setText(_(KINDS[what].text))


def _button(name: str, icon: str) -> QPushButton:
    button = named(QPushButton(), name)
    set_icon(button, icon, "text")
    set_role(button, "chip")
    return button
