"""The models tab: what is here, where it came from, whether it can be used, and how more of it gets here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import ConvertJob
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.uses import Uses, model_uses
from sketchdesk.library.window_state import PanelState
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.desktop import open_folder
from sketchdesk.ui.message import Message
from sketchdesk.ui.models.add_bar import AddBar
from sketchdesk.ui.models.add_menu import AddMenu, dropped_path
from sketchdesk.ui.models.adding import ModelAdder
from sketchdesk.ui.models.downloads import Downloads
from sketchdesk.ui.models.model_details import ModelDetails
from sketchdesk.ui.models.model_doings import ModelDoings
from sketchdesk.ui.models.model_list import ModelList
from sketchdesk.ui.models.unfinished_bar import UnfinishedBar
from sketchdesk.ui.naming import named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

DETAILS_PX = 340


def build_tab(runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> Iterator[ModelsTab | None]:
    """Make the tab's parts one by one, for whoever does other things in between; the last that comes is the tab."""
    models, background = ModelList(), Background()
    yield None
    details = ModelDetails(background)
    yield None
    yield ModelsTab(runner, store, models, details, background, parent)


class ModelsTab(QWidget):
    """Table at the left, the selected model at the right; models come by download, by menu or by drop.

    Signals:
        model_chosen(str): This model should be used for drawing; its name.
        models_changed(): A model was added or removed; the models should be looked for again.
        download_requested(DownloadJob): This should be fetched from the hub.
        few_step_wanted(str): This model should be made few-step; its name.
        convert_requested(ConvertJob): This old kind of file should become a safetensors file.
        message(Message): What came of a wish.
    """

    model_chosen = Signal(str)
    models_changed = Signal()
    download_requested = Signal(object)
    convert_requested = Signal(object)
    few_step_wanted = Signal(str)
    message = Signal(object)

    def __init__(
        self, runner: JobRunner, store: SettingsStore, models: ModelList, details: ModelDetails,
        background: Background, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("models_tab")
        self.setAcceptDrops(True)
        self._background = background
        background.setParent(self)
        self._adder = ModelAdder(store, self)
        self._doings = ModelDoings(self._adder, self)
        self._downloads = Downloads(runner, self)
        self._uses: Uses = {}
        self._looks = False
        """Whether the runs are being read."""
        self._wanted = ""
        """A model that was just added, to be selected once it is on the list."""
        self._title, self._count = named(QLabel(), "models_title"), named(QLabel(), "models_count")
        self._add, self._bar, self._unfinished = AddMenu(), AddBar(), UnfinishedBar()
        self._list, self._details = models, details
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "models_splitter")
        self._build_layout()
        self._connect()
        runner.job_added.connect(self._look_for_uses)
        self.retranslate()

    def set_models(self, entries: Sequence[ModelEntry]) -> None:
        """Show what was found; the selection stays where it can."""
        selected = self._wanted or (self._details.entry.name if self._details.entry else "")
        self._list.set_models(entries, selected)
        if any(entry.name == self._wanted for entry in entries):
            self._wanted = ""
        self._show_count()
        self._look_for_uses()
        self._downloads.look()

    def select(self, name: str) -> bool:
        """Select a model by its name; False where it is not on the list."""
        return self._list.select(name)

    def add(self, path: Path) -> None:
        """Offer to copy a model folder or file, or to use it where it is."""
        if not self._adder.is_busy:
            self._bar.ask(path)

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        view = self._list.view
        return [
            ActionSpec("model_download", N_("Download a model…"), "file", self._downloads.ask, icon="download"),
            ActionSpec("model_add_folder", N_("Add a model folder…"), "file", self._add.ask_folder, icon="folder"),
            ActionSpec("model_add_file", N_("Add a model file…"), "file", self._add.ask_file, icon="file-text"),
            ActionSpec("model_use", N_("Draw with the selected model"), "draw", partial(self._on_wish, "use"),
                       "Return", owner=view, is_enabled=partial(self._details.can, "use"), icon="brush"),
            ActionSpec("model_few_step", N_("Make the selected model few-step…"), "train",
                       partial(self._on_wish, "few_step"), owner=view,
                       is_enabled=partial(self._details.can, "few_step"), icon="zap"),
            ActionSpec("model_verify", N_("Verify the selected model"), "file", partial(self._on_wish, "verify"),
                       owner=view, is_enabled=partial(self._details.can, "verify"), icon="circle-check"),
            ActionSpec("model_convert", N_("Convert the selected model to safetensors"), "file",
                       partial(self._on_wish, "convert"), owner=view, is_enabled=partial(self._details.can, "convert"),
                       icon="package"),
            ActionSpec("model_remove", N_("Remove the selected model"), "file", partial(self._on_wish, "remove"),
                       "Del", owner=view, is_enabled=partial(self._details.can, "remove"), icon="trash-2"),
            ActionSpec("models_refresh", N_("Look for models again"), "view", self.models_changed.emit, "F5",
                       owner=self, icon="refresh-cw"),
        ]  # fmt: skip

    def save_state(self) -> PanelState:
        """Return the splitter's sizes and the sorting."""
        sizes: PanelState = {"splitter": list(self._splitter.sizes())}
        return sizes | self._list.save_state()

    def restore_state(self, state: PanelState) -> None:
        """Take them back; what makes no sense is passed over."""
        match state:
            case {"splitter": [int(table), int(details)]} if table > 0 and details > 0:
                self._splitter.setSizes([table, details])
        self._list.restore_state(state)

    def shutdown(self) -> None:
        """End what is under way."""
        for part in (self._adder, self._doings, self._downloads, self._background):
            part.shutdown()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._title.setText(_("Models"))
        for part in (self._list, self._details, self._bar, self._unfinished, self._add, self._downloads):
            part.retranslate()
        self._show_count()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a folder or a file of this computer."""
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Offer to add it."""
        path = dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.add(path)

    # --- building ------------------------------------------------------------------------------------------------

    def _build_layout(self) -> None:
        set_role(self._title, "title")
        set_role(self._count, "muted")
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._add)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._unfinished)
        column.addWidget(self._list, 1)
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
        self._list.selected.connect(self._on_selected)
        self._list.opened.connect(partial(self._on_wish, "use"))
        self._list.first_wanted.connect(self._downloads.ask)
        self._details.wished.connect(self._on_wish)
        self._add.chosen.connect(self.add)
        self._add.download_wanted.connect(self._downloads.ask)
        self._bar.copy_wanted.connect(self._adder.copy)
        self._bar.link_wanted.connect(self._adder.link)
        self._bar.convert_wanted.connect(self._convert)
        self._bar.cancel_wanted.connect(self._adder.cancel)
        self._details.prediction_chosen.connect(self._doings.set_prediction)
        self._adder.progress.connect(self._bar.show_progress)
        self._adder.ended.connect(self._on_added)
        self._doings.verifying.connect(self._details.show_verifying)
        self._doings.verified.connect(self._details.end_verifying)
        self._doings.changed.connect(self._on_changed)
        self._downloads.requested.connect(self.download_requested)
        self._downloads.arrived.connect(self._on_changed)
        self._downloads.unfinished_found.connect(self._unfinished.show_unfinished)
        self._unfinished.resume_wanted.connect(self.download_requested)
        self._unfinished.discard_wanted.connect(self._downloads.discard)
        for part in (self._adder, self._doings, self._downloads):
            part.message.connect(self.message)

    # --- what the person wishes ----------------------------------------------------------------------------------

    @Slot(str)
    def _on_wish(self, name: str) -> None:
        entry = self._details.entry
        if entry is None or not self._details.can(name):
            return
        match name:
            case "use":
                self.model_chosen.emit(entry.name)
            case "few_step":
                self.few_step_wanted.emit(entry.name)
            case "verify":
                self._doings.verify(entry)
            case "convert":
                self._convert(entry.path)
            case "open" if not open_folder(entry.path):
                text = _("The folder could not be opened: {path}").format(path=entry.path)
                self.message.emit(Message(text, level="warning"))
            case "remove":
                self._doings.remove(entry)

    @Slot(object)
    def _convert(self, path: Path) -> None:
        self.convert_requested.emit(ConvertJob(path=str(path)))

    # --- what came of it -----------------------------------------------------------------------------------------

    @Slot(str)
    def _on_added(self, name: str) -> None:
        self._bar.close_bar()
        if name:
            self._on_changed(name)

    @Slot(str)
    def _on_changed(self, name: str) -> None:
        self._wanted = name or self._wanted
        self.models_changed.emit()

    @Slot()
    def _on_selected(self) -> None:
        self._details.show_entry(self._list.entry, self._uses)

    @Slot()
    @Slot(str)
    def _look_for_uses(self, _job_id: str = "") -> None:
        if not self._looks:
            self._looks = True
            self._background.do(model_uses, self._on_uses)

    def _on_uses(self, uses: Uses) -> None:
        self._looks = False
        self._uses = uses
        self._list.set_uses(uses)
        self._details.show_entry(self._details.entry, uses)

    def _show_count(self) -> None:
        count = self._list.model_count
        self._count.setText(ngettext("{count} model", "{count} models", count).format(count=count) if count else "")
