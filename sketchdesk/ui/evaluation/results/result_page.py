"""The page of a finished study: what was found, in figures, tables, charts and captions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QTabBar, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, VariantFindings
from sketchdesk.library.evaluation.votes import count, read_votes, votes_sentence
from sketchdesk.ui.evaluation.results.caption_table import PROMPT_ROLE, caption_rows, model_rows
from sketchdesk.ui.evaluation.results.exporting import Exporter
from sketchdesk.ui.evaluation.results.prompt_dialog import PromptDialog
from sketchdesk.ui.evaluation.results.result_head import ResultHead
from sketchdesk.ui.evaluation.results.result_parts import ResultParts
from sketchdesk.ui.evaluation.results.tiles import figures_of
from sketchdesk.ui.evaluation.studies.pictures import Pictures
from sketchdesk.ui.evaluation.voting_dialog import VotingDialog
from sketchdesk.ui.evaluation.words import asked_sentence, colour_words, method_words, variant_title, verdict_sentence
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.card import Card
from sketchdesk.ui.widgets.column_scroll import ColumnScroll

CAPTION_ROWS, MODEL_ROWS = 10, 8


class ResultPage(QWidget):
    """Shows one study, one of its variants at a time. It has to be put where it belongs, and `put_together`.

    Signals:
        repeat_wanted(object): The study's job, to be changed and done again.
        message(Message): A vote could not be written down.
    """

    repeat_wanted = Signal(object)
    message = Signal(Message)

    def __init__(
        self, parts: ResultParts, pictures: Pictures, exporter: Exporter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_result")
        self._pictures, self._exporter, self._parts = pictures, exporter, parts
        self._study: Study | None = None
        self._folder = Path()
        self._run_title = ""
        self._head = ResultHead(exporter)
        self._variants = named(QTabBar(), "evaluation_variants")
        self._variants.setDrawBase(False)
        self._variants.setExpanding(False)
        self._variants.setElideMode(Qt.TextElideMode.ElideRight)
        self._variants.setUsesScrollButtons(True)
        self._verdict = _label("evaluation_verdict", "heading")
        self._votes = _label("evaluation_votes", "muted")
        self._asked = _label("evaluation_asked", "muted")
        self._method = _label("evaluation_method", "muted")
        self.choosing = parts.choosing
        self._prompts_card, self._models_card, self._heat_card, self._captions_card, self._method_card = (
            Card(f"evaluation_{name}_card") for name in ("prompts", "models", "heat", "captions", "method")
        )
        exporter.charts, exporter.vector_charts = parts.plots.picture, parts.plots.vector
        self._content = QVBoxLayout()
        self._arrange()
        self._connect()
        self.retranslate()

    def _arrange(self) -> None:
        content = QWidget()
        content.setLayout(self._content)
        self._content.setContentsMargins(16, 12, 16, 16)
        self._content.setSpacing(12)
        self._content.addWidget(self._head)
        self._area = ColumnScroll("evaluation_scroll", content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)

    def _connect(self) -> None:
        parts = self._parts
        self._head.repeat_wanted.connect(self._on_repeat)
        self._head.vote_wanted.connect(self.open_voting)
        self._variants.currentChanged.connect(self._on_variant)
        for part in (parts.prompts, parts.plots, parts.memory):
            part.opened.connect(self.open_prompt)
        for view in (parts.captions, parts.heat):
            view.activated.connect(self._on_caption)

    def put_together(self) -> Iterator[None]:
        """Put the parts in place, one by one: style and layout of each take their time."""
        parts = self._parts
        for widget in (self._variants, self._verdict, self._votes, self._asked, parts.tiles):
            self._content.addWidget(widget)
        yield
        for card, inside in (
            (None, parts.times), (None, parts.choosing), (self._prompts_card, parts.prompts), (None, parts.plots),
            (None, parts.metrics), (self._models_card, parts.models), (self._heat_card, parts.heat),
            (None, parts.memory), (self._captions_card, parts.captions), (self._method_card, self._method),
        ):  # fmt: skip
            self._content.addWidget(card or inside)
            if card:
                card.body.addWidget(inside)
            yield
        self._content.addStretch(1)

    # --- what is shown -------------------------------------------------------------------------------------------

    def show_study(self, study: Study, folder: Path, run_title: str = "") -> None:
        """Show a study that lies in a folder."""
        self._study, self._folder, self._run_title = study, folder, run_title
        self._exporter.folder = folder
        self._variants.blockSignals(True)
        while self._variants.count():
            self._variants.removeTab(0)
        for variant in study.variants:
            self._variants.addTab(variant_title(variant).replace("&", "&&"))
        self._variants.blockSignals(False)
        self._variants.setVisible(len(study.variants) > 1)
        self._area.verticalScrollBar().setValue(0)
        self._refresh()

    @property
    def study(self) -> Study | None:
        """The study on show."""
        return self._study

    @property
    def variant(self) -> VariantFindings | None:
        """The variant on show."""
        if not self._study or not self._study.variants:
            return None
        return self._study.variants[max(0, self._variants.currentIndex())]

    def retranslate(self) -> None:
        """Take the language in use."""
        parts = self._parts
        self._area.setAccessibleName(_("Results of the study"))
        self._variants.setAccessibleName(_("Variants"))
        self._prompts_card.set_text(_("Prompt by prompt"), _("a double click shows every seed"))
        self._models_card.set_text(_("Models"))
        self._heat_card.set_text(_("Prompts × models"), _("CLIP cosine; the deeper, the higher"))
        parts.heat.setAccessibleName(_("Prompts × models"))
        self._captions_card.set_text(_("Captions"), _("what BLIP says of each picture"))
        parts.captions.setAccessibleName(_("Captions"))
        parts.models.setAccessibleName(_("Models"))
        self._method_card.set_text(_("How the numbers were made"))
        for part in (self._head, parts.choosing, parts.prompts, parts.plots, parts.times, parts.metrics, parts.memory):
            part.retranslate()
        for view in (parts.captions, parts.models, parts.heat):
            view.table.retranslate()
        self._refresh()

    def _refresh(self) -> None:
        study, variant, parts = self._study, self.variant, self._parts
        if study is None or variant is None:
            return
        for number, each in enumerate(study.variants):
            self._variants.setTabText(number, variant_title(each).replace("&", "&&"))
            self._variants.setTabToolTip(number, variant_title(each))
        self._head.show_study(study, self._run_title, can_vote=variant.cosine is not None)
        _say(self._verdict, verdict_sentence(study, variant))
        _say(self._asked, f"{asked_sentence(study, variant)} {colour_words(study, variant)}".strip())
        self._show_votes()
        parts.tiles.show_figures(figures_of(study, variant))
        parts.times.show_study(study, variant)
        self.choosing.show_variant(study, variant)
        parts.prompts.show_variant(study, self._folder, variant)
        parts.plots.setVisible(any(model.cosine for model in variant.models))
        parts.plots.show_variant(study, variant)
        self._models_card.setVisible(len(variant.models) > 2)
        parts.models.table.show_rows(model_rows(variant))
        parts.models.fit(MODEL_ROWS)
        self._heat_card.setVisible(len(variant.models) > 2)
        parts.heat.show_variant(variant)
        parts.memory.show_variant(self._folder, variant)
        captions = caption_rows(variant)
        self._captions_card.setVisible(bool(captions))
        parts.captions.table.show_rows(captions)
        parts.captions.fit(CAPTION_ROWS)
        self._method.setText("\n".join(method_words(variant)))

    # --- what the person wishes ----------------------------------------------------------------------------------

    @Slot(str)
    def open_prompt(self, prompt: str) -> None:
        """Show every seed of a prompt."""
        if self._study and self.variant:
            PromptDialog(self._study, self._folder, self.variant, prompt, self._pictures, self).open()

    @Slot()
    def open_voting(self) -> None:
        """Ask which of two pictures is better, pair by pair."""
        if self._study and self.variant:
            dialog = VotingDialog(self._study, self._folder, self.variant, self)
            dialog.voted.connect(self._show_votes)
            dialog.message.connect(self.message)
            dialog.open()

    @Slot()
    def _show_votes(self) -> None:
        """Show the blind votes, in words and in the table beside what was measured."""
        study, variant = self._study, self.variant
        if study is None or variant is None:
            return
        found = read_votes(self._folder, variant.name) if variant.cosine else {}
        counted = count(study.pair, variant, found)
        _say(self._votes, votes_sentence(counted, study.pair))
        self._parts.metrics.show_variant(study, variant, counted if found else None)

    @Slot(int)
    def _on_variant(self, _number: int) -> None:
        self._refresh()

    @Slot(QModelIndex)
    def _on_caption(self, index: QModelIndex) -> None:
        self.open_prompt(index.data(PROMPT_ROLE))

    @Slot()
    def _on_repeat(self) -> None:
        if self._study:
            self.repeat_wanted.emit(self._study.job)


def _label(name: str, role: str) -> QLabel:
    label = named(QLabel(), name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    set_role(label, role)
    return label


def _say(label: QLabel, sentence: str) -> None:
    label.setText(sentence.replace(" %", "\N{NO-BREAK SPACE}%"))
    label.setVisible(bool(sentence))
