"""What is selected and seen, remembered by the images' ids while their rows change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QItemSelection

from sketchdesk.ui.gallery.grid.cells import CellsModel


@dataclass(frozen=True)
class Place:
    """Where the person is in the gallery."""

    picked: list[int] = field(default_factory=list)
    """Ids, in the order of the grid."""
    current_id: int | None = None
    current_row: int | None = None
    seen: tuple[int, int] | None = None
    """An image that is seen, and its top in the viewport in pixels; None at the top, which shows what is new."""

    def rows_in(self, cells: CellsModel) -> list[int]:
        """Return the rows of what was selected and is still here, ascending."""
        if not self.picked:
            return []
        wanted, lead = set(self.picked), len(cells.live)
        return [row for row, image_id in enumerate(cells.ids, lead) if image_id in wanted]

    def current_in(self, cells: CellsModel) -> int | None:
        """Return the row of the image the keyboard was at, or of the one that took its place."""
        if self.current_id is None or self.current_row is None or not cells.ids:
            return None
        row = cells.row_of(self.current_id)
        return row if row is not None else min(max(self.current_row, len(cells.live)), cells.rowCount() - 1)

    def seen_in(self, cells: CellsModel) -> tuple[int, int] | None:
        """Return the row of the image that was seen, and where its top was."""
        row = cells.row_of(self.seen[0]) if self.seen else None
        return (row, self.seen[1]) if row is not None and self.seen else None


def remember(
    cells: CellsModel, picked: list[int], current_row: int | None, seen: tuple[int, int] | None
) -> Place:
    """Return the place by ids; `seen` holds a row and its top, or is None at the top."""
    seen_id = cells.id_at(seen[0]) if seen else None
    return Place(
        picked=picked,
        current_id=cells.id_at(current_row) if current_row is not None else None,
        current_row=current_row,
        seen=(seen_id, seen[1]) if seen and seen_id is not None else None,
    )


def rows_of(selection: QItemSelection) -> list[range]:
    """Return the rows of a selection, ascending."""
    return sorted((range(part.top(), part.bottom() + 1) for part in selection.toList()), key=lambda rows: rows.start)


def selection_of(model: QAbstractItemModel, rows: Sequence[int]) -> QItemSelection:
    """Return ascending rows as a selection of few ranges."""
    selection = QItemSelection()
    for run in _runs(rows):
        selection.select(model.index(run.start, 0), model.index(run.stop - 1, 0))
    return selection


def _runs(rows: Iterable[int]) -> Iterator[range]:
    run: range | None = None
    for row in rows:
        if run is not None and row == run.stop:
            run = range(run.start, row + 1)
            continue
        if run is not None:
            yield run
        run = range(row, row + 1)
    if run is not None:
        yield run
