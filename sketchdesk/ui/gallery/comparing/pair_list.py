"""The pairs there are to compare: prompt, seed, and what the second's score is against the first's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.words import CLIP, difference_text, score_meaning, score_text, title_of
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role

Pair = tuple[GalleryImage, GalleryImage]


class PairList(QWidget):
    """A list of pairs, one of them chosen.

    Signals:
        chosen(Pair | None): This pair is to be seen.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_pairs")
        self._pairs: list[Pair] = []
        self._count = named(QLabel(), "compare_pairs_count")
        set_role(self._count, "caption")
        self._list = named(QListWidget(), "compare_pairs_list")
        self._list.setFont(fonts.tabular(self._list.font()))
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self._on_row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self._count)
        layout.addWidget(self._list, 1)
        self.setMinimumWidth(180)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._list.setAccessibleName(_("Pairs to compare"))
        self._fill(self._list.currentRow())

    def show_pairs(self, pairs: Sequence[Pair]) -> None:
        """Offer other pairs, the first of them chosen."""
        self._pairs = list(pairs)
        self._fill(0)

    def swap(self) -> None:
        """Change the sides of all pairs."""
        self._pairs = [(right, left) for left, right in self._pairs]
        self._fill(self._list.currentRow())

    def step(self, by: int) -> None:
        """Go to another pair."""
        self._list.setCurrentRow(min(max(self._list.currentRow() + by, 0), self._list.count() - 1))

    def ahead(self) -> list[GalleryImage]:
        """Return the pictures of the next pair."""
        after = self._list.currentRow() + 1
        return list(self._pairs[after]) if 0 < after < len(self._pairs) else []

    def _fill(self, row: int) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for pair in self._pairs:
            text = _text(pair)
            item = QListWidgetItem(text)
            item.setToolTip(f"{text}\n{score_meaning()}" if all(CLIP in one.scores for one in pair) else text)
            self._list.addItem(item)
        self._list.setCurrentRow(min(max(row, 0), len(self._pairs) - 1))
        self._list.blockSignals(False)
        self._count.setText(ngettext("{count} pair", "{count} pairs", len(self._pairs)).format(count=len(self._pairs)))
        self._on_row(self._list.currentRow())

    @Slot(int)
    def _on_row(self, row: int) -> None:
        self.chosen.emit(self._pairs[row] if 0 <= row < len(self._pairs) else None)


def _text(pair: Pair) -> str:
    """Return three lines: the prompt, or both where they differ; the seed; how much the second is better."""
    left, right = pair
    title = title_of(left) if title_of(left) == title_of(right) else f"{title_of(left)} ↔ {title_of(right)}"
    seeds = list(dict.fromkeys(str(image.record.seed) for image in pair if image.record))
    lines = [title, _("seed {seed}").format(seed=" ↔ ".join(seeds)) if seeds else ""]
    if CLIP in left.scores and CLIP in right.scores:
        one, other = left.scores[CLIP], right.scores[CLIP]
        lines.append(f"{score_text(one)} → {score_text(other)} ({difference_text(one, other)})")
    return "\n".join(lines)
