"""What is compared with what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.gallery_view import GalleryView

if TYPE_CHECKING:
    from sketchdesk.ui.gallery.comparing.compare_page import ComparePage
    from sketchdesk.ui.gallery.comparing.pair_list import Pair

MOST = 100


class Comparing(QObject):
    """Leads from chosen pictures, or from two models, to the pairs that the comparison shows.

    Signals:
        closed(): The comparison is no longer wanted.
    """

    closed = Signal()

    def __init__(self, view: GalleryView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._catalogue: Catalogue | None = None
        self._models: list[str] = []
        view.comparing_made.connect(self._on_made)

    def use(self, catalogue: Catalogue) -> None:
        """Compare what this catalogue knows."""
        self._catalogue = catalogue
        catalogue.found.connect(self._on_found)

    def compare(self, ids: Sequence[int]) -> None:
        """Show the first picture against each other one; with too few, let two models be chosen."""
        if self._catalogue:
            wanted = ids[:MOST]
            self._catalogue.ask(lambda index: index.images(wanted), self._compare)

    @Slot(object)
    def show(self, pairs: list[Pair]) -> None:
        """Show these pairs."""
        self._view.comparing.show_selected(pairs)
        self._view.go_to_comparison()

    def _compare(self, images: list[GalleryImage]) -> None:
        self.show([(images[0], other) for other in images[1:]])
        if len(images) < 2 and len(self._models) > 1:
            # A model that was trained here is named by its path; it stands at the right of what others made.
            left, right = sorted(self._models[:2], key=lambda name: Path(name).is_absolute())
            self._view.comparing.choose_models(left, right)

    @Slot(object)
    def _on_made(self, page: ComparePage) -> None:
        page.set_models(self._models)
        page.pairs_wished.connect(self._on_pairs_wished)
        page.closed.connect(self.closed)

    @Slot(object)
    def _on_found(self, found: Found) -> None:
        self._models = [name for name, _count in found.models]
        if self._view.has_comparing():
            self._view.comparing.set_models(self._models)

    @Slot(str, str)
    def _on_pairs_wished(self, left: str, right: str) -> None:
        if self._catalogue:
            self._catalogue.ask(lambda index: index.pairs(left, right), self._view.comparing.show_pairs)
