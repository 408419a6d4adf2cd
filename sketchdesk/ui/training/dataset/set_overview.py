"""The left side of the data set page: counts and sizes, two histograms, and the kinds of findings to choose from."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.dataset.check import ASPECTS, SetReport
from sketchdesk.library.dataset.flaws import ABOUT, Flaw
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.dataset.histogram import Histogram

WIDTH_PX = 272
FLAW_ROLE = Qt.ItemDataRole.UserRole
CAPTION_BARS = 16


class SetOverview(QWidget):
    """Shows a report.

    Signals:
        flaw_chosen(object): The Flaw whose pictures are wanted, None for all.
    """

    flaw_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_overview")
        self.setFixedWidth(WIDTH_PX)
        self._report: SetReport | None = None
        self._counts = named(QLabel(), "dataset_counts")
        self._counts.setWordWrap(True)
        self._sizes = named(QLabel(), "dataset_sizes")
        set_role(self._sizes, "small")
        self._sizes.setWordWrap(True)
        self._headings = [QLabel() for _heading in range(3)]
        self._aspects, self._lengths = Histogram("dataset_aspects"), Histogram("dataset_lengths")
        self._list = named(QListWidget(), "dataset_findings")
        set_role(self._list, "bare")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._counts)
        layout.addWidget(self._sizes)
        for heading, widget in zip(self._headings, (self._aspects, self._lengths, self._list), strict=True):
            set_role(heading, "caption")
            layout.addSpacing(8)
            layout.addWidget(heading)
            layout.addWidget(widget, 1 if widget is self._list else 0)
        self._list.currentItemChanged.connect(self._on_current)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        texts = (_("Shapes, tall to wide"), _("Caption lengths in tokens"), _("What was found"))
        for heading, text in zip(self._headings, texts, strict=True):
            heading.setText(text)
        describe(self._aspects, _("How many pictures have about which ratio of width to height"))
        describe(self._lengths, _("How many captions have how many tokens; beyond the line they are not read"))
        for histogram in (self._aspects, self._lengths):
            histogram.setToolTip("")  # it tells the bar's count there
        describe(self._list, _("Choose a finding to see its pictures"))
        if self._report:
            self.recount(self._report)

    def show_report(self, report: SetReport) -> None:
        """Show what was found in a set, and choose all of its pictures."""
        self._list.clear()
        self.recount(report)
        self._on_current()

    def recount(self, report: SetReport) -> None:
        """Show what is found now; the kind that was chosen stays chosen, even if there is none of it any more."""
        self._report = report
        self._counts.setText(counts_text(report))
        self._sizes.setText(sizes_text(report))
        self._aspects.show_bars(report.aspects, [f"{shape.width}:{shape.height}" for shape in ASPECTS])
        self._show_lengths(report)
        chosen = self._chosen()
        self._list.blockSignals(True)
        self._list.clear()
        self._add(_("All pictures"), report.pictures, None, _("Every picture with its caption"))
        for flaw, about in ABOUT.items():
            count = report.count(flaw)
            if count or flaw is chosen:
                self._add(_(about.title), count, flaw, _(about.effect))
        flaws = [self._list.item(row).data(FLAW_ROLE) for row in range(self._list.count())]
        self._list.setCurrentRow(flaws.index(chosen))
        self._list.blockSignals(False)

    def _add(self, title: str, count: int, flaw: Flaw | None, effect: str) -> None:
        item = QListWidgetItem(f"{title} · {number_text(count)}")
        item.setData(FLAW_ROLE, flaw)
        item.setToolTip(effect)
        self._list.addItem(item)

    def _show_lengths(self, report: SetReport) -> None:
        counts, limit = report.token_counts, report.token_limit or 0
        most = max([*counts, limit + limit // 8, 1])
        wide = -(-most // CAPTION_BARS)
        binned = Counter((count - 1) // wide for count in counts)
        names = [str((place + 1) * wide) for place in range(CAPTION_BARS)]
        self._lengths.show_bars(
            [binned[place] for place in range(CAPTION_BARS)], names, limit / wide if limit else None
        )

    def _chosen(self) -> Flaw | None:
        item = self._list.currentItem()
        kept = item.data(FLAW_ROLE) if item else None  # Qt gives a plain text back
        return Flaw(kept) if kept else None

    @Slot()
    def _on_current(self) -> None:
        if self._list.currentItem() is not None:
            self.flaw_chosen.emit(self._chosen())


def counts_text(report: SetReport) -> str:
    """Return how many pictures there are and how many can be used."""
    total = ngettext("{count} picture", "{count} pictures", report.pictures).format(count=number_text(report.pictures))
    usable = _("{count} can be trained on").format(count=number_text(report.usable))
    parts = [total, usable]
    if report.shown != report.usable:
        parts.append(_("shown {count} times a pass").format(count=number_text(report.shown)))
    return " · ".join(parts)


def sizes_text(report: SetReport) -> str:
    """Return the smallest, the middle and the largest size."""
    if not report.usable:
        return ""
    sizes = (report.smallest, report.median, report.largest)
    if len(set(sizes)) == 1:
        return _("All {size} pixels").format(size=_size(sizes[0]))
    return _("{smallest} to {largest} pixels, the middle one {median}").format(
        smallest=_size(sizes[0]), median=_size(sizes[1]), largest=_size(sizes[2])
    )


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"
