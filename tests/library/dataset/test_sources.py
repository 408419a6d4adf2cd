"""Every layout people have is read into the same items; what is wrong is listed, and nothing of theirs is touched."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.library.dataset.items import Source
from sketchdesk.library.dataset.layout import Example, write_metadata
from sketchdesk.library.dataset.looking import FactsMemory, look_at
from sketchdesk.library.dataset.sources import is_hub_id, open_source


def png(colour: str, size: tuple[int, int] = (8, 8)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


def save(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png("red"))


def held(source: Source) -> list[tuple[str, str | None, int]]:
    return [(item.key, item.caption, item.repeats) for item in source.items]


def flaws(source: Source) -> list[tuple[str, Flaw]]:
    return [(finding.key, finding.flaw) for finding in source.left_out]


def test_metadata_written_here_is_read_back(tmp_path):
    save(tmp_path, "a.png", "b.png")
    write_metadata(tmp_path, [Example(tmp_path / "a.png", "a “zebra”, ñandú"), Example(tmp_path / "b.png", "b")])
    assert held(open_source(str(tmp_path))) == [("a.png", "a “zebra”, ñandú", 1), ("b.png", "b", 1)]


def test_metadata_csv_with_another_caption_column_and_a_line_end_inside_a_cell(tmp_path):
    save(tmp_path, "a.png")
    (tmp_path / "metadata.csv").write_text('file_name,caption\na.png,"one,\ntwo"\n', encoding="utf-8-sig")
    assert held(open_source(str(tmp_path), caption_column="caption")) == [("a.png", "one,\ntwo", 1)]


def test_metadata_parquet(tmp_path):
    save(tmp_path, "in/a.png")
    pq.write_table(pa.table({"file_name": ["in/a.png"], "text": ["a zebra"]}), tmp_path / "metadata.parquet")
    assert held(open_source(str(tmp_path))) == [("in/a.png", "a zebra", 1)]


def test_the_training_half_of_a_folder_with_a_test_split_is_taken(tmp_path):
    for split in ("train", "test"):
        save(tmp_path, f"{split}/{split}.png")
        write_metadata(tmp_path / split, [Example(tmp_path / split / f"{split}.png", split)])
    assert held(open_source(str(tmp_path))) == [("train.png", "train", 1)]


def test_bad_rows_are_listed_where_they_stand_and_the_others_are_read(tmp_path):
    save(tmp_path, "a.png", "b.png", "c.png")
    rows = [
        json.dumps({"file_name": "a.png", "text": "a"}), "{not json", "[1, 2]", json.dumps({"text": "no file name"}),
        json.dumps({"file_name": "gone.png", "text": "x"}), json.dumps({"file_name": "b.png"}),
        json.dumps({"file_name": "a.png", "text": ["again", "and again"]}),
    ]  # fmt: skip
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows))
    source = open_source(str(tmp_path))
    assert held(source) == [("a.png", "a", 1), ("b.png", None, 1), ("a.png#2", "again", 1), ("c.png", None, 1)]
    assert flaws(source) == [
        ("metadata.jsonl:2", Flaw.BAD_ROW), ("metadata.jsonl:3", Flaw.BAD_ROW), ("metadata.jsonl:4", Flaw.BAD_ROW),
        ("gone.png", Flaw.MISSING),
    ]  # fmt: skip
    assert [item.key for item in source.captioned().items] == ["a.png", "a.png#2"]
    assert [item.key for item in source.captioned(1).items] == ["a.png"]


def test_pictures_of_every_kind_are_found_in_a_folder(tmp_path):
    names = [f"a.{suffix}" for suffix in ("bmp", "gif", "jfif", "jpeg", "png", "tif", "TIFF", "webp")]
    for name in names:
        with (tmp_path / name).open("wb") as file:
            kind = {"jfif": "jpeg", "tif": "tiff"}.get(name[2:].lower(), name[2:].lower())
            Image.new("RGB", (16, 16), "red").save(file, kind)
    source = open_source(str(tmp_path))
    assert sorted(item.key for item in source.items) == sorted(names)
    assert {decoded(read_bytes(item.read())).size for item in source.items} == {(16, 16)}


@pytest.mark.parametrize("suffix", [".txt", ".caption"])
def test_captions_beside_pictures(tmp_path, suffix):
    save(tmp_path, "a.png", "deep/b.jpg")
    (tmp_path / f"a{suffix}").write_text("a zebra\n")
    assert held(open_source(str(tmp_path))) == [("a.png", "a zebra", 1), ("deep/b.jpg", None, 1)]


def test_a_caption_that_is_no_text_is_listed(tmp_path):
    save(tmp_path, "a.png", "b.png")
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\xfa\xfb\xfc")
    (tmp_path / "b.txt").write_text("b")
    source = open_source(str(tmp_path))
    assert held(source) == [("b.png", "b", 1)]
    assert flaws(source) == [("a.png", Flaw.NO_CAPTION)]


def test_kohyas_folders_repeat_and_name(tmp_path):
    save(tmp_path, "10_a zebra/1.png", "10_a zebra/2.png", "2_style/3.png", "0_off/4.png", "other/5.png")
    (tmp_path / "10_a zebra" / "2.txt").write_text("a zebra in a forest")
    assert held(open_source(str(tmp_path))) == [
        ("10_a zebra/1.png", "a zebra", 10),
        ("10_a zebra/2.png", "a zebra in a forest", 10),
        ("2_style/3.png", "style", 2),
    ]


def test_pictures_that_kohyas_folders_leave_out_are_told(tmp_path):
    save(tmp_path, "2_style/1.png", "loose.png", "other/deep/2.png", "0_off/3.png", "10_name.png")
    source = open_source(str(tmp_path))
    assert held(source) == [("2_style/1.png", "style", 2)]
    assert flaws(source) == [
        (name, Flaw.UNSHOWN) for name in ("0_off/3.png", "10_name.png", "loose.png", "other/deep/2.png")
    ]


def test_a_list_of_files_as_text_and_as_a_table(tmp_path):
    save(tmp_path, "a.png", "far/b.png")
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "far" / "b.txt").write_text("b")
    (tmp_path / "list.lst").write_text(f"# mine\na.png\n\n{tmp_path / 'far' / 'b.png'}\ngone.png\n")
    source = open_source(str(tmp_path / "list.lst"))
    assert [caption for _key, caption, _repeats in held(source)] == ["a", "b"]
    assert flaws(source) == [(str(tmp_path / "gone.png"), Flaw.MISSING)]
    (tmp_path / "chosen.jsonl").write_text(json.dumps({"file_name": "far/b.png", "text": "other words"}))
    assert held(open_source(str(tmp_path / "chosen.jsonl"))) == [("far/b.png", "other words", 1)]


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Three pictures in two groups of rows, as bytes, as the hub's {bytes, path}, and none."""
    image = pa.array(
        [{"bytes": png("red"), "path": None}, {"bytes": png("blue"), "path": "b.png"}, None],
        pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
    )
    table = pa.table({"image": image, "text": ["a red one", "a blue one", "none"]})
    (tmp_path / "set" / "data").mkdir(parents=True)
    pq.write_table(table, tmp_path / "set" / "data" / "train-00000-of-00001.parquet", row_group_size=2)
    pq.write_table(table.slice(0, 1), tmp_path / "set" / "data" / "test-00000-of-00001.parquet")
    return tmp_path / "set"


def test_parquet_with_pictures_inside_as_a_folder_and_as_a_file(packed):
    for name in (packed, packed / "data" / "train-00000-of-00001.parquet"):
        source = open_source(str(name))
        assert [item.caption for item in source.items] == ["a red one", "a blue one", "none"]
        first, second, third = source.items
        assert decoded(read_bytes(second.read())).getpixel((0, 0)) == (0, 0, 255)
        assert decoded(read_bytes(first.read())).getpixel((0, 0)) == (255, 0, 0)
        with pytest.raises(ValueError, match="no picture"):
            third.read()


def test_a_missing_column_of_pictures_is_told_with_those_that_are_there(packed):
    with pytest.raises(SketchDeskError) as refused:
        open_source(str(packed), image_column="picture")
    assert "image, text" in refused.value.details


def test_a_table_without_a_column_of_captions_is_read_as_pictures_that_want_some(packed):
    source = open_source(str(packed), caption_column="words")
    assert [item.caption for item in source.items] == [None] * 3
    assert decoded(read_bytes(next(iter(source.items)).read())).getpixel((0, 0)) == (255, 0, 0)
    (remark,) = source.remarks
    assert remark.flaw is Flaw.NO_COLUMN
    assert "image, text" in remark.detail
    with pytest.raises(SketchDeskError) as refused:
        source.captioned()
    assert (refused.value.kind, refused.value.details) == (ErrorKind.NO_CAPTIONS, remark.detail)


def test_metadata_without_a_column_of_captions_says_so_once(tmp_path):
    save(tmp_path, "a.png", "b.png")
    (tmp_path / "metadata.csv").write_text("file_name,size\na.png,8\nb.png,8\n")
    source = open_source(str(tmp_path))
    assert held(source) == [("a.png", None, 1), ("b.png", None, 1)]
    assert [(remark.key, remark.flaw) for remark in source.remarks] == [("metadata.csv", Flaw.NO_COLUMN)]


def test_captions_are_found_under_other_names_that_columns_have(tmp_path):
    save(tmp_path, "a.png")
    (tmp_path / "metadata.jsonl").write_text(json.dumps({"file_name": "a.png", "prompt": "a zebra"}))
    source = open_source(str(tmp_path))
    assert (held(source), source.remarks) == ([("a.png", "a zebra", 1)], ())


@pytest.mark.parametrize("content", ["{not json", json.dumps({"text": "no file name"}), "[1, 2]", ""])
def test_a_set_of_nothing_but_bad_rows_is_refused_with_the_reason(tmp_path, content):
    (tmp_path / "metadata.jsonl").write_text(content)
    with pytest.raises(SketchDeskError) as refused:
        open_source(str(tmp_path))
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE
    assert refused.value.details


@pytest.mark.parametrize("name", ["nowhere", "no.parquet", "a\0b", "~nobody-at-all/x"])
def test_what_is_not_there_or_no_set_is_refused(tmp_path, name):
    (tmp_path / "no.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SketchDeskError) as refused:
        open_source(str(tmp_path / name) if name[0] != "~" else name)
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE


def test_pictures_without_captions_are_items_but_cannot_be_trained_on(tmp_path):
    save(tmp_path, "a.png")
    source = open_source(str(tmp_path))
    assert held(source) == [("a.png", None, 1)]
    with pytest.raises(SketchDeskError) as refused:
        source.captioned()
    assert refused.value.kind is ErrorKind.NO_CAPTIONS


def test_reading_a_set_changes_no_file(tmp_path):
    save(tmp_path, "a.png", "1_x/b.png")
    (tmp_path / "a.txt").write_text("a")
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in tmp_path.rglob("*") if path.is_file()}
    for item in open_source(str(tmp_path)).items:
        decoded(read_bytes(item.read()))
    after = {path: hashlib.sha256(path.read_bytes()).digest() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_hub_names_are_told_from_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_hub_id("zoheb/sketch-scene")
    assert not any(map(is_hub_id, ("demo-sketch", "/a/b", "./a/b", "a/b/c", "../b", "~/b")))
    (tmp_path / "zoheb" / "sketch-scene").mkdir(parents=True)
    assert not is_hub_id("zoheb/sketch-scene")


def test_a_picture_listed_twice_has_two_keys(tmp_path):
    save(tmp_path, "a.png")
    (tmp_path / "list.txt").write_text("a.png\na.png\n")
    keys = [item.key for item in open_source(str(tmp_path / "list.txt")).items]
    assert keys == [str(tmp_path / "a.png"), f"{tmp_path / 'a.png'}#2"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode there")
@pytest.mark.parametrize("kohya", [False, True])
def test_names_that_are_no_unicode_are_spelt_out_and_their_facts_remembered(tmp_path, kohya):
    folder = tmp_path / os.fsdecode(b"2_b\xff" if kohya else b"set")
    folder.mkdir()
    file = folder / os.fsdecode(b"\xe9.png")
    file.write_bytes(png("red"))
    file.with_suffix(".caption").write_text("words")
    source = open_source(str(tmp_path) if kohya else str(folder))
    (item,) = source.items
    assert item.key.encode().endswith(rb"\udce9.png")
    assert item.caption == "words"
    for _again in range(2):
        (looked,) = look_at(source.items, FactsMemory(source.name))
        assert (looked.item.key, looked.facts.width) == (item.key, 8)
