"""Moving pictures to the trash, and back again as often as wished."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.trash import TrashBatch
from sketchdesk.ui.gallery.catalogue import Catalogue
from sketchdesk.ui.message import Message


class TrashCan(QObject):
    """Remembers what went to the trash in this window, the last first.

    Signals:
        message(Message): What was moved, with the way back.
    """

    message = Signal(Message)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue: Catalogue | None = None
        self._batches: list[TrashBatch] = []

    def use(self, catalogue: Catalogue) -> None:
        """Move what this catalogue knows."""
        self._catalogue = catalogue
        catalogue.trashed.connect(self._on_trashed)
        catalogue.restored.connect(self._on_restored)

    def can_undo(self) -> bool:
        """Tell whether something can come back."""
        return bool(self._batches)

    def trash(self, ids: Sequence[int]) -> None:
        """Move images to the trash."""
        if self._catalogue and ids:
            self._catalogue.trash(ids)

    @Slot()
    def undo(self) -> None:
        """Bring back what went to the trash last."""
        if self._catalogue and self._batches:
            self._catalogue.restore(self._batches.pop())

    @Slot(object)
    def _on_trashed(self, batch: TrashBatch) -> None:
        if not batch.images:
            self.message.emit(Message(_("These pictures were gone already.")))
            return
        self._batches.append(batch)
        count = len(batch.images)
        text = ngettext("{count} picture is in the trash.", "{count} pictures are in the trash.", count)
        self.message.emit(Message(text.format(count=count), action_text=_("Undo"), action=self.undo))

    @Slot(object)
    def _on_restored(self, batch: TrashBatch) -> None:
        count = len(batch.images)
        text = ngettext("{count} picture is back.", "{count} pictures are back.", count)
        self.message.emit(Message(text.format(count=count), level="good"))
