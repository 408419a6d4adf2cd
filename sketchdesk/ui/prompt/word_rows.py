"""The learnt words (textual inversion) that prompts may call: a file each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.added_row import AddedRow
from sketchdesk.ui.prompt.added_rows import AddedRows
from sketchdesk.ui.theme.manager import set_role


class WordRows(AddedRows):
    """One row a file, below a line that says how they are called."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("prompt_words", parent)
        self._remark = ""
        self._hint = named(QLabel(), "prompt_words_hint")
        self._hint.setWordWrap(True)
        set_role(self._hint, "small")
        self._layout.addWidget(self._hint)

    def value(self) -> tuple[str, ...]:
        """Return the files in their order."""
        return self.paths()

    def set_value(self, paths: Sequence[str]) -> None:
        """Show these files in place of all others."""
        self.show_rows([self._row(number, path) for number, path in enumerate(dict.fromkeys(paths))])
        self.retranslate()

    def add(self, path: str) -> None:
        """Add a file, unless it is there already."""
        if path not in self.value():
            self.set_value((*self.value(), path))

    def set_remark(self, sentence: str) -> None:
        """Say which of them no prompt calls, in place of how they are called; "" for none."""
        if sentence != self._remark:
            self._remark = sentence
            self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        words = ", ".join(Path(path).stem for path in self.value())
        hint = _("Learnt words; write them in a prompt: {words}").format(words=words)
        self._hint.setText(self._remark or hint)
        for row in self.rows:
            describe(row.remove, _("Draw without {name}").format(name=Path(row.path).stem))

    def _row(self, number: int, path: str) -> AddedRow:
        row = AddedRow("word", number, path)
        row.removed.connect(self._remove)
        return row

    @Slot(str)
    def _remove(self, path: str) -> None:
        self.set_value([kept for kept in self.value() if kept != path])
