"""The gallery: every picture drawn, found, looked at, compared and handed on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import ImageSaved, ScoreReady
from sketchdesk.library.export import Exported
from sketchdesk.library.index import GalleryImage, Query
from sketchdesk.library.runs import Run
from sketchdesk.library.settings import Settings
from sketchdesk.library.window_state import JSON
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.gallery.catalogue import Catalogue, Found
from sketchdesk.ui.gallery.cells import CellsModel
from sketchdesk.ui.gallery.compare_page import ComparePage
from sketchdesk.ui.gallery.doings import Doings, first_record, jobs_again
from sketchdesk.ui.gallery.export_dialog import ExportDialog
from sketchdesk.ui.gallery.full_view import FullView
from sketchdesk.ui.gallery.gallery_actions import gallery_actions, show_context_menu
from sketchdesk.ui.gallery.gallery_desk import GalleryDesk
from sketchdesk.ui.gallery.inspector import Inspector
from sketchdesk.ui.gallery.live import LiveCells
from sketchdesk.ui.gallery.messages import exported_message
from sketchdesk.ui.gallery.pair_list import Pair
from sketchdesk.ui.gallery.reading import read_original, read_thumbnail
from sketchdesk.ui.gallery.same_seed import SameSeed
from sketchdesk.ui.gallery.thumbnails import Key, Thumbnails
from sketchdesk.ui.gallery.trash_can import TrashCan
from sketchdesk.ui.gallery.vanished import Vanished
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.runner import JobRunner

MOST_COMPARED = 100


class GalleryTab(QWidget):
    """Filters and grid, with the picture that is selected at the right; full view and comparing take the grid's place.

    Signals:
        settings_requested(ImageRecord): Its settings are to be used for drawing.
        prompt_requested(ImageRecord): Only its prompt, style prefix and negative prompt are.
        seed_requested(int): Only this seed is.
        draw_requested(list[GenerateJob]): These are to be drawn now.
        first_drawing_requested(): There is nothing yet, and the person wants to draw.
        message(Message): For the message bar.
    """

    settings_requested = Signal(object)
    prompt_requested = Signal(object)
    seed_requested = Signal(object)
    draw_requested = Signal(object)
    first_drawing_requested = Signal()
    message = Signal(Message)

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_tab")
        self._runner, self._store = runner, store
        self._folder = store.value.images_folder
        self._found: Found | None = None
        self._walked = False
        self._details = True
        """Whether the panel at the right is wanted; beside a comparison there is no room for it."""
        self._dialog: ExportDialog | None = None
        self.thumbnails, self.originals = Thumbnails(read_thumbnail, self), Thumbnails(read_original, self)
        self.cells, self.live = CellsModel(self), LiveCells(runner, self)
        self.doings = Doings(store, self._current, self)
        self.same_seed, self.trash_can, self.vanished = SameSeed(store, self), TrashCan(self), Vanished(self)
        self.inspector, self.desk = Inspector(), GalleryDesk(self.cells, self.thumbnails)
        self.filters, self.tools, self.grid = self.desk.filters, self.desk.tools, self.desk.grid
        self.full, self.comparing = FullView(self.originals), ComparePage(self.originals)
        self.pages = named(QStackedWidget(), "gallery_pages")
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "gallery_splitter")
        self._build()
        self._connect()
        self.catalogue = self._open_catalogue()
        self.retranslate()

    def _build(self) -> None:
        for page in (self.desk, self.full, self.comparing):
            self.pages.addWidget(page)
        self._splitter.addWidget(self.pages)
        self._splitter.addWidget(self.inspector)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([700, self.inspector.sizeHint().width()])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def _connect(self) -> None:
        self.filters.value_changed.connect(self._on_query)
        self.tools.compare.clicked.connect(self.compare)
        self.tools.export.clicked.connect(self.export)
        self.tools.details.clicked.connect(self.toggle_inspector)
        self.cells.needed.connect(self._on_needed)
        self.live.changed.connect(self._on_live)
        self.grid.picked.connect(self._on_picked)
        self.grid.opened.connect(self._on_opened)
        self.grid.star_pressed.connect(self._on_star_pressed)
        self.grid.files_dropped.connect(self._on_dropped)
        self.grid.vanished.connect(self.vanished.add)
        self.vanished.message.connect(self.message)
        self.vanished.take_off_wished.connect(self._on_take_off)
        self.grid.customContextMenuRequested.connect(self._on_context_menu)
        self.pages.currentChanged.connect(self._on_page)
        self.full.closed.connect(self.show_grid)
        self.full.step_wished.connect(self._on_step)
        self.comparing.closed.connect(self.show_grid)
        self.comparing.pairs_wished.connect(self._on_pairs_wished)
        self.originals.arrived.connect(self._on_original)
        for signal, slot in (
            (self.inspector.again_wished, self.make_again),
            (self.inspector.settings_wished, self.doings.use_all),
            (self.inspector.folder_wished, self.doings.open_folder),
            (self.inspector.base_wished, self.compare_with_base),
            (self.inspector.open_wished, self.open_current),
            (self.doings.settings_wished, self.settings_requested),
            (self.doings.prompt_wished, self.prompt_requested),
            (self.doings.seed_wished, self.seed_requested),
            (self.doings.draw_wished, self.draw_requested),
            (self.doings.message, self.message),
        ):  # fmt: skip
            signal.connect(slot)
        self.same_seed.pairs_found.connect(self._show_pairs)
        self.same_seed.draw_wished.connect(self.draw_requested)
        self.same_seed.message.connect(self.message)
        self.trash_can.message.connect(self.message)
        self.desk.first_drawing_wished.connect(self.first_drawing_requested)
        self._runner.image_saved.connect(self._on_image_saved)
        self._runner.score_ready.connect(self._on_score)
        self._store.changed.connect(self._on_settings)

    def _open_catalogue(self) -> Catalogue:
        catalogue = Catalogue([self._folder], self)
        catalogue.found.connect(self._on_found)
        catalogue.read.connect(self._on_read)
        catalogue.stale.connect(self.cells.stale)
        catalogue.walking.connect(self._on_walking)
        catalogue.failed.connect(self._on_failed)
        self.trash_can.use(catalogue)
        catalogue.look(self.filters.value())
        return catalogue

    # --- what the window asks of every tab -----------------------------------------------------------------------

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.desk, self.inspector, self.full, self.comparing):
            part.retranslate()
        if self._dialog:
            self._dialog.retranslate()

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        return gallery_actions(self)

    def save_state(self) -> dict[str, JSON]:
        """Return what the next window should remember."""
        return {
            "zoom_px": self.grid.zoom_px,
            "sort": self.filters.value().sort,
            "details": self._details,
            "splitter": list(self._splitter.sizes()),
        }

    def restore_state(self, state: dict[str, JSON]) -> None:
        """Be as an earlier window was; what cannot be understood is left as it is."""
        match state.get("zoom_px"):
            case int(zoom):
                self.grid.set_zoom(zoom)
        match state.get("sort"):
            case "newest" | "oldest" | "score" | "prompt" | "seed" as sort:
                self.filters.set_value(Query(sort=sort))
                self.catalogue.look(self.filters.value())
        match state.get("splitter"):
            case [int(left), int(right)] if left > 0 and right > 0:
                self._splitter.setSizes([left, right])
        self._details = state.get("details") is not False
        self._on_page()

    def shutdown(self) -> None:
        """End every thread and timer."""
        if self._dialog:
            self._dialog.done(0)
        self.live.shutdown()
        self.vanished.shutdown()
        self.catalogue.shutdown()
        for keeper in (self.thumbnails, self.originals):
            keeper.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        """Look what has changed on disk, now that somebody looks."""
        super().showEvent(event)
        self.walk()

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
        self.pages.setCurrentIndex(0)
        self.grid.setFocus()
        self._on_picked()

    @Slot()
    def open_current(self) -> None:
        """Show the picture the keyboard is at in full."""
        if self.grid.current_id() is not None:
            self.pages.setCurrentWidget(self.full)
            self.full.setFocus()
            self._show_full()

    @Slot()
    def zoom_in(self) -> None:
        """Show larger what is seen: cells, or a picture."""
        page = self.pages.currentWidget()
        page.zoom_in() if isinstance(page, FullView | ComparePage) else self.grid.zoom_by(1)

    @Slot()
    def zoom_out(self) -> None:
        """Show smaller what is seen."""
        page = self.pages.currentWidget()
        page.zoom_out() if isinstance(page, FullView | ComparePage) else self.grid.zoom_by(-1)

    @Slot()
    def toggle_inspector(self) -> None:
        """Show or hide the panel at the right."""
        self._details = not self._details
        self._on_page()

    @Slot()
    def star(self) -> None:
        """Star the selected pictures, or take the stars away if all have one."""
        self.catalogue.star(self._chosen_ids())

    @Slot()
    def make_again(self) -> None:
        """Draw the selected pictures again, to the last bit."""
        work = partial(jobs_again, self._chosen_ids(), self._folder)
        self.catalogue.ask(work, self.doings.draw_again)

    @Slot()
    def trash(self) -> None:
        """Move the selected pictures to the trash."""
        self.trash_can.trash(self._chosen_ids())

    @Slot()
    def undo(self) -> None:
        """Bring back what went to the trash last."""
        self.trash_can.undo()

    @Slot()
    def compare(self) -> None:
        """Compare the selected pictures: the first with each other one; with one or none, two models are chosen."""
        ids = self.grid.picked_ids()[:MOST_COMPARED]
        if len(ids) < 2 and self._current() is not None and self.pages.currentIndex() == 0 and ids:
            self.compare_with_base()
            return
        self.catalogue.ask(lambda index: index.images(ids), self._compare)

    @Slot()
    def compare_with_base(self) -> None:
        """Compare the picture with other models' at the same seed."""
        if image := self._current():
            self.same_seed.compare(self.catalogue, image)

    @Slot()
    def export(self) -> None:
        """Ask what to export, as what and where to."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        self._dialog = ExportDialog(self.catalogue, self.grid.picked_ids(), self.cells.ids, self)
        self._dialog.exported.connect(self._on_exported)
        self._dialog.failed.connect(self._on_failed)
        self._dialog.finished.connect(self._on_dialog_closed)
        self._dialog.open()

    # --- what can be done now ------------------------------------------------------------------------------------

    def has_picked(self) -> bool:
        """Tell whether a picture is selected."""
        return self.grid.current_id() is not None

    def has_any(self) -> bool:
        """Tell whether there are pictures."""
        return bool(self.cells.ids)

    def shows_details(self) -> bool:
        """Tell whether the panel at the right is wanted."""
        return self._details

    def can_undo(self) -> bool:
        """Tell whether pictures can come back from the trash."""
        return self.trash_can.can_undo()

    # --- what is selected ----------------------------------------------------------------------------------------

    def _current(self) -> GalleryImage | None:
        """Return the picture that is looked at: in the comparison, the one at the right."""
        if self.pages.currentWidget() is self.comparing:
            return self.comparing.pair[1] if self.comparing.pair else None
        current = self.grid.current_id()
        return self.cells.image(current) if current is not None else None

    def _chosen_ids(self) -> list[int]:
        """Return the selected pictures; where one is looked at alone, that one."""
        if self.pages.currentIndex() == 0:
            return self.grid.picked_ids()
        image = self._current()
        return [image.id] if image else []

    def _show_query(self, query: Query) -> None:
        self.show_grid()
        self.filters.set_value(query)
        self._on_query(query)

    def _show_current(self) -> None:
        """Show the selected picture's details, and the picture in full where it is."""
        image = self._current()
        if image is None and self.grid.currentIndex().isValid():
            self.cells.image_at(self.grid.currentIndex().row())  # asks for it
        if self.pages.currentWidget() is self.full:
            self._show_full()
        elif image and self.pages.currentIndex() == 0:
            self.originals.want([Key(image.path, image.mtime_ns, 0)])
        self.inspector.show_image(image, len(self.grid.picked_ids()))
        self._show_inspected()

    def _show_full(self) -> None:
        row = self.grid.currentIndex().row()
        image = self.cells.image_at(row)
        if image is None:
            if not self.cells.ids:
                self.show_grid()
            return
        lead = len(self.cells.live)
        beside = [one for near in (row + 1, row - 1) if near >= lead and (one := self.cells.image_at(near))]
        self.full.show_image(image, row - lead + 1, len(self.cells.ids), beside)

    def _show_inspected(self) -> None:
        if image := self.inspector.image:
            read = self.originals.get(Key(image.path, image.mtime_ns, 0))
            self.inspector.show_picture(read if read is not None else self.thumbnails.last_of(image.path))

    # --- what is told --------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_query(self, query: Query) -> None:
        self.catalogue.look(query)

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        self._found = found
        self._on_page()
        self.filters.set_found(found)
        self.comparing.set_models([name for name, _count in found.models])
        self.cells.show(found.ids, self.live.cells())
        self.same_seed.look_again(self.catalogue)
        self.desk.choose(self._found, self._walked)
        self._show_current()

    @Slot()
    def _on_live(self) -> None:
        self.cells.show(self.cells.ids, self.live.cells())
        self.desk.choose(self._found, self._walked)

    @Slot(bool)
    def _on_walking(self, walking: bool) -> None:
        self._walked = self._walked or not walking
        self.desk.choose(self._found, self._walked)

    @Slot(object)
    def _on_needed(self, ids: list[int]) -> None:
        self.catalogue.fetch(ids)

    @Slot(object)
    def _on_read(self, images: list[GalleryImage]) -> None:
        self.cells.put(images)
        self._show_current()

    @Slot()
    def _on_page(self) -> None:
        self.tools.details.setChecked(self._details)
        nothing = self._found is not None and not self._found.total
        self.inspector.setVisible(self._details and not nothing and self.pages.currentWidget() is not self.comparing)

    @Slot()
    def _on_picked(self) -> None:
        self._show_current()

    @Slot(int)
    def _on_opened(self, _image_id: int) -> None:
        self.open_current()

    @Slot(int)
    def _on_star_pressed(self, image_id: int) -> None:
        self.catalogue.star([image_id])

    @Slot(int)
    def _on_step(self, by: int) -> None:
        self.grid.step(by)

    @Slot(object)
    def _on_original(self, _key: Key) -> None:
        self._show_inspected()

    @Slot(str, str)
    def _on_pairs_wished(self, left: str, right: str) -> None:
        self.catalogue.ask(lambda index: index.pairs(left, right), self.comparing.show_pairs)

    def _compare(self, images: list[GalleryImage]) -> None:
        """Show the first picture against each other one; with too few, let two models be chosen."""
        self._show_pairs([(images[0], other) for other in images[1:]])
        models = [name for name, _count in self._found.models] if self._found else []
        if len(images) < 2 and len(models) > 1:
            self.comparing.choose_models(models[0], models[1])

    @Slot(object)
    def _show_pairs(self, pairs: list[Pair]) -> None:
        self.pages.setCurrentWidget(self.comparing)
        self.comparing.show_selected(pairs)
        self.comparing.setFocus()

    @Slot(object)
    def _on_dropped(self, paths: list[Path]) -> None:
        self.catalogue.ask(partial(first_record, paths), self.doings.use_dropped)

    @Slot(object)
    def _on_take_off(self, paths: list[Path]) -> None:
        self.catalogue.gone(paths)

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        self.message.emit(exported_message(exported))

    @Slot()
    def _on_dialog_closed(self) -> None:
        if self._dialog:
            self._dialog.deleteLater()
        self._dialog = None

    @Slot(object)
    def _on_failed(self, error: SketchDeskError) -> None:
        self.message.emit(of_error(error))

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            show_context_menu(self, self.action_specs(), self.grid.viewport().mapToGlobal(at))

    @Slot(ImageSaved)
    def _on_image_saved(self, event: ImageSaved) -> None:
        self.catalogue.image_saved(Path(event.path), self._runner.run(event.job_id).title)

    @Slot(ScoreReady)
    def _on_score(self, event: ScoreReady) -> None:
        self.catalogue.image_scored(Path(event.path), event.values, event.caption)

    @Slot(Settings)
    def _on_settings(self, settings: Settings) -> None:
        if settings.images_folder != self._folder:
            self._folder = settings.images_folder
            self.catalogue.shutdown()
            self.catalogue.deleteLater()
            self.catalogue = self._open_catalogue()
            self.walk()
