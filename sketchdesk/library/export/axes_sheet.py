"""Contact sheets as tables: one setting grows from column to column, another from row to row, both written beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageDraw

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.export.axes import Value, laid_out, named_value
from sketchdesk.library.export.letters import font, lines_of, one_line
from sketchdesk.library.export.outcome import Exported, check_some_left
from sketchdesk.library.export.sheet_parts import (
    DARK,
    GAP_PX,
    HEADER_PX,
    LIGHT,
    LINE_PX,
    MARGIN_PX,
    TEXT_PX,
    Colours,
    SheetLook,
    draw_cell,
    draw_header,
    fitted,
    save_sheet,
)
from sketchdesk.library.images.pictures import read_picture
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress
from sketchdesk.library.wording import number_words

ROW_CAPTION_PX, ROW_LINES = 176, 8
COLUMN_CAPTION_PX, COLUMN_LINES = 2 * LINE_PX + 10, 2
MOST_ACROSS, MOST_DOWN = 20, 30
"""Columns and rows of one sheet; the others stand on the next ones."""


class _Part(Struct, frozen=True):
    """What stands on one sheet: some columns, some rows, and the n-th image of every cell there."""

    columns: range
    rows: range
    layer: int


def export_table_sheet(
    images: Sequence[GalleryImage], target: Path, progress: Progress, look: SheetLook
) -> Exported:
    """Draw the images as tables, on as many sheets as it takes; see sheet.export_sheet().

    Where several images have the same values, the second ones stand on a sheet of their own, and so on.
    """
    columns, rows, cells = laid_out(images, look.across, look.down)
    parts = list(_parts(cells))
    left_out: list[Path] = []
    files: list[Path] = []
    done = 0
    for number, part in enumerate(parts, start=1):
        pen = _Pen(part, columns, rows, look)
        pen.draw_captions(number if len(parts) > 1 else None)
        for row in part.rows:
            for column in part.columns:
                for image in cells.get((row, column), [])[part.layer : part.layer + 1]:
                    try:
                        pen.draw_image(row, column, image)
                    except SketchDeskError:
                        left_out.append(image.path)
                    done += 1
                    progress(done, len(images))
        files.append(save_sheet(pen.sheet, target, number))
    check_some_left(images, left_out)
    return Exported(
        target=target, files=tuple(files), images=len(images) - len(left_out), left_out=tuple(left_out)
    )


def _parts(cells: dict[tuple[int, int], list[GalleryImage]]) -> Iterator[_Part]:
    rows, columns = (1 + max(place[side] for place in cells) for side in (0, 1))
    for layer in range(max(map(len, cells.values()))):
        for row in range(0, rows, MOST_DOWN):
            for column in range(0, columns, MOST_ACROSS):
                part = _Part(
                    range(column, min(column + MOST_ACROSS, columns)), range(row, min(row + MOST_DOWN, rows)), layer
                )
                if any(len(cells.get((one, other), [])) > layer for one in part.rows for other in part.columns):
                    yield part


class _Pen:
    """Draws one sheet."""

    def __init__(self, part: _Part, columns: list[Value], rows: list[Value], look: SheetLook) -> None:
        self._part, self._columns, self._rows, self._look = part, columns, rows, look
        self._colours: Colours = DARK if look.dark else LIGHT
        self._left = MARGIN_PX + (ROW_CAPTION_PX + GAP_PX if rows else 0)
        self._top = MARGIN_PX + HEADER_PX + (COLUMN_CAPTION_PX if columns else 0)
        self._caption = LINE_PX + 8 if look.captions else 0
        self._pitch = (look.cell_px + GAP_PX, look.cell_px + self._caption + GAP_PX)
        width = self._left + len(part.columns) * self._pitch[0] - GAP_PX + MARGIN_PX
        height = self._top + len(part.rows) * self._pitch[1] - GAP_PX + MARGIN_PX
        self.sheet = Image.new("RGB", (width, height), self._colours.ground)
        self._pen = ImageDraw.Draw(self.sheet)

    def draw_captions(self, number: int | None) -> None:
        """Draw the title, and what the columns and rows are; `number` is which sheet of several it is."""
        colours, across, down, side = self._colours, self._look.across, self._look.down, self._look.cell_px
        draw_header(self._pen, self.sheet.width, self._look.title, number, colours)
        letters = font(TEXT_PX, bold=True)
        for place, column in enumerate(self._part.columns if across and self._columns else ()):
            text = named_value(across, self._columns[column]) if across else ""
            lines = lines_of(text, letters, side, COLUMN_LINES)
            x, y = self._left + place * self._pitch[0] + side // 2, self._top - 12
            for back, line in enumerate(reversed(lines)):
                self._pen.text((x, y - back * LINE_PX), line, colours.text, letters, anchor="ms")
        for place, row in enumerate(self._part.rows if down and self._rows else ()):
            text = named_value(down, self._rows[row]) if down else ""
            lines = lines_of(text, letters, ROW_CAPTION_PX, ROW_LINES)
            y = self._top + place * self._pitch[1] + (side - len(lines) * LINE_PX) // 2
            for on, line in enumerate(lines):
                self._pen.text((self._left - GAP_PX, y + on * LINE_PX), line, colours.text, letters, anchor="ra")

    def draw_image(self, row: int, column: int, image: GalleryImage) -> None:
        """Draw an image in its cell. Raises SketchDeskError(BAD_INPUT) where it cannot be read."""
        side = self._look.cell_px
        x = self._left + (column - self._part.columns.start) * self._pitch[0]
        y = self._top + (row - self._part.rows.start) * self._pitch[1]
        picture = fitted(read_picture(image.path, side), side)
        draw_cell(self.sheet, self._pen, (x, y), side, picture, self._colours)
        if self._caption:
            text = one_line(self._facts(image), font(TEXT_PX), side)
            self._pen.text((x, y + side + 8), text, self._colours.muted, font(TEXT_PX))

    def _facts(self, image: GalleryImage) -> str:
        """Return an image's score, and its seed where no axis says it."""
        facts = []
        if "cosine" in image.scores:
            facts.append(_("CLIP {score}").format(score=number_words.number(image.scores["cosine"])))
        if image.record and image.record.seed is not None and "seed" not in (self._look.across, self._look.down):
            facts.append(_("seed {seed}").format(seed=image.record.seed))
        return " · ".join(facts)
