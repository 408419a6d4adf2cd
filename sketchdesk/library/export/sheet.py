"""Contact sheets: images in rows with captions under them, on as many sheets as it takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageDraw

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.export.axes_sheet import export_table_sheet
from sketchdesk.library.export.letters import font, lines_of, one_line
from sketchdesk.library.export.outcome import Exported, check_any, check_some_left, no_progress
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
from sketchdesk.library.images.record import short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress
from sketchdesk.library.wording import number_words

PROMPT_LINES = 2
CAPTION_PX = 10 + (PROMPT_LINES + 1) * LINE_PX
MOST_COLUMNS = 6
SHEET_SHAPE = 1.4
"""Height to width of a full sheet, about that of paper."""

__all__ = ["SheetLook", "export_sheet"]

Picture = tuple[GalleryImage, Image.Image]


class _Plan(Struct, frozen=True):
    """The measures of all sheets of an export, in pixels."""

    columns: int
    rows: int
    """Of a full sheet."""
    cell: int
    caption: int
    header: int

    def size(self, images: int) -> tuple[int, int]:
        """Return a sheet's width and height."""
        rows = math.ceil(images / self.columns)
        width = 2 * MARGIN_PX + self.columns * (self.cell + GAP_PX) - GAP_PX
        return width, 2 * MARGIN_PX + self.header + rows * (self.cell + self.caption + GAP_PX) - GAP_PX

    def corner(self, place: int) -> tuple[int, int]:
        """Return where the cell of a sheet's n-th image begins."""
        row, column = divmod(place, self.columns)
        y = MARGIN_PX + self.header + row * (self.cell + self.caption + GAP_PX)
        return MARGIN_PX + column * (self.cell + GAP_PX), y


def export_sheet(
    images: Sequence[GalleryImage], target: Path, progress: Progress = no_progress, look: SheetLook | None = None
) -> Exported:
    """Draw the images on sheets: PNG, or JPEG where `target` ends so.

    The first sheet takes the place of what was at `target`; the others have its name with -2, -3 …, or with a number
    where that is taken. Each appears whole. Raises SketchDeskError: BAD_INPUT (no images, none readable), DISK_FULL,
    NOT_WRITABLE.
    """
    check_any(images)
    look = look or SheetLook()
    if look.across or look.down:
        return export_table_sheet(images, target, progress, look)
    plan = _plan(look, len(images))
    several = len(images) > plan.columns * plan.rows
    left_out: list[Path] = []
    files: list[Path] = []
    waiting: list[Picture] = []
    for number, image in enumerate(images, start=1):
        try:
            waiting.append((image, fitted(read_picture(image.path, look.cell_px), look.cell_px)))
        except SketchDeskError:
            left_out.append(image.path)
        if waiting and (len(waiting) == plan.columns * plan.rows or number == len(images)):
            sheet = _drawn(waiting, plan, look, len(files) + 1 if several else None)
            files.append(save_sheet(sheet, target, len(files) + 1))
            waiting = []
        progress(number, len(images))
    check_some_left(images, left_out)
    return Exported(
        target=target, files=tuple(files), images=len(images) - len(left_out), left_out=tuple(left_out)
    )


def _plan(look: SheetLook, images: int) -> _Plan:
    columns = look.columns or min(MOST_COLUMNS, max(1, math.ceil(math.sqrt(images))))
    caption = CAPTION_PX if look.captions else 0
    header = HEADER_PX if look.title or images > 1 else 0
    width = columns * (look.cell_px + GAP_PX)
    rows = max(1, round(SHEET_SHAPE * width / (look.cell_px + caption + GAP_PX)))
    return _Plan(columns=columns, rows=rows, cell=look.cell_px, caption=caption, header=header)


def _drawn(pictures: Sequence[Picture], plan: _Plan, look: SheetLook, number: int | None) -> Image.Image:
    """Return one sheet; `number` is which it is where there are several."""
    colours = DARK if look.dark else LIGHT
    sheet = Image.new("RGB", plan.size(len(pictures)), colours.ground)
    pen = ImageDraw.Draw(sheet)
    if plan.header:
        draw_header(pen, sheet.width, look.title, number, colours)
    for place, (image, picture) in enumerate(pictures):
        x, y = plan.corner(place)
        draw_cell(sheet, pen, (x, y), plan.cell, picture, colours)
        if plan.caption:
            _draw_caption(pen, (x, y + plan.cell + 10), plan.cell, image, colours)
    return sheet


def _draw_caption(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], width: int, image: GalleryImage, colours: Colours
) -> None:
    x, y = corner
    prompt = image.record.prompt if image.record else image.path.stem
    lines = [(line, colours.text) for line in lines_of(prompt, font(TEXT_PX), width, PROMPT_LINES)]
    lines += [(one_line(text, font(TEXT_PX), width), colours.muted) for text in _facts(image)]
    for number, (line, colour) in enumerate(lines):
        pen.text((x, y + number * LINE_PX), line, colour, font(TEXT_PX))


def _facts(image: GalleryImage) -> Iterator[str]:
    """Yield one line: what drew the image, its seed and its score, as far as they are known."""
    facts = []
    if "cosine" in image.scores:
        facts.append(_("CLIP {score}").format(score=number_words.number(image.scores["cosine"])))
    if image.record and image.record.seed is not None:
        facts.append(_("seed {seed}").format(seed=image.record.seed))
    if image.record and image.record.model:
        facts.append(short_model(image.record.model_label))
    if facts:
        yield " · ".join(facts)
