"""Contact sheets: images in rows with captions under them, on as many sheets as it takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageDraw

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library import number_words
from sketchdesk.library.atomic import replacing
from sketchdesk.library.export.letters import font, lines_of, one_line
from sketchdesk.library.export.outcome import Exported, Progress, check_any, check_some_left, no_progress
from sketchdesk.library.index import GalleryImage
from sketchdesk.library.moving import free_place
from sketchdesk.library.pictures import read_picture
from sketchdesk.library.record import short_model

MARGIN_PX, GAP_PX = 48, 24
TITLE_PX, TEXT_PX, LINE_PX = 30, 15, 21
HEADER_PX = 72
RADIUS_PX = 8
PROMPT_LINES = 2
CAPTION_PX = 10 + (PROMPT_LINES + 1) * LINE_PX
MOST_COLUMNS = 6
SHEET_SHAPE = 1.4
"""Height to width of a full sheet, about that of paper."""

Picture = tuple[GalleryImage, Image.Image]


class SheetLook(Struct, frozen=True, kw_only=True):
    """How contact sheets look."""

    title: str = ""
    captions: bool = True
    dark: bool = False
    columns: int | None = None
    """None chooses by the number of images, at most MOST_COLUMNS."""
    cell_px: int = 256
    """How wide and high an image may be; a smaller one is enlarged."""


class _Colours(Struct, frozen=True):
    ground: str
    cell: str
    line: str
    text: str
    muted: str


_LIGHT = _Colours("#ffffff", "#f3f4f8", "#d9dde6", "#171a21", "#5b6474")
_DARK = _Colours("#15171c", "#1c1f27", "#323846", "#e8eaef", "#a0a8b7")


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
    plan = _plan(look, len(images))
    several = len(images) > plan.columns * plan.rows
    left_out: list[Path] = []
    files: list[Path] = []
    waiting: list[Picture] = []
    for number, image in enumerate(images, start=1):
        try:
            waiting.append((image, _fitted(read_picture(image.path, look.cell_px), look.cell_px)))
        except SketchDeskError:
            left_out.append(image.path)
        if waiting and (len(waiting) == plan.columns * plan.rows or number == len(images)):
            sheet = _drawn(waiting, plan, look, len(files) + 1 if several else None)
            files.append(_save(sheet, target, len(files) + 1))
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


def _fitted(picture: Image.Image, side_px: int) -> Image.Image:
    """Return the picture with its longer side as long as the cell's, on white where it lets the ground through."""
    scale = side_px / max(picture.size)
    size = tuple(max(1, round(scale * length)) for length in picture.size)
    picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def _drawn(pictures: Sequence[Picture], plan: _Plan, look: SheetLook, number: int | None) -> Image.Image:
    """Return one sheet; `number` is which it is where there are several."""
    colours = _DARK if look.dark else _LIGHT
    sheet = Image.new("RGB", plan.size(len(pictures)), colours.ground)
    pen = ImageDraw.Draw(sheet)
    if plan.header:
        _draw_header(pen, sheet.width, look.title, number, colours)
    for place, (image, picture) in enumerate(pictures):
        x, y = plan.corner(place)
        cell = (x, y, x + plan.cell - 1, y + plan.cell - 1)
        pen.rounded_rectangle(cell, RADIUS_PX, fill=colours.cell)
        corner = (x + (plan.cell - picture.width) // 2, y + (plan.cell - picture.height) // 2)
        sheet.paste(picture, corner, _rounded(picture.size))
        pen.rounded_rectangle(cell, RADIUS_PX, outline=colours.line)
        if plan.caption:
            _draw_caption(pen, (x, y + plan.cell + 10), plan.cell, image, colours)
    return sheet


def _draw_header(pen: ImageDraw.ImageDraw, width: int, title: str, number: int | None, colours: _Colours) -> None:
    right = width - MARGIN_PX
    if number is not None:
        text = _("Sheet {number}").format(number=number)
        pen.text((right, MARGIN_PX + TITLE_PX), text, colours.muted, font(TEXT_PX), anchor="rs")
        right -= round(font(TEXT_PX).getlength(text)) + GAP_PX
    heading = one_line(title or "SketchDesk", font(TITLE_PX, bold=True), right - MARGIN_PX)
    pen.text((MARGIN_PX, MARGIN_PX + TITLE_PX), heading, colours.text, font(TITLE_PX, bold=True), anchor="ls")


def _draw_caption(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], width: int, image: GalleryImage, colours: _Colours
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


@lru_cache(maxsize=8)
def _rounded(size: tuple[int, int]) -> Image.Image:
    """Return a mask with round corners, drawn four times as large so that they are smooth."""
    mask = Image.new("L", (4 * size[0], 4 * size[1]))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 4 * RADIUS_PX, fill=255)
    return mask.reduce(4)


def _save(sheet: Image.Image, target: Path, number: int) -> Path:
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
