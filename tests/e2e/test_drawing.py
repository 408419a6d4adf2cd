"""From the first start to exported pictures."""

from __future__ import annotations

import csv
from pathlib import Path
from zipfile import ZipFile

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.paths import images_dir

KEY, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier
PROMPTS = ("a zebra", "a castle in a forest")


def pictures() -> list[Path]:
    return sorted(images_dir().rglob("*.png"))


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()


def shown(person) -> int:
    return len(person.window.gallery.cells.ids)


def export(person, kind: str, target: Path) -> None:
    person.key(KEY.Key_E, CONTROL, on=person.window.gallery.grid)
    person.press(f"export_{kind}_button")
    person.write("export_target", str(target))
    person.press("export_start_button")
    person.wait_told(f"exported to {target.name}")
    person.wait(lambda: not person.sees("export_dialog"))


def test_from_the_first_start_to_exported_pictures(open_window, home, tmp_path):
    person = open_window()
    gallery, grid = person.window.gallery, person.window.gallery.grid

    # The first screen says what this is for; behind it an empty gallery says how it is filled.
    words = " ".join(label.text() for label in person.find("welcome").findChildren(QLabel))
    assert "Teach a text-to-image model a style" in words
    assert all(step in words for step in ("1. Draw", "2. Train", "3. Evaluate", "4. Keep the best"))
    person.press("welcome_close_button")
    person.wait_for("gallery_nothing_yet_button")

    # Two prompts of one's own in place of those that were there, two pictures of each.
    view = person.find("prompt_list")
    person.click_row(view, 0)
    person.key(KEY.Key_A, CONTROL, on=view)
    person.key(KEY.Key_Delete, on=view)
    entry = person.find("prompt_entry")
    for prompt in PROMPTS:
        person.write("prompt_entry", prompt)
        person.key(KEY.Key_Return, on=entry)
    person.write("prompt_steps", "6")
    person.write("prompt_count", "2")
    person.write("prompt_seed_edit", "11")
    person.wait(lambda: "4 images" in person.find("prompt_sentence", QLabel).text())
    person.key(KEY.Key_Return, CONTROL, on=entry)

    # The gallery fills, pictures at work among those that are done.
    person.wait(lambda: gallery.cells.live)
    person.wait(lambda: shown(person) == 4)
    person.wait_told("4 images were drawn")
    assert not person.sees("gallery_nothing_yet_button")

    # One picture, and all that is known of it.
    def click(row: int, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        person.click_row(grid, row, modifier)

    click(1)
    person.wait(lambda: gallery.inspector.image is not None)
    facts = dict(gallery.inspector._facts.facts())
    record = read_record(gallery.inspector.image.path)
    assert facts["Model"] == "demo-base" and facts["Seed"] == str(record.seed) and facts["Steps"] == "6"
    assert record.prompt in PROMPTS and record.seed in (11, 12)

    # A star, and the same picture once more: the same pixels.
    first = gallery.inspector.image.path
    person.key(KEY.Key_Period, on=grid)
    person.wait(lambda: person.find("gallery_starred_chip").text().strip() == "1")
    before = pictures()
    person.press("inspector_again_button")
    person.wait(lambda: shown(person) == 5)
    (again,) = set(pictures()) - set(before)
    assert pixels(again) == pixels(first)

    # All of them as a folder, an archive and a table.
    person.key(KEY.Key_A, CONTROL, on=grid)
    export(person, "folder", tmp_path / "drawn")
    export(person, "zip", tmp_path / "all.zip")
    export(person, "table", tmp_path / "all.csv")
    assert len(list((tmp_path / "drawn").iterdir())) == len(ZipFile(tmp_path / "all.zip").namelist()) == 5
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["prompt"] for row in rows} == set(PROMPTS)
    assert len(rows) == 5

    # Into the trash, and back.
    click(0)
    person.key(KEY.Key_Delete, on=grid)
    person.wait(lambda: shown(person) == 4 and len(pictures()) == 4)
    person.key(KEY.Key_Z, CONTROL, on=grid)
    person.wait(lambda: shown(person) == 5 and len(pictures()) == 5)


def test_lists_dropped_on_the_window_keep_their_good_lines_and_name_the_bad(known_machine, open_window, tmp_path):
    text, table = tmp_path / "scenes.txt", tmp_path / "animals.csv"
    text.write_text("# my scenes\na horse in the snow\na castle --d 7 --w wide\na boat at night --d 5\n")
    table.write_text('prompt;seed;count\n"a zebra; running";3;2\na fox;soon;1\na cat;;\n')
    person = open_window()
    person.press("welcome_close_button")
    before = len(person.window.prompt.value().prompts)
    person.drop("prompt_list", text, table)
    person.wait(lambda: len(person.window.prompt.value().prompts) == before + 4)
    new = person.window.prompt.value().prompts[before:]
    assert [row.prompt for row in new] == ["a horse in the snow", "a boat at night", "a zebra; running", "a cat"]
    assert (new[1].seed, new[2].seed, new[2].count) == (5, 3, 2)
    assert "scenes.txt, line 3: “wide” is not possible for width" in person.told()
    assert "animals.csv, line 3: “soon” is not possible for seed" in person.told()
    assert person.find("generate_button").isEnabled()
