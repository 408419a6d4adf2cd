"""The learnt words (textual inversion) that prompts may call: a file each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.added_row import AddedRow, take_out
from sketchdesk.ui.theme.manager import set_role


class WordRows(QWidget):
    """One row a file, below a line that says how they are called; hidden while there is none.

    Signals:
        changed(): A file was added or taken out.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_words")
        self._rows: list[AddedRow] = []
        self._hint = named(QLabel(), "prompt_words_hint")
        self._hint.setWordWrap(True)
        set_role(self._hint, "small")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self._hint)
        self.hide()

    def value(self) -> tuple[str, ...]:
        """Return the files in their order."""
        return tuple(row.path for row in self._rows)

    def set_value(self, paths: Sequence[str]) -> None:
        """Show these files in place of all others."""
        for row in self._rows:
            take_out(row)
        self._rows = [self._row(number, path) for number, path in enumerate(dict.fromkeys(paths))]
        self.setVisible(bool(self._rows))
        self.retranslate()
        self.changed.emit()

    def add(self, path: str) -> None:
        """Add a file, unless it is there already."""
        if path not in self.value():
            self.set_value((*self.value(), path))

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Say at each row why its file cannot be used, by its path."""
        for row in self._rows:
            row.set_problem(problems.get(row.path, ""))

    def has_problem(self) -> bool:
        """Tell whether a file cannot be used."""
        return any(row.problem for row in self._rows)

    def retranslate(self) -> None:
        """Take the language in use."""
        words = ", ".join(Path(path).stem for path in self.value())
        self._hint.setText(_("Learnt words; write them in a prompt: {words}").format(words=words))
        for row in self._rows:
            describe(row.remove, _("Draw without {name}").format(name=Path(row.path).stem))

    def _row(self, number: int, path: str) -> AddedRow:
        row = AddedRow("word", number, path)
        row.removed.connect(self._remove)
        self._layout.addWidget(row)
        return row

    @Slot(str)
    def _remove(self, path: str) -> None:
        self.set_value([kept for kept in self.value() if kept != path])
