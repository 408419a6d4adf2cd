"""A chip for the days in which pictures were made: some usual spans, and any other from a first to a last day."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QDate, QLocale, Signal, Slot
from PySide6.QtWidgets import QDateEdit, QGridLayout, QLabel, QPushButton, QWidget, QWidgetAction

from sketchdesk.contracts.text import N_, _
from sketchdesk.ui.gallery.filters.choice_chip import ChoiceChip
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.widgets.quiet import INSET_PX

Span = tuple[str, str]
"""The first and the last day, as 2026-11-22; "" for no bound."""

_SPANS = ((0, N_("today")), (1, N_("since yesterday")), (6, N_("last 7 days")), (29, N_("last 30 days")))


class DaysChip(ChoiceChip):
    """Chooses a span of days.

    Signals:
        days_chosen(str, str): The first and the last day; "" for no bound.
    """

    days_chosen = Signal(str, str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._days: Span = ("", "")
        self._labels = [named(QLabel(), f"{name}_{part}_label") for part in ("first", "last")]
        self._first, self._last = (named(QDateEdit(), f"{name}_{part}_edit") for part in ("first", "last"))
        self._apply = named(QPushButton(), f"{name}_apply_button")
        box = QWidget()
        layout = QGridLayout(box)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(8)
        for row, (label, edit) in enumerate(zip(self._labels, (self._first, self._last), strict=True)):
            label.setBuddy(edit)
            edit.lineEdit().setTextMargins(INSET_PX, 0, 0, 0)
            layout.addWidget(label, row, 0)
            layout.addWidget(edit, row, 1)
        layout.addWidget(self._apply, 2, 0, 1, 2)
        other = QWidgetAction(self)
        other.setDefaultWidget(box)
        self.menu_.addSeparator()
        self.menu_.addAction(other)
        self.chosen.connect(self._on_chosen)
        self._apply.clicked.connect(self._on_apply)
        self.menu_.aboutToShow.connect(self.retranslate)  # another day may have begun

    def days(self) -> Span:
        """Return the span that is chosen."""
        return self._days

    def set_days(self, since: str, until: str) -> None:
        """Choose without telling."""
        self._days = (since, until)
        self.retranslate()

    @Slot()
    def retranslate(self) -> None:
        """Take the language in use."""
        spans = {"": _("any"), **{_joined((self._since(days), "")): _(text) for days, text in _SPANS}}
        spans.setdefault(_joined(self._days), _spoken(self._days))
        self.set_choices(_("Date"), _("Show only pictures of some days"), list(spans.items()))
        self.set_value(_joined(self._days))
        for label, text in zip(self._labels, (_("From"), _("To")), strict=True):
            label.setText(text)
        describe(self._first, _("The first day"))
        describe(self._last, _("The last day"))
        self._apply.setText(_("Between these days"))
        describe(self._apply, _("Show only pictures that were made between these days"))
        for edit, day in zip((self._first, self._last), self._days, strict=True):
            edit.setLocale(QLocale())
            edit.setDate(QDate.fromString(day, "yyyy-MM-dd") if day else QDate.currentDate())

    @staticmethod
    def _since(days: int) -> str:
        return (date.today() - timedelta(days=days)).isoformat()

    def _choose(self, days: Span) -> None:
        self.set_days(*days)
        self.days_chosen.emit(*days)

    @Slot(str)
    def _on_chosen(self, value: str) -> None:
        since, _sign, until = value.partition("/")
        self._choose((since, until))

    @Slot()
    def _on_apply(self) -> None:
        self.menu_.close()
        days = sorted(edit.date().toString("yyyy-MM-dd") for edit in (self._first, self._last))
        self._choose((days[0], days[1]))


def _joined(days: Span) -> str:
    """Return a span as one value, ISO 8601's sign between its days."""
    return "/".join(days) if any(days) else ""


def _spoken(days: Span) -> str:
    shown = [
        QLocale().toString(QDate.fromString(day, "yyyy-MM-dd"), QLocale.FormatType.ShortFormat) if day else "…"
        for day in days
    ]
    return shown[0] if shown[0] == shown[1] else " – ".join(shown)
