"""What is done to the pictures that are chosen: the selected ones, or the one that is looked at alone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.open_catalogue import OpenCatalogue
from sketchdesk.ui.gallery.comparing.comparing import Comparing
from sketchdesk.ui.gallery.comparing.same_seed import SameSeed
from sketchdesk.ui.gallery.doing.drawing_again import DrawingAgain
from sketchdesk.ui.gallery.doing.keeping import Keeping
from sketchdesk.ui.gallery.doing.tagging import Tagging
from sketchdesk.ui.gallery.doing.trash_can import TrashCan
from sketchdesk.ui.gallery.export.exporting import Exporting
from sketchdesk.ui.gallery.gallery_view import GalleryView
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.viewing.looking import Looking
from sketchdesk.ui.message import Message
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.runner import JobRunner


class Chosen(QObject):
    """Has each thing done by who can do it, to the pictures that are chosen at the time. End it with shutdown().

    Signals:
        draw_wished(list[GenerateJob]): To be drawn now: the pictures again, or what one is compared with.
        message(Message): What was done, or why not.
    """

    draw_wished = Signal(object)
    message = Signal(Message)

    def __init__(
        self,
        view: GalleryView,
        cells: CellsModel,
        looking: Looking,
        opened: OpenCatalogue,
        runner: JobRunner,
        store: SettingsStore,
        window: QWidget,
    ) -> None:
        """Dialogs stand over `window`."""
        super().__init__(window)
        self._view, self._cells, self._looking, self._opened = view, cells, looking, opened
        self.again, self.same_seed = DrawingAgain(store, self), SameSeed(store, self)
        self.comparison, self.keeping = Comparing(view, self), Keeping(runner, view.desk.unsaved, self)
        self.trash_can, self.tagging, self.exporting = TrashCan(window), Tagging(window), Exporting(window)
        for part in (self.again, self.same_seed, self.trash_can, self.keeping, self.exporting):
            part.message.connect(self.message)
        for drawing in (self.again, self.same_seed):
            drawing.draw_wished.connect(self.draw_wished)
        self.same_seed.pairs_found.connect(self.comparison.show)

    def use(self, catalogue: Catalogue) -> None:
        """Act on what this catalogue knows."""
        for part in (self.trash_can, self.keeping, self.comparison):
            part.use(catalogue)

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.exporting, self.tagging, self.trash_can):
            part.retranslate()

    def shutdown(self) -> None:
        """Close every dialog and end the threads."""
        for part in (self.again, self.same_seed, self.exporting, self.tagging, self.trash_can):
            part.shutdown()

    # --- what there is -------------------------------------------------------------------------------------------

    def has_picked(self) -> bool:
        """Tell whether a picture is selected."""
        return self._view.desk.grid.current_id() is not None

    def has_unsaved(self) -> bool:
        """Tell whether the picture that is looked at is not saved."""
        image = self._looking.current()
        return image is not None and image.unsaved

    def has_any(self) -> bool:
        """Tell whether there are pictures."""
        return bool(self._cells.ids)

    # --- what can be done ----------------------------------------------------------------------------------------

    @Slot()
    def star(self) -> None:
        """Star them, or take the stars away if all have one."""
        self._opened.catalogue.star(self._looking.chosen_ids())

    @Slot()
    def tag(self) -> None:
        """Ask which tags they should have."""
        self.tagging.ask(self._opened.catalogue, self._looking.chosen_ids())

    @Slot()
    def make_again(self) -> None:
        """Draw them again, to the last bit."""
        self.again.draw(self._looking.chosen_ids(), self._opened.catalogue)

    @Slot()
    def save(self) -> None:
        """Save those that were drawn without keeping them."""
        self.keeping.save(self._looking.chosen_ids())

    @Slot()
    def trash(self) -> None:
        """Move them to the trash."""
        self.trash_can.trash(self._looking.chosen_ids())

    @Slot()
    def compare(self) -> None:
        """Compare one with its base, more with the first; with none, two models are chosen."""
        ids = self._view.desk.grid.picked_ids()
        if len(ids) == 1 and self._looking.current() is not None and self._view.shows_grid():
            self.compare_with_base()
        else:
            self.comparison.compare(ids)

    @Slot()
    def compare_with_base(self) -> None:
        """Compare the one that is looked at with other models' at the same seed."""
        if image := self._looking.current():
            self.same_seed.compare(self._opened.catalogue, image)

    @Slot()
    def export(self) -> None:
        """Ask what to export, as what and where to."""
        self.exporting.ask(self._opened.catalogue, self._view.desk.grid.picked_ids(), self._cells.ids)
