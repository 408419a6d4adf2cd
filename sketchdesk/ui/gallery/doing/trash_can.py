"""Moving pictures to the trash, and back again as often as wished; what else is in it, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.index.index import ImageIndex
from sketchdesk.library.trash.trash import TrashBatch
from sketchdesk.library.trash.whole_trash import Batch, Kind, all_batches, kind_of, told_back, told_deleted
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.doing.trash_dialog import Held, TrashDialog
from sketchdesk.ui.message import Message
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.widgets.one_dialog import OneDialog


class TrashCan(OneDialog[TrashDialog]):
    """Remembers what went to the trash in this window, the last first, and opens the dialog with all that is there.

    Signals:
        message(Message): What was moved, with the way back.
        models_changed(): Models or checkpoints came back, or some of them may have.
    """

    message = Signal(Message)
    models_changed = Signal()

    def __init__(self, window: QWidget) -> None:
        """The dialog stands over `window`."""
        super().__init__(window)
        self._catalogue: Catalogue | None = None
        self._batches: list[TrashBatch] = []
        self._coming: set[Path] = set()
        """The folders of those that are on their way back."""
        self._going: set[Path] = set()
        """The folders of those that are being deleted."""

    def use(self, catalogue: Catalogue) -> None:
        """Move what this catalogue knows."""
        self._catalogue = catalogue
        catalogue.trashed.connect(self._on_trashed)
        catalogue.restored.connect(self._on_restored)
        catalogue.emptied.connect(self._on_emptied)
        catalogue.failed.connect(self._on_failed)

    def can_undo(self) -> bool:
        """Tell whether something can come back."""
        return any(batch.folder not in self._coming for batch in self._batches)

    def trash(self, ids: Sequence[int]) -> None:
        """Move images to the trash."""
        if self._catalogue and ids:
            self._catalogue.trash(ids)

    @Slot()
    def undo(self) -> None:
        """Bring back what went to the trash last; what cannot come back stays the last."""
        waiting = [batch for batch in self._batches if batch.folder not in self._coming]
        if waiting:
            self._restore(waiting[-1:])

    @Slot()
    def ask(self) -> None:
        """Show what is in the trash, that of earlier windows too."""
        if self.dialog is None and self._catalogue:
            self._catalogue.ask(_held, self._open)

    def _open(self, found: list[Held]) -> None:
        if self.dialog is not None:
            return
        dialog = TrashDialog(found, self._window)
        dialog.restore_wished.connect(self._restore)
        dialog.delete_wished.connect(self._delete)
        self._open_one(dialog)

    @Slot(object)
    def _restore(self, chosen: Sequence[Batch]) -> None:
        for batch in chosen:
            if self._catalogue and batch.folder not in self._coming:
                self._coming.add(batch.folder)
                self._catalogue.restore(batch)

    @Slot(object)
    def _delete(self, chosen: Sequence[Batch]) -> None:
        if self._catalogue:
            self._going |= {batch.folder for batch in chosen}
            self._catalogue.empty(chosen)

    def _look_again(self) -> None:
        if self.dialog and self._catalogue:
            self._catalogue.ask(_held, self._show)

    def _show(self, found: list[Held]) -> None:
        if self.dialog:
            self.dialog.show_batches(found)

    @Slot(object)
    def _on_trashed(self, batch: TrashBatch) -> None:
        if not batch.images:
            self.message.emit(Message(_("These pictures were gone already.")))
            return
        self._batches.append(batch)
        count = len(batch.images)
        text = ngettext("{count} picture is in the trash.", "{count} pictures are in the trash.", count)
        self.message.emit(Message(text.format(count=number_text(count)), action_text=_("Undo"), action=self.undo))

    @Slot(object, int)
    def _on_restored(self, batch: Batch, count: int) -> None:
        self._coming.discard(batch.folder)
        self._batches = [one for one in self._batches if one.folder != batch.folder]
        kind = kind_of(batch)
        self.message.emit(Message(told_back(kind, count, number_text(count)), level="good"))
        if kind != "picture":
            self.models_changed.emit()
        self._look_again()

    @Slot(object)
    def _on_emptied(self, counts: Counter[Kind]) -> None:
        self._batches = [one for one in self._batches if one.folder not in self._going]
        self._going.clear()
        said = " ".join(told_deleted(kind, count, number_text(count)) for kind, count in counts.items())
        self.message.emit(Message(said or _("These were gone already.")))
        self._look_again()

    @Slot(object)
    def _on_failed(self, _error: object) -> None:
        if self._coming:  # of a batch with one that cannot come back, others may have
            self.models_changed.emit()
        if self._coming or self._going:  # what did not come back or go is in the trash as before
            self._coming.clear()
            self._going.clear()
            self._look_again()


def _held(_index: ImageIndex) -> list[Held]:
    return [Held(batch, batch.size_bytes) for batch in all_batches()]
