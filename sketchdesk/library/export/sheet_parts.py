"""What all contact sheets share: measures, colours, fitted pictures with round corners, headings, and saving."""

from __future__ import annotations

from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageDraw

from sketchdesk.contracts.text import _
from sketchdesk.library.export.axes import Axis
from sketchdesk.library.export.letters import font, one_line
from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.files.moving import free_place

MARGIN_PX, GAP_PX = 48, 24
TITLE_PX, TEXT_PX, LINE_PX = 30, 15, 21
HEADER_PX = 72
RADIUS_PX = 8


class SheetLook(Struct, frozen=True, kw_only=True):
    """How contact sheets look."""

    title: str = ""
    captions: bool = True
    dark: bool = False
    columns: int | None = None
    """None chooses by the number of images, at most MOST_COLUMNS."""
    cell_px: int = 256
    """How wide and high an image may be; a smaller one is enlarged."""
    across: Axis | None = None
    """What grows from column to column; with it or `down` the images stand in a table, see axes_sheet."""
    down: Axis | None = None
    """What grows from row to row."""


class Colours(Struct, frozen=True):
    """Of one kind of paper."""

    ground: str
    cell: str
    line: str
    text: str
    muted: str


LIGHT = Colours("#ffffff", "#f3f4f8", "#d9dde6", "#171a21", "#5b6474")
DARK = Colours("#15171c", "#1c1f27", "#323846", "#e8eaef", "#a0a8b7")


def fitted(picture: Image.Image, side_px: int) -> Image.Image:
    """Return the picture with its longer side as long as the cell's, on white where it lets the ground through."""
    scale = side_px / max(picture.size)
    size = tuple(max(1, round(scale * length)) for length in picture.size)
    picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def draw_cell(sheet: Image.Image, pen: ImageDraw.ImageDraw, corner: tuple[int, int], side_px: int,
              picture: Image.Image, colours: Colours) -> None:  # fmt: skip
    """Draw a fitted picture in the middle of its cell."""
    x, y = corner
    cell = (x, y, x + side_px - 1, y + side_px - 1)
    pen.rounded_rectangle(cell, RADIUS_PX, fill=colours.cell)
    place = (x + (side_px - picture.width) // 2, y + (side_px - picture.height) // 2)
    sheet.paste(picture, place, rounded(picture.size))
    pen.rounded_rectangle(cell, RADIUS_PX, outline=colours.line)


def draw_header(pen: ImageDraw.ImageDraw, width: int, title: str, number: int | None, colours: Colours) -> None:
    """Write a sheet's title, and which sheet it is where there are several."""
    right = width - MARGIN_PX
    if number is not None:
        text = _("Sheet {number}").format(number=number)
        pen.text((right, MARGIN_PX + TITLE_PX), text, colours.muted, font(TEXT_PX), anchor="rs")
        right -= round(font(TEXT_PX).getlength(text)) + GAP_PX
    heading = one_line(title or "SketchDesk", font(TITLE_PX, bold=True), right - MARGIN_PX)
    pen.text((MARGIN_PX, MARGIN_PX + TITLE_PX), heading, colours.text, font(TITLE_PX, bold=True), anchor="ls")


@lru_cache(maxsize=8)
def rounded(size: tuple[int, int]) -> Image.Image:
    """Return a mask with round corners, drawn four times as large so that they are smooth."""
    mask = Image.new("L", (4 * size[0], 4 * size[1]))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 4 * RADIUS_PX, fill=255)
    return mask.reduce(4)


def save_sheet(sheet: Image.Image, target: Path, number: int) -> Path:
    """Write the n-th sheet, whole, and return where: at `target` or beside it. PNG, or JPEG by its name."""
    jpeg = target.suffix.lower() in {".jpg", ".jpeg"}
    with ExitStack() as stack:
        place = target
        if number > 1:
            place = stack.enter_context(free_place(target.parent, f"{target.stem}-{number}{target.suffix}"))
        temporary = stack.enter_context(replacing(place))
        if jpeg:
            sheet.save(temporary, format="JPEG", quality=92, subsampling=0)
        else:
            sheet.save(temporary, format="PNG", compress_level=4)
    return place
