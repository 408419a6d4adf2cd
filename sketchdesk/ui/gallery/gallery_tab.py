"""The gallery: every picture drawn, found, looked at, compared and handed on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.index.index import GalleryImage, Query
from sketchdesk.library.index.query import Sort
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.window_state import JSON
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.catalogue.open_catalogue import OpenCatalogue
from sketchdesk.ui.gallery.catalogue.sources import Sources
from sketchdesk.ui.gallery.catalogue.vanished import Vanished
from sketchdesk.ui.gallery.doing.chosen import Chosen
from sketchdesk.ui.gallery.doing.doings import Doings, first_record
from sketchdesk.ui.gallery.gallery_actions import gallery_actions, show_context_menu
from sketchdesk.ui.gallery.gallery_view import GalleryView
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.grid.live import LiveCells
from sketchdesk.ui.gallery.grid.reading import read_original, read_thumbnail
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails
from sketchdesk.ui.gallery.viewing.looking import Looking
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.painted import OncePainted
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.runner import JobRunner

if TYPE_CHECKING:
    from sketchdesk.ui.gallery.comparing.compare_page import ComparePage


class GalleryTab(QWidget):
    """Filters and grid, with the picture that is selected at the right; full view and comparing take the grid's place.

    Signals:
        settings_requested(ImageRecord): Its settings are to be used for drawing.
        prompt_requested(ImageRecord): Only its prompt, style prefix and negative prompt are.
        seed_requested(int): Only this seed is.
        draw_requested(list[GenerateJob]): These are to be drawn now.
        first_drawing_requested(): There is nothing yet, and the person wants to draw.
        models_changed(): Models or checkpoints came back from the trash.
        message(Message): For the message bar.
    """

    settings_requested = Signal(object)
    prompt_requested = Signal(object)
    seed_requested = Signal(object)
    draw_requested = Signal(object)
    first_drawing_requested = Signal()
    models_changed = Signal()
    message = Signal(Message)

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_tab")
        self.thumbnails, self.originals = Thumbnails(read_thumbnail, self), Thumbnails(read_original, self)
        self.cells, self.live = CellsModel(self), LiveCells(runner, self)
        self.view = GalleryView(self.cells, self.thumbnails, self.originals)
        self.desk, self.inspector, self.pages = self.view.desk, self.view.inspector, self.view.pages
        self.full = self.view.full
        self.filters, self.tools, self.grid = self.desk.filters, self.desk.tools, self.desk.grid
        self.looking = Looking(self.view, self.cells, self.thumbnails, self.originals, self)
        self._opened = OpenCatalogue(runner, store, self.thumbnails, self)
        self.chosen = Chosen(self.view, self.cells, self.looking, self._opened, runner, store, self)
        self.doings = Doings(self.looking.current, self)
        self.vanished, self.sources = Vanished(self), Sources(store, self)
        self._once_painted = OncePainted(self, self._opened.look_on_disk)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self._connect()
        self._opened.begin()

    def _connect(self) -> None:
        for part in (self.doings, self.chosen, self.vanished, self.sources):
            part.message.connect(self.message)
        for signal, slot in (
            (self.tools.compare.clicked, self.chosen.compare),
            (self.tools.export.clicked, self.chosen.export),
            (self.desk.first_drawing_wished, self.first_drawing_requested),
            (self.live.changed, self._on_live),
            (self.grid.opened, self.open_current),
            (self.grid.star_pressed, self._on_star_pressed),
            (self.grid.files_dropped, self._on_dropped),
            (self.grid.folders_dropped, self.sources.add),
            (self.grid.drag_wished, self._on_drag_wished),
            (self.grid.vanished, self.vanished.add),
            (self.grid.customContextMenuRequested, self._on_context_menu),
            (self.full.closed, self.show_grid),
            (self.chosen.comparison.closed, self.show_grid),
            (self.inspector.again_wished, self.chosen.make_again),
            (self.inspector.save_wished, self.chosen.save),
            (self.inspector.drop_wished, self.chosen.trash),
            (self.chosen.keeping.query_wished, self._show_query),
            (self.inspector.settings_wished, self.doings.use_all),
            (self.inspector.folder_wished, self.doings.open_folder),
            (self.inspector.base_wished, self.chosen.compare_with_base),
            (self.inspector.open_wished, self.open_current),
            (self.doings.settings_wished, self.settings_requested),
            (self.doings.prompt_wished, self.prompt_requested),
            (self.doings.seed_wished, self.seed_requested),
            (self.chosen.draw_wished, self.draw_requested),
            (self.chosen.trash_can.models_changed, self.models_changed),
            (self._opened.opened, self._use),
        ):
            signal.connect(slot)

    @Slot(object)
    def _use(self, catalogue: Catalogue) -> None:
        """Show what this catalogue knows from now on."""
        catalogue.found.connect(self._on_found)
        catalogue.read.connect(self._on_read)
        catalogue.stale.connect(self.cells.stale)
        catalogue.walking.connect(self.desk.set_walking)
        catalogue.failed.connect(self._on_failed)
        self.desk.reading.use(catalogue.walk_)
        self.cells.needed.connect(catalogue.fetch)
        self.filters.value_changed.connect(catalogue.look)
        self.vanished.take_off_wished.connect(catalogue.gone)
        self.chosen.use(catalogue)
        catalogue.look(self.filters.value())

    @property
    def catalogue(self) -> Catalogue:
        """What is known of the pictures."""
        return self._opened.catalogue

    @property
    def comparing(self) -> ComparePage:
        """The page that compares two pictures."""
        return self.view.comparing

    # --- what the window asks of every tab -----------------------------------------------------------------------

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.view, self.chosen, self.sources):
            part.retranslate()

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        return gallery_actions(self)

    def save_state(self) -> dict[str, JSON]:
        """Return what the next window should remember."""
        return {**self.view.save_state(), "sort": self.filters.value().sort}

    def restore_state(self, state: dict[str, JSON]) -> None:
        """Be as an earlier window was; what cannot be understood is left as it is."""
        sort = state.get("sort")
        if sort in get_args(Sort):
            self.filters.set_value(Query(sort=cast("Sort", sort)))
            self.catalogue.look(self.filters.value())
        self.view.restore_look(state)

    def shutdown(self) -> None:
        """End every thread and timer."""
        for part in (
            self.chosen, self.sources, self._opened, self.live, self.vanished, self.thumbnails, self.originals,
        ):  # fmt: skip
            part.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        """Look what has changed on disk, now that somebody looks."""
        super().showEvent(event)
        self._once_painted.wait()

    # --- what can be done ----------------------------------------------------------------------------------------

    def search(self, text: str) -> None:
        """Show the pictures whose prompts have these words."""
        self._show_query(Query(text=text, sort=self.filters.value().sort))

    def show_run(self, run: Run) -> None:
        """Show the pictures of a run."""
        self._show_query(Query(run=run.title, sort=self.filters.value().sort))

    @Slot()
    def clear_filters(self) -> None:
        """Show all pictures."""
        self.show_grid()
        self.filters.clear()

    @Slot()
    def find_pictures(self) -> None:
        """Go to the search line."""
        self.show_grid()
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()

    @Slot()
    def walk(self) -> None:
        """Read the folders through."""
        self.catalogue.walk()

    @Slot()
    def show_grid(self) -> None:
        """Go back to the grid."""
        self.view.go_to_grid()
        self.looking.show()

    @Slot()
    def open_current(self) -> None:
        """Show the picture the keyboard is at in full."""
        if self.chosen.has_picked():
            self.view.go_to_full()
            self.looking.show()

    @Slot()
    def rebuild(self) -> None:
        """Forget what is known of the pictures, and read all of them anew."""
        self.catalogue.rebuild()

    @Slot(object)
    def _show_query(self, query: Query) -> None:
        self.show_grid()
        self.filters.set_value(query)
        self.catalogue.look(query)

    # --- what is told --------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        self.view.set_empty(not found.total)
        self.cells.show(found.ids, self.live.cells())
        self.desk.set_found(found)
        self.chosen.same_seed.look_again(self.catalogue)
        self.looking.show()

    @Slot()
    def _on_live(self) -> None:
        self.cells.show(self.cells.ids, self.live.cells())
        self.desk.set_drawing(self.live.is_drawing)

    @Slot(object)
    def _on_read(self, images: list[GalleryImage]) -> None:
        self.cells.put(images)
        self.looking.show()

    @Slot(int)
    def _on_star_pressed(self, image_id: int) -> None:
        self.catalogue.star([image_id])

    @Slot(object)
    def _on_dropped(self, paths: list[Path]) -> None:
        self.catalogue.ask(partial(first_record, paths), self.doings.use_dropped)

    @Slot(object)
    def _on_drag_wished(self, ids: list[int]) -> None:
        self.catalogue.ask(lambda index: index.paths(ids), self.grid.drag)

    @Slot(object)
    def _on_failed(self, error: SketchDeskError) -> None:
        self.message.emit(of_error(error))

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            show_context_menu(self, self.action_specs(), self.grid.viewport().mapToGlobal(at))
