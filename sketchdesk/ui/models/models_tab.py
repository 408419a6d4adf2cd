"""The models tab: what is here, where it came from, and whether it can be used."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.model_uses import Uses, model_uses, short_name
from sketchdesk.library.models import ModelEntry, check_model
from sketchdesk.library.own_models import is_own_copy, restore_model, trash_model
from sketchdesk.library.window_state import PanelState
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.desktop import open_folder
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.models.add_bar import AddBar
from sketchdesk.ui.models.adding import ModelAdder
from sketchdesk.ui.models.model_details import ModelDetails
from sketchdesk.ui.models.model_table import SORT_ROLE, Column, ModelTable
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.empty import EmptyState
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

DETAILS_PX = 340


class ModelsTab(QWidget):
    """Table at the left, the selected model at the right; models are added by menu or by drop.

    Signals:
        model_chosen(str): This model should be used for drawing; its name.
        models_changed(): A model was added or removed; the models should be looked for again.
        message(Message): What came of a wish.
    """

    model_chosen = Signal(str)
    models_changed = Signal()
    message = Signal(object)

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("models_tab")
        self.setAcceptDrops(True)
        self._background = Background(self)
        self._adder = ModelAdder(store, self)
        self._uses: Uses = {}
        self._looks = False
        """Whether the runs are being read."""
        self._wanted = ""
        """A model that was just added, to be selected once it is on the list."""
        self._table = ModelTable(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._table)
        self._sorted.setSortRole(SORT_ROLE)
        self._view = named(QTableView(), "models_table")
        self._title, self._count = named(QLabel(), "models_title"), named(QLabel(), "models_count")
        self._add = named(QPushButton(), "models_add_button")
        self._add_menu = QMenu(self._add)
        self._add_folder, self._add_file = self._add_menu.addAction(""), self._add_menu.addAction("")
        self._bar = AddBar()
        self._empty = EmptyState("models_empty", "box")
        self._details = ModelDetails(self._background)
        self._pages = QStackedWidget()
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "models_splitter")
        self._build_view()
        self._build_layout()
        self._connect()
        runner.job_added.connect(self._look_for_uses)
        self.retranslate()

    def set_models(self, entries: Sequence[ModelEntry]) -> None:
        """Show what was found; the selection stays where it can."""
        selected = self._wanted or (self._details.entry.name if self._details.entry else "")
        self._table.set_models(entries)
        self._pages.setCurrentWidget(self._view if entries else self._empty)
        self._show_count()
        if not self.select(selected):
            self._view.selectRow(0)
        if self._wanted and self._table.row_of(self._wanted) >= 0:
            self._wanted = ""
        self._on_selected()
        self._look_for_uses()

    def select(self, name: str) -> bool:
        """Select a model by its name; False where it is not on the list."""
        row = self._table.row_of(name)
        if row >= 0:
            self._view.selectRow(self._sorted.mapFromSource(self._table.index(row, 0)).row())
        return row >= 0

    def add(self, path: Path) -> None:
        """Offer to copy a model folder or file, or to use it where it is."""
        if not self._adder.is_busy:
            self._bar.ask(path)

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        return [
            ActionSpec("model_add_folder", N_("Add a model folder…"), "file", self._ask_folder, icon="folder"),
            ActionSpec("model_add_file", N_("Add a model file…"), "file", self._ask_file, icon="file-text"),
            ActionSpec("model_use", N_("Draw with the selected model"), "draw", partial(self._on_wish, "use"),
                       "Return", owner=self._view, is_enabled=self._can_draw, icon="brush"),
            ActionSpec("model_verify", N_("Verify the selected model"), "file", partial(self._on_wish, "verify"),
                       owner=self._view, is_enabled=self._has_entry, icon="circle-check"),
            ActionSpec("model_remove", N_("Remove the selected model"), "file", partial(self._on_wish, "remove"),
                       "Del", owner=self._view, is_enabled=self._can_remove, icon="trash-2"),
            ActionSpec("models_refresh", N_("Look for models again"), "view", self.models_changed.emit, "F5",
                       owner=self, icon="refresh-cw"),
        ]  # fmt: skip

    def save_state(self) -> PanelState:
        """Return the splitter's sizes and the sorting."""
        header = self._view.horizontalHeader()
        sizes: PanelState = {"splitter": list(self._splitter.sizes())}
        return sizes | {"sort": header.sortIndicatorSection(), "down": _is_down(header)}

    def restore_state(self, state: PanelState) -> None:
        """Take them back; what makes no sense is passed over."""
        match state:
            case {"splitter": [int(table), int(details)]} if table > 0 and details > 0:
                self._splitter.setSizes([table, details])
        match state:
            case {"sort": int(column), "down": bool(down)} if 0 <= column < len(Column):
                self._view.sortByColumn(column, _DOWN if down else _UP)

    def shutdown(self) -> None:
        """End what is under way."""
        self._adder.shutdown()
        self._background.shutdown()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._title.setText(_("Models"))
        self._add.setText(_("Add a model"))
        describe(self._add, _("Add a model folder or a .safetensors file; you can also drop it here"))
        self._add_folder.setText(_("Model folder…"))
        self._add_file.setText(_("Model file…"))
        describe(self._view, _("Models"))
        self._empty.set_text(
            _("No models yet"),
            _("Models draw, score and caption images. Add a folder or a .safetensors file from this computer, "
              "or drop it here. What you train appears here too."),
            _("Add a model folder…"),
        )  # fmt: skip
        for part in (self._table, self._details, self._bar):
            part.retranslate()
        self._show_count()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the name its room: what the details tell as well goes first."""
        super().resizeEvent(event)
        for column, width_px in ((Column.PREDICTION, 1080), (Column.LICENCE, 980)):
            self._view.setColumnHidden(column, self.width() < width_px)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a folder or a file of this computer."""
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Offer to add it."""
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.add(path)

    # --- building ------------------------------------------------------------------------------------------------

    def _build_view(self) -> None:
        view = self._view
        view.setModel(self._sorted)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setSortingEnabled(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(40)
        header = named(view.horizontalHeader(), "models_header")
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        view.sortByColumn(Column.NAME, _UP)

    def _build_layout(self) -> None:
        set_role(self._title, "title")
        set_role(self._count, "muted")
        set_icon(self._add, "plus", "muted")
        self._add.setMenu(self._add_menu)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._add)
        self._pages.addWidget(self._view)
        self._pages.addWidget(self._empty)
        self._pages.setCurrentWidget(self._empty)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._pages, 1)
        self._splitter.addWidget(page)
        self._splitter.addWidget(self._details)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self._details.setMinimumWidth(280)
        self._splitter.setSizes([900, DETAILS_PX])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self._details.hide()

    def _connect(self) -> None:
        self._view.selectionModel().currentRowChanged.connect(self._on_selected)
        self._view.doubleClicked.connect(partial(self._on_wish, "use"))
        self._details.wished.connect(self._on_wish)
        self._empty.pressed.connect(self._ask_folder)
        self._add_folder.triggered.connect(self._ask_folder)
        self._add_file.triggered.connect(self._ask_file)
        self._bar.copy_wanted.connect(self._adder.copy)
        self._bar.link_wanted.connect(self._adder.link)
        self._bar.cancel_wanted.connect(self._adder.cancel)
        self._adder.progress.connect(self._bar.show_progress)
        self._adder.ended.connect(self._on_added)
        self._adder.message.connect(self.message)

    # --- what the person wishes ----------------------------------------------------------------------------------

    def _has_entry(self) -> bool:
        return self._details.entry is not None

    def _can_draw(self) -> bool:
        return self._details.can("use")

    def _can_remove(self) -> bool:
        return self._details.can("remove")

    def _on_wish(self, name: str, _index: object = None) -> None:
        entry = self._details.entry
        if entry is None:
            return
        match name:
            case "use" if self._can_draw():
                self.model_chosen.emit(entry.name)
            case "verify":
                self._background.do(partial(check_model, entry.path), partial(self._on_whole, entry), self._on_broken)
            case "open" if not open_folder(entry.path):
                text = _("The folder could not be opened: {path}").format(path=entry.path)
                self.message.emit(Message(text, level="warning"))
            case "remove" if self._can_remove():
                self._remove(entry)

    def _on_whole(self, entry: ModelEntry, _nothing: None) -> None:
        text = _("“{name}” is complete and safe to load.").format(name=short_name(entry))
        self.message.emit(Message(text, level="good"))

    def _on_broken(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self.message.emit(of_error(error))

    def _remove(self, entry: ModelEntry) -> None:
        try:
            if is_own_copy(entry.path):
                undo = partial(self._restore, trash_model(entry.path), entry.path)
                text = _("“{name}” was moved to the trash.").format(name=short_name(entry))
            else:
                self._adder.unlink(entry.name)
                undo = partial(self._relink, entry.name)
                text = _("“{name}” is no longer listed; its files stay where they are.").format(name=short_name(entry))
        except SketchDeskError as error:
            self.message.emit(of_error(error))
            return
        self.models_changed.emit()
        self.message.emit(Message(text, level="info", action_text=_("Undo"), action=undo))

    def _restore(self, kept: Path, path: Path) -> None:
        try:
            self._wanted = str(restore_model(kept, path))
        except SketchDeskError as error:
            self.message.emit(of_error(error))
        self.models_changed.emit()

    def _relink(self, name: str) -> None:
        self._adder.relink(name)
        self._wanted = name
        self.models_changed.emit()

    @Slot()
    def _ask_folder(self) -> None:
        self._ask(QFileDialog.FileMode.Directory, _("Add a model folder"), "")

    @Slot()
    def _ask_file(self) -> None:
        self._ask(QFileDialog.FileMode.ExistingFile, _("Add a model file"), _("Models (*.safetensors)"))

    def _ask(self, mode: QFileDialog.FileMode, title: str, kinds: str) -> None:
        dialog = QFileDialog(self, title, "", kinds)
        dialog.setObjectName("model_file_dialog")
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        self.add(Path(path))

    # --- what came of it -----------------------------------------------------------------------------------------

    @Slot(str)
    def _on_added(self, name: str) -> None:
        self._bar.close_bar()
        if name:
            self._wanted = name
            self.models_changed.emit()

    @Slot()
    @Slot(QModelIndex)
    def _on_selected(self, _index: QModelIndex | None = None) -> None:
        index = self._sorted.mapToSource(self._view.currentIndex())
        self._details.show_entry(self._table.entry(index.row()) if index.isValid() else None, self._uses)

    @Slot()
    @Slot(str)
    def _look_for_uses(self, _job_id: str = "") -> None:
        if not self._looks:
            self._looks = True
            self._background.do(model_uses, self._on_uses)

    def _on_uses(self, uses: Uses) -> None:
        self._looks = False
        self._uses = uses
        self._table.set_uses(uses)
        self._details.show_entry(self._details.entry, uses)

    def _show_count(self) -> None:
        count = self._table.rowCount()
        self._count.setText(ngettext("{count} model", "{count} models", count).format(count=count) if count else "")


_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def _is_down(header: QHeaderView) -> bool:
    return header.sortIndicatorOrder() is _DOWN


def _dropped(event: QDropEvent) -> Path | None:
    """Return the one folder or file that is dropped, None for anything else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
