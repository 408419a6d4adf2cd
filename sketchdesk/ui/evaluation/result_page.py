"""The page of a finished study: what was found, in figures, a table, charts and captions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.studies import Study, VariantFindings
from sketchdesk.library.votes import count, read_votes, votes_sentence
from sketchdesk.ui.evaluation.caption_table import (
    PROMPT_ROLE,
    PlainTable,
    PlainView,
    caption_rows,
    caption_titles,
    model_rows,
    model_titles,
)
from sketchdesk.ui.evaluation.choosing_card import ChoosingCard
from sketchdesk.ui.evaluation.exporting import KINDS, Exporter
from sketchdesk.ui.evaluation.heat_map import HeatMap
from sketchdesk.ui.evaluation.pictures import Pictures
from sketchdesk.ui.evaluation.plots import StudyPlots
from sketchdesk.ui.evaluation.prompt_dialog import PromptDialog
from sketchdesk.ui.evaluation.prompt_view import PromptView
from sketchdesk.ui.evaluation.tiles import Tiles, figures_of
from sketchdesk.ui.evaluation.voting_dialog import VotingDialog
from sketchdesk.ui.evaluation.words import (
    asked_sentence,
    colour_words,
    method_words,
    size_text,
    study_title,
    time_text,
    variant_title,
    verdict_sentence,
)
from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.card import Card
from sketchdesk.ui.widgets.column_scroll import ColumnScroll
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.workers.background import Background

CAPTION_ROWS, MODEL_ROWS = 10, 8


@dataclass(frozen=True)
class ResultParts:
    """What a page of results is put together from."""

    tiles: Tiles
    prompts: PromptView
    plots: StudyPlots
    models: PlainView
    captions: PlainView
    choosing: ChoosingCard
    heat: HeatMap


def result_parts(pictures: Pictures, background: Background) -> Iterator[ResultParts | None]:
    """Make the parts one by one, for whoever does other things in between; the last that comes is all of them."""
    tiles = Tiles()
    yield None
    prompts = PromptView(pictures)
    yield None
    plots = StudyPlots(background)
    yield None
    models = _table("evaluation_models", PlainTable(model_titles), wide=0, numeric=(1, 2, 3, 4))
    captions = _table("evaluation_captions", PlainTable(caption_titles), wide=3, numeric=(1, 2))
    yield None
    yield ResultParts(tiles, prompts, plots, models, captions, ChoosingCard(background), HeatMap())


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
        self._pictures = pictures
        self._exporter = exporter
        self._study: Study | None = None
        self._folder = Path()
        self._run_title = ""
        self._make_head()
        self._variants = named(QTabBar(), "evaluation_variants")
        self._variants.setDrawBase(False)
        self._variants.setExpanding(False)
        self._variants.setElideMode(Qt.TextElideMode.ElideRight)
        self._variants.setUsesScrollButtons(True)
        self._verdict = _label("evaluation_verdict", "heading")
        self._votes = _label("evaluation_votes", "muted")
        self._asked = _label("evaluation_asked", "muted")
        self._tiles, self._prompts, self._plots = parts.tiles, parts.prompts, parts.plots
        self._models, self._captions, self.choosing = parts.models, parts.captions, parts.choosing
        self._heat, self._heat_card = parts.heat, Card("evaluation_heat_card")
        self._method = _label("evaluation_method", "muted")
        self._prompts_card, self._models_card, self._captions_card, self._method_card = (
            Card(f"evaluation_{name}_card") for name in ("prompts", "models", "captions", "method")
        )
        exporter.charts, exporter.vector_charts = self._plots.picture, self._plots.vector
        self._content = QVBoxLayout()
        self._arrange()
        self._variants.currentChanged.connect(self._on_variant)
        self._prompts.opened.connect(self.open_prompt)
        self._plots.opened.connect(self.open_prompt)
        self._captions.activated.connect(self._on_caption)
        self._heat.activated.connect(self._on_caption)
        self.retranslate()

    def _make_head(self) -> None:
        self._title = named(ElidedLabel(minimum_px=120), "evaluation_title")
        set_role(self._title, "title")
        self._state = named(QLabel(), "evaluation_state")
        set_role(self._state, "badge-good")
        self._size = named(QLabel(), "evaluation_size")
        set_role(self._size, "badge")
        self._when = named(ElidedLabel(minimum_px=20), "evaluation_when")
        set_role(self._when, "small")
        self._repeat = named(QPushButton(), "evaluation_repeat_button")
        set_icon(self._repeat, "rotate-ccw", "text")
        self._repeat.clicked.connect(self._on_repeat)
        self._vote = named(QPushButton(), "evaluation_vote_button")
        set_icon(self._vote, "scale", "text")
        self._vote.clicked.connect(self.open_voting)
        self._export = named(QPushButton(), "evaluation_export_button")
        set_icon(self._export, "upload", "text")
        for button in (self._repeat, self._vote, self._export):
            set_role(button, "chip")
        menu = named(QMenu(self._export), "evaluation_export_menu")
        self._export_actions = self._exporter.fill(menu)
        self._export.setMenu(menu)
        self._help = HelpButton("evaluation_help", "evaluation#page")

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        for badge in (self._state, self._size):
            head.addWidget(badge, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._when)
        head.addStretch(1)
        for button in (self._repeat, self._vote, self._export):
            head.addWidget(button)
        head.addWidget(self._help)
        content = QWidget()
        content.setLayout(self._content)
        self._content.setContentsMargins(16, 12, 16, 16)
        self._content.setSpacing(12)
        self._content.addLayout(head)
        self._area = ColumnScroll("evaluation_scroll", content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)

    def put_together(self) -> Iterator[None]:
        """Put the parts in place, one by one: style and layout of each take their time."""
        for widget in (self._variants, self._verdict, self._votes, self._asked, self._tiles):
            self._content.addWidget(widget)
        yield
        for card, inside in (
            (None, self.choosing), (self._prompts_card, self._prompts), (None, self._plots),
            (self._models_card, self._models), (self._heat_card, self._heat),
            (self._captions_card, self._captions), (self._method_card, self._method),
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
        self._state.setText(_("done"))
        self._repeat.setText(_("Repeat…"))
        describe(self._repeat, _("Change something and do the study again, in a new folder"))
        self._vote.setText(_("Blind vote"))
        describe(self._vote, _("Choose the better of two pictures without knowing whose they are"))
        self._export.setText(_("Export"))
        self._help.retranslate()
        describe(self._export, _("Take the scores, the report or everything elsewhere"))
        for what, action in self._export_actions.items():
            action.setText(_(KINDS[what].text))
        self._area.setAccessibleName(_("Results of the study"))
        self._variants.setAccessibleName(_("Variants"))
        self._prompts_card.set_text(_("Prompt by prompt"), _("a double click shows every seed"))
        self._models_card.set_text(_("Models"))
        self._heat_card.set_text(_("Prompts × models"), _("CLIP cosine; the deeper, the higher"))
        self._heat.setAccessibleName(_("Prompts × models"))
        self._captions_card.set_text(_("Captions"), _("what BLIP says of each picture"))
        self._captions.setAccessibleName(_("Captions"))
        self._models.setAccessibleName(_("Models"))
        self._method_card.set_text(_("How the numbers were made"))
        for part in (self.choosing, self._prompts, self._plots):
            part.retranslate()
        for view in (self._captions, self._models, self._heat):
            view.table.retranslate()
        self._refresh()

    def _refresh(self) -> None:
        study, variant = self._study, self.variant
        if study is None or variant is None:
            return
        for number, each in enumerate(study.variants):
            self._variants.setTabText(number, variant_title(each).replace("&", "&&"))
            self._variants.setTabToolTip(number, variant_title(each))
        self._title.set_full_text(study_title(study.job, self._run_title or study.title))
        self._size.setText(size_text(study))
        self._when.set_full_text(time_text(study.created))
        _say(self._verdict, verdict_sentence(study, variant))
        _say(self._asked, f"{asked_sentence(study, variant)} {colour_words(study, variant)}".strip())
        self._show_votes()
        self._tiles.show_figures(figures_of(study, variant))
        self.choosing.show_variant(study, variant)
        self._prompts.show_variant(study, self._folder, variant)
        self._plots.setVisible(any(model.cosine for model in variant.models))
        self._plots.show_variant(study, variant)
        self._models_card.setVisible(len(variant.models) > 2)
        self._models.table.show_rows(model_rows(variant))
        self._models.fit(MODEL_ROWS)
        self._heat_card.setVisible(len(variant.models) > 2)
        self._heat.show_variant(variant)
        captions = caption_rows(variant)
        self._captions_card.setVisible(bool(captions))
        self._captions.table.show_rows(captions)
        self._captions.fit(CAPTION_ROWS)
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
        study, variant = self._study, self.variant
        if study is None or variant is None:
            return
        self._vote.setVisible(variant.cosine is not None)
        found = read_votes(self._folder, variant.name) if variant.cosine else {}
        _say(self._votes, votes_sentence(count(study.pair, variant, found), study.pair))

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
    label.setText(sentence)
    label.setVisible(bool(sentence))


def _table(name: str, table: PlainTable, wide: int, numeric: tuple[int, ...]) -> PlainView:
    table.numeric = frozenset(numeric)
    return PlainView(name, table, wide)
