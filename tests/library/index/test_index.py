"""The image index finds what the images say, and is made anew from them whenever it is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import ImageIndex, Query

PICTURE = Image.new("RGB", (4, 4))


def draw(path: Path, prompt: str, model: str = "demo-base", age_s: int = 0, **more: object) -> Path:
    record = ImageRecord(
        prompt=prompt, seed=2**64 - 1, num_inference_steps=25, guidance_scale=7.5, sampler="euler", width=4, height=4,
        model=model, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    save_png(PICTURE, path, record)
    os.utime(path, (1_700_000_000 - age_s, 1_700_000_000 - age_s))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = tmp_path / "images"
    draw(images / "a.png", "a zebra running", age_s=30)
    draw(images / "b.png", "Un NIÑO corriendo, rápido", model="sd2", age_s=20)
    draw(images / "sub" / "c.png", "running", style_prefix="a sketch of a zebra", age_s=10)
    PICTURE.save(images / "plain.png")
    os.utime(images / "plain.png", (1_700_000_000, 1_700_000_000))
    return images


@pytest.fixture
def index(folder: Path, tmp_path: Path) -> Iterator[ImageIndex]:
    with ImageIndex(tmp_path / "index.sqlite3", [folder]) as opened:
        opened.refresh()
        yield opened


def names(index: ImageIndex, text: str = "", **more: object) -> list[str]:
    query = Query(text=text, **more)  # type: ignore[arg-type]
    found = index.images(index.ids(query))
    assert index.count(query) == len(found)
    return [image.path.name for image in found]


def test_every_image_is_there_newest_first_with_its_record(index: ImageIndex, folder: Path) -> None:
    found = index.images(index.ids(Query()))
    assert [image.path.name for image in found] == ["plain.png", "c.png", "b.png", "a.png"]
    assert found[0].record is None
    assert found[1].record is not None
    assert found[1].record.seed == 2**64 - 1
    assert found[1].path == folder / "sub" / "c.png"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zebra", ["c.png", "a.png"]), ("run zeb", ["c.png", "a.png"]), ("nino RAPIDO", ["b.png"]),
        ("nin\u0303o", ["b.png"]), ("giraffe", []), ("zebra giraffe", []), ("ebra", []), ("corriendo,", ["b.png"]),
        ("zebra OR niño", []), ("", ["plain.png", "c.png", "b.png", "a.png"]),
    ],
)  # fmt: skip
def test_all_words_count_by_their_beginning_without_regard_to_capitals_and_accents(
    index: ImageIndex, text: str, expected: list[str]
) -> None:
    assert names(index, text) == expected


def test_models_narrow_the_search(index: ImageIndex) -> None:
    assert index.models() == [("demo-base", 2), ("sd2", 1)]
    assert names(index, "", model="sd2") == ["b.png"]
    assert names(index, "zebra", model="sd2") == []
    assert index.count(Query(text="running", model="demo-base")) == 2


def test_images_come_in_the_order_asked_for_and_those_that_are_gone_are_left_out(index: ImageIndex) -> None:
    newest, older, *_rest = index.ids(Query())
    assert [image.id for image in index.images([older, 10**9, newest])] == [older, newest]
    assert index.images([]) == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30), model=st.text(max_size=5))
@example(text='" OR prompt : * NEAR( ^', model="'; --")
@example(text='"', model="")
@example(text="-*()!?", model="")
@example(text="a\0b", model="")
def test_nothing_a_person_types_is_an_error(index: ImageIndex, text: str, model: str) -> None:
    text, model = (typed.encode(errors="replace").decode() for typed in (text, model))
    for query in (Query(text=text, model=model), Query(run=text, prompt=model, score=text, sort="score")):
        assert index.count(query) == len(index.ids(query))


def test_a_new_image_is_found_at_once_and_a_deleted_one_is_gone(index: ImageIndex, folder: Path) -> None:
    path = draw(folder / "new.png", "a giraffe")
    index.add_image(path)
    assert names(index, "giraffe") == ["new.png"]
    path.unlink()
    index.add_image(path)
    assert names(index, "giraffe") == []
    assert index.count(Query()) == 4


def test_refresh_reads_only_what_is_new_changed_or_gone(index: ImageIndex, folder: Path) -> None:
    assert index.refresh() == 0
    draw(folder / "a.png", "a giraffe")
    draw(folder / "d.png", "a whale")
    (folder / "b.png").unlink()
    assert index.refresh() == 3
    assert (names(index, "giraffe"), names(index, "whale"), names(index, "niño")) == (["a.png"], ["d.png"], [])
    assert names(index, "zebra") == ["c.png"]
    assert index.refresh() == 0


def test_an_image_from_elsewhere_stays_as_long_as_it_exists(index: ImageIndex, tmp_path: Path) -> None:
    index.add_image(draw(tmp_path / "elsewhere" / "e.png", "a whale"))
    index.refresh()
    assert names(index, "whale") == ["e.png"]


def everything(index: ImageIndex) -> object:
    found = [msgspec.structs.replace(image, id=0) for image in index.images(index.ids(Query()))]
    return found, index.models(), index.runs(), names(index, "zebra")


def test_a_deleted_index_is_made_anew_with_nothing_lost(index: ImageIndex, folder: Path, tmp_path: Path) -> None:
    before = everything(index)
    index.close()
    for path in tmp_path.glob("index.sqlite3*"):
        path.unlink()
    with ImageIndex(tmp_path / "index.sqlite3", [folder]) as again:
        assert again.count(Query()) == 0
        assert again.refresh() == 4
        assert everything(again) == before


def test_rebuilding_gives_the_same_index(index: ImageIndex) -> None:
    before = everything(index)
    assert index.rebuild() == 4
    assert everything(index) == before


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\1" * 5000, b"x"])
def test_a_file_that_is_no_index_is_replaced(index: ImageIndex, folder: Path, tmp_path: Path, damage: bytes) -> None:
    before = everything(index)
    index.close()
    (tmp_path / "index.sqlite3").write_bytes(damage)
    with ImageIndex(tmp_path / "index.sqlite3", [folder]) as again:
        again.refresh()
        assert everything(again) == before


def test_an_index_damaged_while_in_use_repairs_itself(index: ImageIndex, folder: Path, tmp_path: Path) -> None:
    before = everything(index)
    index.close()
    file = tmp_path / "index.sqlite3"
    whole = bytearray(file.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)  # all pages but the first, so that opening still works
    file.write_bytes(whole)
    with ImageIndex(file, [folder]) as again:
        assert everything(again) == before


def test_an_index_of_another_version_is_made_anew(index: ImageIndex, folder: Path, tmp_path: Path) -> None:
    index.close()
    with sqlite3.connect(tmp_path / "index.sqlite3") as db:
        db.executescript("DROP TABLE images; CREATE TABLE images (x); PRAGMA user_version = 99")
    db.close()
    with ImageIndex(tmp_path / "index.sqlite3", [folder]) as again:
        assert again.refresh() == 4


def test_one_thread_reads_while_another_writes(index: ImageIndex, folder: Path, tmp_path: Path) -> None:
    paths = [draw(folder / "many" / f"{number}.png", f"whale {number}") for number in range(12)]

    def write() -> None:
        with ImageIndex(tmp_path / "index.sqlite3", [folder]) as own:
            for path in paths:
                own.add_image(path)

    thread = threading.Thread(target=write)
    thread.start()
    seen = [index.count(Query(text="whale"))]
    while thread.is_alive():
        seen.append(index.count(Query(text="whale")))
    thread.join()
    assert seen == sorted(seen)
    assert index.count(Query(text="whale")) == 12


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are not text")
def test_a_file_name_that_is_not_text_is_kept_as_it_is(index: ImageIndex, folder: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/odd-\xff.png"))
    draw(odd, "a whale")
    index.refresh()
    assert [image.path for image in index.images(index.ids(Query(text="whale")))] == [odd]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for file in (tmp_path / "file" / "index.sqlite3", tmp_path):
        with pytest.raises(SketchDeskError) as caught:
            ImageIndex(file, [])
        assert caught.value.kind is ErrorKind.NOT_WRITABLE


def draw_long_prompts(folder: Path) -> None:
    for number in range(6):
        draw(folder / "more" / f"{number}.png", "a zebra " + f"word{number} " * 3000)


def test_a_full_disk_is_told_and_what_was_known_stays(index: ImageIndex, folder: Path) -> None:
    draw_long_prompts(folder)
    index._file.db.execute("PRAGMA max_page_count = 40")  # SQLite then says what it says when the disk is full
    with pytest.raises(SketchDeskError) as caught:
        index.refresh()
    assert caught.value.kind is ErrorKind.DISK_FULL
    assert names(index, "zebra") == ["c.png", "a.png"]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits")
def test_a_disk_that_takes_no_more_is_told_and_the_index_still_opens(folder: Path, tmp_path: Path) -> None:
    draw_long_prompts(folder)
    code = (
        "import resource, sys; from pathlib import Path; from sketchdesk.library.index.index import ImageIndex\n"
        "from sketchdesk.contracts.errors import SketchDeskError\n"
        "index = ImageIndex(Path(sys.argv[1]), [Path(sys.argv[2])])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "try: index.refresh()\n"
        "except SketchDeskError as error: print(error.kind.value)\n"
    )
    file = tmp_path / "small.sqlite3"
    done = subprocess.run([sys.executable, "-c", code, str(file), str(folder)], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("not_writable", "")
    with ImageIndex(file, [folder]) as again:
        again.refresh()
        assert again.count(Query(text="zebra")) == 8
