"""The card of a study's leaderboard: the models in their order, which is proposed and why, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.evaluation.choosing import (
    FIDELITY,
    Proposal,
    checkpoint_of,
    model_paths,
    places,
    propose,
    style_is_measured,
    trash_checkpoints,
)
from sketchdesk.library.evaluation.findings import Standing
from sketchdesk.library.evaluation.standings import standing_texts, standing_titles
from sketchdesk.library.evaluation.studies import Study, VariantFindings
from sketchdesk.library.models.own_models import copy_model
from sketchdesk.library.trash.folder_trash import FolderBatch, restore_folders
from sketchdesk.ui.evaluation.results.caption_table import Cell, PlainTable, PlainView
from sketchdesk.ui.evaluation.results.pareto import ParetoPlot
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.card import Card
from sketchdesk.workers.background import Background, or_failure

ROWS = 9


class ChoosingCard(Card):
    """Shows the leaderboard of a variant of three models or more.

    Signals:
        model_chosen(str): This model should be used for drawing; what resolve_model takes.
        models_changed(): A model came or went.
        message(Message): What came of it.
    """

    model_chosen = Signal(str)
    models_changed = Signal()
    message = Signal(Message)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("evaluation_choosing_card", parent)
        self._background = background
        self._proposal: Proposal | None = None
        self._paths: dict[str, str] = {}
        self._others: list[Path] = []
        self._variant: VariantFindings | None = None
        table = PlainTable(standing_titles)
        table.numeric = frozenset((1, 2, 3))
        self._table = PlainView("evaluation_standings", table, wide=0)
        self._why = named(QLabel(), "evaluation_proposal")
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._plot = ParetoPlot()
        self._draw = named(QPushButton(), "evaluation_draw_with")
        set_role(self._draw, "primary")
        set_icon(self._draw, "brush", "on_accent")
        self._keep = named(QPushButton(), "evaluation_keep_model")
        set_icon(self._keep, "package", "text")
        self._drop = named(QPushButton(), "evaluation_drop_others")
        set_icon(self._drop, "trash-2", "text")
        self._draw.clicked.connect(self._on_draw)
        self._keep.clicked.connect(self._on_keep)
        self._drop.clicked.connect(self._on_drop)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._draw, self._keep, self._drop):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addWidget(self._why)
        self.body.addLayout(buttons)
        self.body.addWidget(self._plot)
        self.body.addWidget(self._table)
        self.retranslate()

    def show_variant(self, study: Study, variant: VariantFindings) -> None:
        """Show a variant's leaderboard; the card hides where there are not three models."""
        self._variant = variant
        board = variant.leaderboards.get(FIDELITY, ())
        self.setVisible(len(board) > 2)
        self._proposal = propose(variant, study.pair.base)
        self._paths = model_paths(study.job)
        self._table.table.show_rows(standing_rows(board))
        self._table.fit(ROWS)
        self._refresh()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("Which one to take"), _("Holm’s correction over all pairs of models"))
        self._draw.setText(_("Draw with it"))
        describe(self._draw, _("Choose the proposed model for drawing"))
        self._keep.setText(_("Keep it as a model"))
        describe(self._keep, _("Copy the proposed model among your own, where it stays when the run is deleted"))
        self._drop.setText(_("Delete the others"))
        describe(self._drop, _("Move the run's other checkpoints to the trash; they come back until it is emptied"))
        self._table.setAccessibleName(_("Leaderboard"))
        self._table.table.retranslate()
        self._refresh()

    def _refresh(self) -> None:
        if self._variant is None:
            return
        model = self._paths.get(self._proposal.model, "") if self._proposal else ""
        self._why.setText(self._proposal.why if self._proposal else "")
        style = _("style") if style_is_measured(self._variant) else _("called a drawing by BLIP, share")
        self._plot.show_places(places(self._variant), self._proposal.model if self._proposal else "", style)
        found = {name: checkpoint_of(path) for name, path in self._paths.items()}
        kept = self._proposal.model if self._proposal else ""
        self._others = [folder for name, folder in found.items() if folder and name != kept]
        is_there = bool(model) and (not Path(model).is_absolute() or Path(model).exists())
        self._draw.setEnabled(is_there)
        self._keep.setVisible(bool(model) and checkpoint_of(model) is not None)
        self._drop.setVisible(bool(self._others))

    @Slot()
    def _on_draw(self) -> None:
        if self._proposal:
            self.model_chosen.emit(self._paths[self._proposal.model])

    @Slot()
    def _on_keep(self) -> None:
        if self._proposal:
            self._keep.setEnabled(False)
            source = Path(self._paths[self._proposal.model])
            self._background.do(partial(or_failure, partial(_kept, source)), self._on_kept)

    def _on_kept(self, found: Path | SketchDeskError) -> None:
        self._keep.setEnabled(True)
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))
            return
        self.models_changed.emit()
        text = _("“{name}” is among your models now.").format(name=found.name)
        self.message.emit(Message(text, level="good"))

    @Slot()
    def _on_drop(self) -> None:
        self._drop.setEnabled(False)
        self._background.do(partial(or_failure, partial(trash_checkpoints, self._others)), self._on_dropped)

    def _on_dropped(self, found: FolderBatch | SketchDeskError) -> None:
        self._drop.setEnabled(True)
        self._look_again()
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))
            return
        count = len(found.folders)
        words = ngettext(
            "{count} checkpoint was moved to the trash.", "{count} checkpoints were moved to the trash.", count
        ).format(count=count)
        self.message.emit(
            Message(words, level="info", action_text=_("Undo"), action=partial(self._bring_back, found))
        )

    def _bring_back(self, batch: FolderBatch) -> None:
        self._background.do(partial(or_failure, partial(restore_folders, batch)), self._on_back)

    def _on_back(self, found: dict[Path, Path] | SketchDeskError) -> None:
        self._look_again()
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))

    def _look_again(self) -> None:
        self._refresh()
        self.models_changed.emit()


def _kept(source: Path) -> Path:
    """Copy a model among the person's own."""
    return copy_model(source, lambda _share: None, lambda: False)


def standing_rows(board: tuple[Standing, ...]) -> list[tuple[str, Sequence[Cell]]]:
    """Return the leaderboard's rows, the best first: what each cell says, and what it is sorted by."""
    rows: list[tuple[str, Sequence[Cell]]] = []
    for one, texts in zip(board, standing_texts(board), strict=True):
        keys = (texts[0], one.mean.mean, one.to_best.mean if one.to_best else 0.0, one.p or 0.0)
        rows.append(("", list(zip(texts, keys, strict=True))))
    return rows
