"""Where the cells of the grid lie: arithmetic alone, so that a hundred thousand cells cost no more than ten."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

MARGIN_PX = 16
GAP_PX = 12


@dataclass(frozen=True)
class Tiling:
    """Square cells in rows that fill the width. Coordinates in pixels from the top left of the whole grid."""

    count: int
    width_px: int
    """Of the viewport."""
    zoom_px: int
    """The least side of a cell; what is left of the width is shared out."""

    @cached_property
    def columns(self) -> int:
        """How many cells stand side by side, at least one."""
        return max(1, (self.width_px - 2 * MARGIN_PX + GAP_PX) // (self.zoom_px + GAP_PX))

    @cached_property
    def side_px(self) -> int:
        """The side of a cell."""
        free = self.width_px - 2 * MARGIN_PX - (self.columns - 1) * GAP_PX
        return max(1, free // self.columns)

    @cached_property
    def pitch_px(self) -> int:
        """From the top of one row to the top of the next."""
        return self.side_px + GAP_PX

    @property
    def height_px(self) -> int:
        """Of the whole grid."""
        rows = -(-self.count // self.columns)
        return rows * self.pitch_px - GAP_PX + 2 * MARGIN_PX if rows else 0

    def corner(self, number: int) -> tuple[int, int]:
        """Return the left and the top of a cell."""
        row, column = divmod(number, self.columns)
        return MARGIN_PX + column * self.pitch_px, MARGIN_PX + row * self.pitch_px

    def at(self, x: int, y: int) -> int | None:
        """Return the cell at a point, or None beside the cells."""
        column, in_x = divmod(x - MARGIN_PX, self.pitch_px)
        row, in_y = divmod(y - MARGIN_PX, self.pitch_px)
        if not 0 <= column < self.columns or row < 0 or in_x >= self.side_px or in_y >= self.side_px:
            return None
        number = row * self.columns + column
        return number if number < self.count else None

    def nearest(self, x: int, y: int) -> int:
        """Return the cell whose place is nearest to a point; there must be cells."""
        column = min(max((x - MARGIN_PX) // self.pitch_px, 0), self.columns - 1)
        row = max((y - MARGIN_PX) // self.pitch_px, 0)
        return min(row * self.columns + column, self.count - 1)

    def between(self, top: int, bottom: int) -> range:
        """Return the cells of the rows that reach into a band."""
        first = max((top - MARGIN_PX) // self.pitch_px, 0) * self.columns
        last = max((bottom - MARGIN_PX) // self.pitch_px + 1, 0) * self.columns
        return range(min(first, self.count), min(last, self.count))

    def inside(self, left: int, top: int, right: int, bottom: int) -> list[range]:
        """Return the cells that a rectangle touches, one range a row."""
        first = max((left - MARGIN_PX + GAP_PX) // self.pitch_px, 0)
        last = min((right - MARGIN_PX) // self.pitch_px, self.columns - 1)
        rows = range(
            max((top - MARGIN_PX + GAP_PX) // self.pitch_px, 0), max((bottom - MARGIN_PX) // self.pitch_px + 1, 0)
        )
        touched = (
            range(min(row * self.columns + first, self.count), min(row * self.columns + last + 1, self.count))
            for row in rows
        )
        return [cells for cells in touched if cells]
