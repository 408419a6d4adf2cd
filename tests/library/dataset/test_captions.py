"""Edited captions are kept beside the program's own data, whole, and never in the set."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.captions import (
    CaptionEdits,
    Edit,
    change_edits,
    edited,
    edits_file,
    read_edits,
    write_edits,
)
from sketchdesk.library.dataset.items import Again, Item, Source


def items() -> list[Item]:
    return [Item("a.png", "one", lambda: b""), Item("b.png", None, lambda: b"", repeats=3)]


def test_edits_are_kept_and_read_back(tmp_path: Path, home: Path) -> None:
    file = edits_file(str(tmp_path))
    assert file.is_relative_to(home)
    assert read_edits(file, "mine") == CaptionEdits("mine")
    edits = CaptionEdits("mine").with_edits({"a.png": Edit("ñandú"), "b.png": Edit("a cat", "blip")})
    write_edits(file, edits)
    assert read_edits(file) == edits
    assert list(tmp_path.iterdir()) == []


def test_a_set_has_one_file_however_its_place_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "set").mkdir()
    monkeypatch.chdir(tmp_path)
    assert edits_file("set") == edits_file(str(tmp_path / "set"))
    assert edits_file("owner/set") != edits_file("other/set")


def test_an_edit_can_be_taken_back() -> None:
    edits = CaptionEdits("x", {"a": Edit("1"), "b": Edit("2")}).with_edits({"a": None, "c": None, "b": Edit("3")})
    assert edits.edits == {"b": Edit("3")}


@pytest.mark.parametrize("streamed", [False, True])
def test_they_take_the_place_of_the_sets_own_or_of_none(streamed: bool) -> None:
    source = Source("x", Again(lambda: iter(items())), streamed=True) if streamed else Source("x", items())
    changed = edited(source, CaptionEdits("x", {"b.png": Edit("two"), "gone.png": Edit("three")}))
    assert changed.streamed is streamed
    found = [(item.key, item.caption, item.repeats) for item in changed.items]
    assert found == [("a.png", "one", 1), ("b.png", "two", 3)]
    assert [item.caption for item in changed.captioned().items] == ["one", "two"]
    assert [item.caption for item in source.captioned().items] == ["one"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"dataset": 3}', b"\xff"])
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SketchDeskError) as refused:
        read_edits(tmp_path / "x.json")
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_many_who_change_one_file_at_a_time_lose_nothing_of_each_other(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    threads = [
        threading.Thread(target=change_edits, args=(file, "mine", {f"{number}.png": Edit(str(number))}))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_edits(file) == CaptionEdits("mine", {f"{number}.png": Edit(str(number)) for number in range(12)})


def test_a_caption_that_somebody_changed_since_stays(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    before = change_edits(file, "mine", {"a": Edit("old"), "b": Edit("old")})
    change_edits(file, "mine", {"a": Edit("by hand")})
    found = change_edits(file, "mine", {name: Edit("new", "blip") for name in "abc"}, unless_changed_from=before)
    assert found.edits == {"a": Edit("by hand"), "b": Edit("new", "blip"), "c": Edit("new", "blip")}
    assert read_edits(file) == found
