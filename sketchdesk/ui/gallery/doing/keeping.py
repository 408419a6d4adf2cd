"""Pictures drawn without keeping them: saved, or dropped into the trash, from which they come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.drawing.unsaved import is_unsaved
from sketchdesk.library.index.index import Query
from sketchdesk.ui import desktop
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.doing.unsaved_bar import UnsavedBar
from sketchdesk.ui.message import Message
from sketchdesk.ui.numbers import number_text
from sketchdesk.workers.runner import JobRunner


class Keeping(QObject):
    """Does what the bar and the actions wish, and tells what became of it.

    Signals:
        message(Message): What was saved and where, or that nothing was.
        query_wished(Query): This is to be looked for.
    """

    message = Signal(Message)
    query_wished = Signal(object)

    def __init__(self, runner: JobRunner, bar: UnsavedBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner, self._bar = runner, bar
        self._catalogue: Catalogue | None = None
        self._waiting = 0
        runner.preview_ready.connect(self._on_preview)
        bar.only_wished.connect(self._on_only)
        bar.save_wished.connect(self.save_all)
        bar.drop_wished.connect(self.drop_all)

    def use(self, catalogue: Catalogue) -> None:
        """Save what this catalogue knows."""
        self._catalogue = catalogue
        catalogue.found.connect(self._on_found)
        catalogue.kept.connect(self._on_kept)

    def has_any(self) -> bool:
        """Tell whether pictures wait to be saved."""
        return self._waiting > 0

    def save(self, ids: Sequence[int]) -> None:
        """Save those of these pictures that are not saved yet."""
        if self._catalogue and ids:
            self._catalogue.keep(ids)

    def show_only(self) -> None:
        """Look for those that wait, and no others."""
        self._on_only(True)

    @Slot()
    def save_all(self) -> None:
        """Save all that wait."""
        if self._catalogue and self._waiting:
            self._catalogue.keep(None)

    @Slot()
    def drop_all(self) -> None:
        """Move all that wait to the trash."""
        if self._catalogue and self._waiting:
            self._catalogue.trash_unsaved()

    @Slot(PreviewReady)
    def _on_preview(self, event: PreviewReady) -> None:
        if self._catalogue and is_unsaved(Path(event.path)):
            self._catalogue.image_saved(Path(event.path), self._runner.run(event.job_id).title)

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        waited, self._waiting = self._waiting, found.unsaved
        self._bar.show_count(found.unsaved, found.query.unsaved)
        if found.query.unsaved and waited and not found.unsaved:  # the last one was saved or dropped
            self._on_only(False)

    @Slot(bool)
    def _on_only(self, only: bool) -> None:
        if self._catalogue:
            query = self._catalogue.query
            self.query_wished.emit(
                Query(unsaved=True, sort=query.sort) if only else msgspec.structs.replace(query, unsaved=False)
            )

    @Slot(object)
    def _on_kept(self, kept: Mapping[Path, Path]) -> None:
        if not kept:
            self.message.emit(Message(_("These pictures were saved already.")))
            return
        last = list(kept.values())[-1]
        text = ngettext("{count} picture was saved in {folder}.", "{count} pictures were saved in {folder}.", len(kept))
        self.message.emit(
            Message(
                text.format(count=number_text(len(kept)), folder=last.parent), level="good",
                action_text=_("Open folder"), action=lambda: desktop.open_folder(last),
            )
        )  # fmt: skip
