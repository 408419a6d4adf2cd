"""What is looked for in the gallery: a search line and chips."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QLocale, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget, QWidgetAction

from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.images.record import short_model
from sketchdesk.library.index.index import Query
from sketchdesk.ui.gallery.buttons import chip
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.filters.choice_chip import ChoiceChip
from sketchdesk.ui.gallery.filters.days_chip import DaysChip
from sketchdesk.ui.gallery.filters.search_edit import SearchEdit
from sketchdesk.ui.gallery.grid.flow_layout import FlowLayout
from sketchdesk.ui.gallery.words import score_meaning, score_text
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.quiet import DoubleSpinBox

TYPING_MS = 150
SCORE_STEPS = 5

_SORTS = {
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "score": N_("Best score first"),
    "prompt": N_("By prompt"),
    "seed": N_("By seed"),
    "model": N_("By model"),
    "run": N_("By run"),
    "star": N_("Stars first"),
    "tag": N_("By tag"),
}


class FilterBar(QWidget):
    """A form over a Query.

    Signals:
        value_changed(Query): The person looks for something else; typing is told when it pauses.
    """

    value_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_filters")
        self._query = Query()
        self._found: Found | None = None
        self.search = SearchEdit("gallery_search_edit")
        self._all = chip("gallery_all_chip", checkable=True)
        self._starred = chip("gallery_starred_chip", "star", checkable=True)
        self._model = ChoiceChip("gallery_model_chip")
        self._run = ChoiceChip("gallery_run_chip")
        self._tag = ChoiceChip("gallery_tag_chip")
        self._days = DaysChip("gallery_days_chip")
        self._score = ChoiceChip("gallery_score_chip")
        self._sort = ChoiceChip("gallery_sort_chip")
        self._count = named(QLabel(), "gallery_found_label")
        self._least = named(DoubleSpinBox(-1.0, 1.0, 0.0, 3), "gallery_least_score_box")
        self.tools = QHBoxLayout()
        """Beside the search line, for what is done with what is found."""
        self._typing = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._least.setSingleStep(0.01)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.search.setMinimumWidth(110)
        set_role(self._count, "muted")
        other = QWidgetAction(self._score)
        other.setDefaultWidget(self._other_score())
        self._score.menu_.addSeparator()
        self._score.menu_.addAction(other)
        chips = FlowLayout()
        for widget in (
            self._all, self._starred, self._model, self._run, self._tag, self._days, self._score, self._sort,
            self._count,
        ):  # fmt: skip
            chips.addWidget(widget)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.search, 1)
        line.addLayout(self.tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 0)
        layout.setSpacing(8)
        layout.addLayout(line)
        layout.addLayout(chips)

    def _other_score(self) -> QWidget:
        box = QWidget()
        layout = QHBoxLayout(box)
        layout.setContentsMargins(12, 4, 12, 4)
        self._least_apply = named(QPushButton(), "gallery_least_score_button")
        layout.addWidget(self._least, 1)
        layout.addWidget(self._least_apply)
        return box

    def _connect(self) -> None:
        self.search.textChanged.connect(self._typing.start)
        self.search.returnPressed.connect(self._on_typed)
        self._typing.timeout.connect(self._on_typed)
        self._all.clicked.connect(self.clear)
        self._starred.clicked.connect(self._on_starred)
        self._model.chosen.connect(self._on_model)
        self._run.chosen.connect(self._on_run)
        self._tag.chosen.connect(self._on_tag)
        self._days.days_chosen.connect(self._on_days)
        self._score.chosen.connect(self._on_score)
        self._sort.chosen.connect(self._on_sort)
        self._least_apply.clicked.connect(self._on_least)

    # --- as a form -----------------------------------------------------------------------------------------------

    def value(self) -> Query:
        """Return what is looked for."""
        return self._query

    def set_value(self, query: Query) -> None:
        """Show what is looked for, without telling."""
        self._query = query
        if self.search.text() != query.text:
            self.search.setText(query.text)
        self._typing.stop()
        self._starred.setChecked(query.starred)
        self._model.set_value(query.model)
        self._run.set_value(query.run)
        self._tag.set_value(query.tag)
        self._days.set_days(query.since, query.until)
        self._score.set_value("" if query.min_score is None else str(query.min_score))
        self._sort.set_value(query.sort)
        self._all.setChecked(not self.narrows())
        self.retranslate()

    def narrows(self) -> bool:
        """Tell whether some images are left out."""
        return self._query != Query(sort=self._query.sort)

    @Slot()
    def clear(self) -> None:
        """Look for all images."""
        self._change(**{name: getattr(Query(), name) for name in Query.__struct_fields__ if name != "sort"})

    def set_found(self, found: Found) -> None:
        """Show how many images there are, and by whom."""
        self._found = found
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.search.retranslate()
        self.search.setPlaceholderText(_("Search prompts"))
        describe(self.search, _("Words that the prompt must have"))
        total = self._found.total if self._found else 0
        starred = self._found.starred if self._found else 0
        self._all.setText(_("All {count}").format(count=number_text(total)))
        describe(self._all, _("Show all pictures"))
        self._starred.setText(number_text(starred))
        describe(self._starred, _("Show only pictures with a star"))
        self._show_count()
        self._least_apply.setText(_("At least"))
        self._least.setLocale(QLocale())
        describe(self._least, _("The least CLIP score: the cosine, as the pictures show it"))
        describe(self._least_apply, _("Show only pictures with at least this score"))
        self._set_choices()

    # --- inside --------------------------------------------------------------------------------------------------

    def _show_count(self) -> None:
        """Say how many the filters let through; until the answer is there, what was said before."""
        self._count.setVisible(self.narrows())
        self._count.setMinimumHeight(self._sort.sizeHint().height())  # in the middle of the chips' line
        if self._found and self._found.query == self._query:
            count = len(self._found.ids)
            self._count.setText(ngettext("{count} found", "{count} found", count).format(count=number_text(count)))

    def _set_choices(self) -> None:
        models = self._found.models if self._found else ()
        runs = self._found.runs if self._found else ()
        any_text = _("any")
        self._model.set_choices(_("Model"), _("Show only what one model drew"), _counted(models, any_text, short=True))
        self._run.set_choices(_("Run"), _("Show only the pictures of one run"), _counted(runs, any_text))
        tags = self._found.tags if self._found else ()
        self._tag.set_choices(_("Tag"), _("Show only the pictures with one tag"), _counted(tags, any_text))
        self._tag.setVisible(bool(tags or self._query.tag))
        self._days.retranslate()
        scores = [("", any_text), *((str(one), f"≥ {score_text(one)}") for one in self._scores())]
        sentence = _("Show only pictures with at least this CLIP score. {meaning}").format(meaning=score_meaning())
        self._score.set_choices(_("Score"), sentence, scores)
        self._score.set_value("" if self._query.min_score is None else str(self._query.min_score))
        self._sort.set_choices("", _("In which order"), [(name, _(text)) for name, text in _SORTS.items()])
        self._sort.set_value(self._query.sort)
        self._all.setChecked(not self.narrows())

    def _scores(self) -> list[float]:
        """Return some scores to choose from, spread over those there are, and the one in use."""
        span = self._found.scores if self._found else None
        steps = []
        if span and span[1] > span[0]:
            steps = [span[0] + (span[1] - span[0]) * step / SCORE_STEPS for step in range(1, SCORE_STEPS)]
        chosen = [] if self._query.min_score is None else [self._query.min_score]
        return sorted({round(one, 3) for one in steps} | set(chosen))

    def _change(self, **values: object) -> None:
        self.set_value(msgspec.structs.replace(self._query, **values))
        self.value_changed.emit(self._query)

    @Slot()
    def _on_typed(self) -> None:
        self._typing.stop()
        if self.search.text() != self._query.text:
            self._change(text=self.search.text())

    @Slot(bool)
    def _on_starred(self, on: bool) -> None:
        self._change(starred=on)

    @Slot(str)
    def _on_model(self, model: str) -> None:
        self._change(model=model)

    @Slot(str)
    def _on_run(self, run: str) -> None:
        self._change(run=run)

    @Slot(str)
    def _on_tag(self, tag: str) -> None:
        self._change(tag=tag)

    @Slot(str, str)
    def _on_days(self, since: str, until: str) -> None:
        self._change(since=since, until=until)

    @Slot(str)
    def _on_score(self, score: str) -> None:
        self._change(min_score=float(score) if score else None)

    @Slot()
    def _on_least(self) -> None:
        self._score.menu_.close()
        self._change(min_score=round(self._least.value(), 3))

    @Slot(str)
    def _on_sort(self, sort: str) -> None:
        self._change(sort=sort)


def _counted(named_counts: Sequence[tuple[str, int]], any_text: str, short: bool = False) -> list[tuple[str, str]]:
    return [("", any_text), *((name, short_model(name) if short else name) for name, _count in named_counts)]
