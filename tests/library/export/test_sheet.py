"""Contact sheets show every image in its place, on one sheet or on several."""

from __future__ import annotations

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.export.letters import font, lines_of, one_line
from sketchdesk.library.export.sheet import SheetLook, export_sheet
from sketchdesk.library.images.metadata import save_png

SMALL = SheetLook(cell_px=64)


def coloured(make, colour, mode="RGB"):
    image = make()
    save_png(Image.new(mode, (64, 64), colour), image.path, image.record)
    return image


def colours_in(sheet, box):
    return {colour for _count, colour in sheet.crop(box).convert("RGB").getcolors(10**6)}


def test_the_images_stand_in_rows_in_their_order(make, tmp_path):
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    look = msgspec.structs.replace(SMALL, captions=False, columns=2)
    done = export_sheet([coloured(make, colour) for colour in colours], tmp_path / "s.png", look=look)
    with Image.open(done.target) as sheet:
        assert sheet.format == "PNG"
        width, height = sheet.size
        middles = [(48 + 32, height - 48 - 120), (48 + 88 + 32, height - 48 - 120)]
        middles += [(x, height - 48 - 32) for x, _y in middles]
        assert [sheet.getpixel(middle) for middle in middles] == colours
        assert width == 2 * 48 + 2 * 64 + 24


def test_many_images_take_several_sheets_which_replace_no_other_file(make, tmp_path):
    images = [make() for _number in range(7)]
    (tmp_path / "s.png").write_text("the person wants this replaced")
    (tmp_path / "s-2.png").write_text("mine")
    heard = []
    look = msgspec.structs.replace(SMALL, columns=2)
    done = export_sheet(images, tmp_path / "s.png", lambda *numbers: heard.append(numbers), look)
    assert [file.name for file in done.files] == ["s.png", "s-2 (2).png"]
    assert (tmp_path / "s-2.png").read_text() == "mine"
    assert heard == [(number, 7) for number in range(1, 8)]
    sizes = []
    for file in done.files:
        with Image.open(file) as sheet:
            sizes.append(sheet.size)
    assert sizes[0] == sizes[1]  # four in two rows, and three in two rows


def test_light_and_dark_captions_or_none(make, tmp_path):
    image = coloured(make, "white")
    grounds, heights = [], []
    for number, look in enumerate((SMALL, SheetLook(cell_px=64, dark=True), SheetLook(cell_px=64, captions=False))):
        done = export_sheet([image], tmp_path / f"{number}.png", look=look)
        with Image.open(done.target) as sheet:
            grounds.append(sheet.getpixel((2, 2)))
            heights.append(sheet.height)
    assert grounds == [(255, 255, 255), (0x15, 0x17, 0x1C), (255, 255, 255)]
    assert heights[0] == heights[1] > heights[2]


def test_a_title_and_a_caption_are_written(make, tmp_path):
    look = SheetLook(cell_px=64, title="Zebras")
    image = coloured(make, "white")
    done = export_sheet([image], tmp_path / "s.png", look=look)
    with Image.open(done.target) as sheet:
        assert len(colours_in(sheet, (48, 48, 160, 84))) > 10  # letters have many greys
        assert len(colours_in(sheet, (48, sheet.height - 48 - 60, 112, sheet.height - 48))) > 10


def test_what_lets_the_ground_through_stands_on_white_also_in_the_dark(make, tmp_path):
    image = coloured(make, (0, 0, 0, 0), "RGBA")
    look = SheetLook(cell_px=64, dark=True, captions=False)
    done = export_sheet([image], tmp_path / "s.png", look=look)
    with Image.open(done.target) as sheet:
        assert sheet.getpixel((48 + 32, 48 + 32)) == (255, 255, 255)


def test_the_ending_says_the_format(make, tmp_path):
    done = export_sheet([make()], tmp_path / "s.JPG", look=SMALL)
    with Image.open(done.target) as sheet:
        assert sheet.format == "JPEG"


def test_what_cannot_be_read_is_left_out_without_a_gap(make, tmp_path):
    broken, gone = make.broken(), make.gone()
    look = msgspec.structs.replace(SMALL, columns=2)
    done = export_sheet([broken, make(), gone, make(), make()], tmp_path / "s.png", look=look)
    assert (done.images, set(done.left_out)) == (3, {broken.path, gone.path})
    with pytest.raises(SketchDeskError):
        export_sheet([broken, gone], tmp_path / "none.png", look=look)
    assert not (tmp_path / "none.png").exists()


def test_a_sheet_ends_with_the_last_readable_image_though_a_broken_one_follows(make, tmp_path):
    done = export_sheet([make(), make.broken()], tmp_path / "s.png", look=SMALL)
    assert (done.images, done.files) == (1, (tmp_path / "s.png",))


def test_stopped_it_leaves_no_half_sheet(make, tmp_path, stop_at_2):
    (tmp_path / "out").mkdir()
    with pytest.raises(stop_at_2.error):
        export_sheet([make() for _number in range(4)], tmp_path / "out" / "s.png", stop_at_2, SMALL)
    assert list((tmp_path / "out").iterdir()) == []


def test_texts_are_broken_at_spaces_and_cut_off_with_an_ellipsis():
    letters = font(15)
    assert one_line("short", letters, 200) == "short"
    cut = one_line("a very long prompt that goes on", letters, 80)
    assert cut.endswith("…")
    assert letters.getlength(cut) <= 80
    assert lines_of("", letters, 80, 2) == []
    assert lines_of("one\n two", letters, 200, 2) == ["one two"]
    lines = lines_of("a very long prompt that goes on and on", letters, 80, 2)
    assert len(lines) == 2
    assert all(letters.getlength(line) <= 80 for line in lines)
    assert lines_of("x" * 500, letters, 80, 2)[0].endswith("…")
