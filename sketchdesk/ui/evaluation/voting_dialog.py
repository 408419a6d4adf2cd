"""Blind voting: two pictures side by side, one key a vote, and no word of whose they are until the end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.evaluation.votes import Side, ballots, cast, count, read_votes, votes_sentence
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

SIDE_PX = 1024
KEYS: dict[int, Side] = {
    Qt.Key.Key_Left: "left", Qt.Key.Key_1: "left", Qt.Key.Key_Right: "right", Qt.Key.Key_2: "right",
    Qt.Key.Key_Down: "equal", Qt.Key.Key_Space: "equal", Qt.Key.Key_0: "equal",
}  # fmt: skip
BACK_KEYS = (Qt.Key.Key_Backspace, Qt.Key.Key_Up)


class _Pair(QWidget):
    """The two pictures."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._files: tuple[Path, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(200)
        pictures.arrived.connect(self.update)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Two squares."""
        return QSize(840, 412)

    def show_files(self, files: tuple[Path, ...], following: tuple[Path, ...] = ()) -> None:
        """Show these, and read those that follow."""
        self._files = files
        for file in following:
            self._pictures.get(file)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint both, equally large."""
        painter = QPainter(self)
        gap = 16
        width = (self.width() - gap) / 2
        for place, file in enumerate(self._files):
            cell = QRectF(place * (width + gap) + 0.5, 0.5, width - 1, self.height() - 1)
            paint_picture(painter, cell, self._pictures.get(file), 8)
        if not self._files:
            painter.setPen(QColor(tokens().muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _("Every pair has its vote."))
        painter.end()


class VotingDialog(QDialog):
    """Asks about every pair of a variant that has no vote yet. Left, Right, Down vote; Backspace takes the last back.

    Signals:
        voted(): A vote was given or taken back.
        message(Message): It could not be written down.
    """

    voted = Signal()
    message = Signal(Message)

    def __init__(
        self, study: Study, folder: Path, variant: VariantFindings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_voting")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._study, self._folder, self._variant = study, folder, variant
        self._ballots = ballots(study, variant)
        self._votes = read_votes(folder, variant.name)
        self._given = [number for number, ballot in enumerate(self._ballots) if ballot.key in self._votes]
        self._pictures = Pictures(self, SIDE_PX)
        self._pair = named(_Pair(self._pictures, self), "evaluation_voting_pair")
        self._prompt = named(QLabel(), "evaluation_voting_prompt")
        self._prompt.setTextFormat(Qt.TextFormat.PlainText)
        self._prompt.setWordWrap(True)
        self._prompt.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._prompt, "heading")
        self._bar = named(QProgressBar(), "evaluation_voting_progress")
        self._bar.setTextVisible(False)
        self._told = named(QLabel(), "evaluation_voting_told")
        self._told.setWordWrap(True)
        set_role(self._told, "muted")
        self._sides = {side: named(QPushButton(), f"evaluation_vote_{side}") for side in ("left", "equal", "right")}
        for side, slot in (("left", self._on_left), ("equal", self._on_equal), ("right", self._on_right)):
            self._sides[side].clicked.connect(slot)
        set_icon(self._sides["left"], "arrow-left", "text")
        set_icon(self._sides["equal"], "minus", "text")
        set_icon(self._sides["right"], "arrow-right", "text")
        self._back = named(QPushButton(), "evaluation_vote_back")
        set_icon(self._back, "undo-2", "text")
        self._back.clicked.connect(self._on_back)
        self._close = named(QPushButton(), "evaluation_voting_close")
        self._close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in self._sides.values():
            buttons.addWidget(button, 1)
        fill_dialog(
            self, (self._prompt, self._pair, buttons, self._bar), foot_row((self._told,), (self._back, self._close)),
            grows=self._pair,
        )  # fmt: skip
        for button in (*self._sides.values(), self._back, self._close):
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # each has its keys, and arrows would wander between them
        self._pair.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pair.setFocus()
        self.resize(920, 680)
        self.finished.connect(self._pictures.shutdown)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Blind vote"))
        self._sides["left"].setText(_("Left is better"))
        describe(self._sides["left"], _("The left picture is better (Left or 1)"))
        self._sides["equal"].setText(_("Equal"))
        describe(self._sides["equal"], _("Neither is better (Down, Space or 0)"))
        self._sides["right"].setText(_("Right is better"))
        describe(self._sides["right"], _("The right picture is better (Right or 2)"))
        self._back.setText(_("Take back"))
        describe(self._back, _("Take the last vote back (Backspace)"))
        self._close.setText(_("Close"))
        describe(self._close, _("Stop here; every vote is kept, and voting goes on from here next time"))
        self._bar.setAccessibleName(_("Votes given"))
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Vote, take back, or close."""
        if event.key() in KEYS:
            self.vote(KEYS[event.key()])
        elif event.key() in BACK_KEYS:
            self._on_back()
        else:
            super().keyPressEvent(event)

    def vote(self, side: Side) -> None:
        """Give the pair on show a vote and show the next."""
        place = self._place()
        if place is None:
            return
        try:
            vote = cast(self._folder, self._variant.name, self._ballots[place], side)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
            return
        self._votes[self._ballots[place].key] = vote
        self._given.append(place)
        self.voted.emit()
        self._show()

    @Slot()
    def _on_back(self) -> None:
        if not self._given:
            return
        place = self._given[-1]
        try:
            cast(self._folder, self._variant.name, self._ballots[place], None)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
            return
        self._given.pop()
        del self._votes[self._ballots[place].key]
        self.voted.emit()
        self._show()

    @Slot()
    def _on_left(self) -> None:
        self.vote("left")

    @Slot()
    def _on_right(self) -> None:
        self.vote("right")

    @Slot()
    def _on_equal(self) -> None:
        self.vote("equal")

    def _place(self) -> int | None:
        """Return the first pair without a vote."""
        return next((number for number, one in enumerate(self._ballots) if one.key not in self._votes), None)

    def _show(self) -> None:
        place = self._place()
        left = [one for one in self._ballots if one.key not in self._votes]
        following = left[1] if len(left) > 1 else None
        self._bar.setRange(0, max(1, len(self._ballots)))
        self._bar.setValue(len(self._ballots) - len(left))
        for button in self._sides.values():
            button.setEnabled(place is not None)
        self._back.setEnabled(bool(self._given))
        if place is None:
            self._pair.show_files(())
            counted = count(self._study.pair, self._variant, self._votes)
            self._prompt.setText("")
            self._told.setText(votes_sentence(counted, self._study.pair))
            return
        ballot = self._ballots[place]
        self._prompt.setText(ballot.left.prompt)
        self._pair.show_files(
            tuple(self._file(one) for one in (ballot.left, ballot.right)),
            tuple(self._file(one) for one in (following.left, following.right)) if following else (),
        )
        words = _("{done} of {all} pairs. Which picture is better? Whose it is stays hidden until the last vote.")
        self._told.setText(words.format(done=len(self._ballots) - len(left), all=len(self._ballots)))

    def _file(self, image: StudyImage) -> Path:
        return self._folder / image.file
