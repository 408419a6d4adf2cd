from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.library.export.axes import UNKNOWN, laid_out, named_value, values_of
from sketchdesk.library.export.axes_sheet import MOST_ACROSS
from sketchdesk.library.export.sheet import SheetLook, export_sheet
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import GalleryImage


def made(folder: Path, number: int, colour: str, **settings: object) -> GalleryImage:
    values = {
        "prompt": "a fox", "seed": 1, "num_inference_steps": 5, "guidance_scale": 3.0, "sampler": "euler", "width": 8,
        "height": 8, "model": "demo-base",
    } | settings  # fmt: skip
    path = folder / f"{number}.png"
    save_png(Image.new("RGB", (8, 8), colour), path, record := ImageRecord(**values))
    return GalleryImage(id=number, path=path, mtime_ns=number, record=record)


@pytest.fixture
def grid(tmp_path: Path) -> list[GalleryImage]:
    """Two prompts at three guidances, the last of which was drawn for one of them; in no order."""
    return [
        made(tmp_path, 0, "red", guidance_scale=10.0),
        made(tmp_path, 1, "lime", guidance_scale=2.5),
        made(tmp_path, 2, "blue", guidance_scale=2.5, prompt="an owl"),
        made(tmp_path, 3, "yellow", guidance_scale=None),
    ]


def test_numbers_grow_and_texts_stand_as_they_come(grid):
    columns, rows, cells = laid_out(grid, "guidance", "prompt")
    assert [text for _number, text in columns] == ["2.5", "10", "–"]
    assert [text for _number, text in rows] == ["a fox", "an owl"]
    assert {place: [one.id for one in found] for place, found in cells.items()} == {
        (0, 0): [1], (0, 1): [0], (1, 0): [2], (0, 2): [3],
    }  # fmt: skip


def test_with_one_axis_the_others_stand_in_a_row(grid):
    _columns, rows, cells = laid_out(grid, "prompt", None)
    assert rows == []
    assert {place: found[0].id for place, found in cells.items()} == {(0, 0): 0, (1, 0): 1, (2, 0): 3, (0, 1): 2}
    _columns, _rows, cells = laid_out(grid, None, "prompt")
    assert {place: found[0].id for place, found in cells.items()} == {(0, 0): 0, (0, 1): 1, (0, 2): 3, (1, 0): 2}


def test_captions_name_numbers_and_leave_names_alone(grid):
    assert [named_value("guidance", value) for value in values_of(grid, "guidance")] == [
        "Guidance 2.5", "Guidance 10", "–",
    ]  # fmt: skip
    assert named_value("prompt", values_of(grid, "prompt")[0]) == "a fox"
    unsaid = GalleryImage(id=9, path=Path("x.png"), mtime_ns=0)
    assert values_of([unsaid], "seed") == values_of([unsaid], "run") == [UNKNOWN]


def colours(sheet: Path, look: SheetLook) -> list[list[str]]:
    """The colour in the middle of every cell of a sheet with both axes, by rows."""
    names = {(255, 0, 0): "red", (0, 255, 0): "lime", (0, 0, 255): "blue", (255, 255, 0): "yellow"}
    with Image.open(sheet) as image:
        pitch, left, top, half = look.cell_px + 24, 48 + 176 + 24, 48 + 72 + 52, look.cell_px // 2
        columns, rows = (image.width - left) // pitch, (image.height - top) // pitch
        return [
            [
                names.get(image.getpixel((left + x * pitch + half, top + y * pitch + half)), "")
                for x in range(columns)
            ]
            for y in range(rows)
        ]


def test_the_sheet_shows_every_image_in_its_column_and_row(grid, tmp_path):
    look = SheetLook(across="guidance", down="prompt", captions=False, cell_px=64)
    done = export_sheet(grid, tmp_path / "sheet.png", look=look)
    assert (done.images, done.files) == (4, (tmp_path / "sheet.png",))
    assert colours(tmp_path / "sheet.png", look) == [["lime", "red", "yellow"], ["blue", "", ""]]


def test_images_that_the_axes_do_not_tell_apart_stand_on_further_sheets(grid, tmp_path):
    look = SheetLook(across="guidance", down="prompt", captions=False, cell_px=64)
    twice = [*grid, made(tmp_path, 7, "yellow", guidance_scale=10.0, seed=2)]
    heard: list[tuple[int, int]] = []
    done = export_sheet(twice, tmp_path / "sheet.png", lambda *told: heard.append(told), look)
    assert [file.name for file in done.files] == ["sheet.png", "sheet-2.png"]
    assert colours(done.files[1], look) == [["", "yellow", ""], ["", "", ""]]
    assert heard == [(number, 5) for number in range(1, 6)]


def test_very_many_columns_take_several_sheets_and_a_broken_image_is_left_out(tmp_path):
    images = [made(tmp_path, seed, "red", seed=seed) for seed in range(MOST_ACROSS + 2)]
    images[3].path.write_bytes(b"broken")
    done = export_sheet(images, tmp_path / "sheet.png", look=SheetLook(across="seed", down="prompt", cell_px=32))
    assert len(done.files) == 2
    assert (done.images, done.left_out) == (MOST_ACROSS + 1, (images[3].path,))


def test_captions_and_a_title_are_written(grid, tmp_path):
    """The same sheet with captions and without differs where they stand."""
    plain = SheetLook(across="guidance", down="prompt", captions=False, cell_px=64)
    with_title = SheetLook(across="guidance", down="prompt", captions=True, cell_px=64, title="Guidance", dark=True)
    for name, look in (("plain", plain), ("titled", with_title)):
        export_sheet(grid, tmp_path / f"{name}.png", look=look)
    with Image.open(tmp_path / "plain.png") as one, Image.open(tmp_path / "titled.png") as other:
        assert other.height > one.height
        for image, ink in ((one, (255, 255, 255)), (other, (21, 23, 28))):
            captions = image.crop((48, 172, 224, 236))  # the first row's
            assert len(captions.getcolors(99999)) > 1 and captions.getpixel((0, 0)) == ink
