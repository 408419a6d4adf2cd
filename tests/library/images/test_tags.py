"""Tags are given and taken, outlive the window and the index, and survive whatever stands in their file."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.images.tags import Tags, move_tags, tags_in
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file, tags_file
from sketchdesk.library.trash.trash import move_to_trash, restore


@pytest.fixture
def pictures():
    """Three pictures with records."""
    paths = [images_dir() / f"{name}.png" for name in "abc"]
    for seed, path in enumerate(paths):
        record = ImageRecord(
            prompt="a fox", seed=seed, num_inference_steps=5, guidance_scale=3.0, sampler="", width=4, height=4,
            model="demo-base",
        )  # fmt: skip
        save_png(Image.new("RGB", (4, 4)), path, record)
    return paths


@pytest.fixture
def index(pictures):
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        yield index


def test_tags_are_there_after_the_window_was_closed(tmp_path):
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    Tags.load().change([a, b], add=["night", "Best of May"])
    Tags.load().change([b], add=["fox"], remove=["night"])
    tags = Tags.load()
    assert (tags.of(a), tags.of(b)) == (("Best of May", "night"), ("Best of May", "fox"))
    Tags.load().change([a, b], remove=["best of may", "night", "fox"])
    assert Tags.load().given == {}


def test_capitals_make_no_second_tag(tmp_path):
    Tags.load().change([tmp_path / "a.png"], add=["Night"])
    Tags.load().change([tmp_path / "b.png"], add=["night", "NIGHT"])
    assert Tags.load().of(tmp_path / "b.png") == ("Night",)


def test_what_another_window_gave_is_kept(tmp_path):
    mine, theirs = Tags.load(), Tags.load()
    theirs.change([tmp_path / "a.png"], add=["night"])
    mine.change([tmp_path / "b.png"], add=["day"])
    assert mine.given == {tmp_path / "a.png": ("night",), tmp_path / "b.png": ("day",)}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"a": "x"}', b'{"a": [""]}', b"\xff", b"[" * 100_000])
def test_a_file_that_is_none_is_set_aside(tmp_path, content):
    tags_file().write_bytes(content)
    assert Tags.load().given == {}
    (aside,) = tags_file().parent.glob("tags-set-aside-*")
    assert aside.read_bytes() == content


def test_a_file_that_cannot_be_read_is_not_written_over(tmp_path):
    tags_file().mkdir(parents=True)
    assert Tags.load().given == {}
    with pytest.raises(SketchDeskError) as raised:
        Tags.load().change([tmp_path / "a.png"], add=["night"])
    assert raised.value.kind == ErrorKind.NOT_WRITABLE
    with pytest.raises(SketchDeskError):
        move_tags({tmp_path / "a.png": tmp_path / "b.png"})


def test_a_line_of_tags():
    assert tags_in(" night,  best  of may ,Night,, ") == ["Night", "best of may"]
    assert tags_in("x" * 100) == ["x" * 60]
    assert tags_in(" , ") == []


def test_the_index_finds_by_tag_and_knows_how_many(index, pictures):
    Tags.load().change(pictures[:2], add=["Night"])
    Tags.load().change(pictures[1:], add=["day"])
    index.mirror_tags(Tags.load())
    assert index.tags() == [("day", 2), ("Night", 2)]
    found = index.images(index.ids(Query(tag="night", sort="seed")))
    assert [image.path for image in found] == pictures[:2]
    assert [image.tags for image in found] == [("Night",), ("day", "Night")]
    Tags.load().change(pictures, remove=["day"])
    index.mirror_tags(Tags.load())
    assert index.tags() == [("Night", 2)]
    assert [image.path for image in index.images(index.ids(Query(sort="tag")))][2] == pictures[2]
    assert len(index.ids(Query(sort="tag"))) == 3


def test_tags_survive_a_rebuild_and_a_deleted_index(index, pictures):
    Tags.load().change(pictures[:1], add=["night"])
    index.mirror_tags(Tags.load())
    index.rebuild()
    assert index.tags() == [("night", 1)]
    index.close()
    index_file().unlink()
    with ImageIndex(index_file(), [images_dir()]) as anew:
        anew.refresh()
        assert anew.find(pictures[0]).tags == ("night",)


def test_tags_follow_to_the_trash_and_back(index, pictures):
    Tags.load().change(pictures[:1], add=["night"])
    batch = move_to_trash(pictures[:1])
    assert Tags.load().of(pictures[0]) == ()
    index.mirror_tags(Tags.load())
    index.add_images(pictures[:1])
    assert index.tags() == []
    restore(batch)
    index.mirror_tags(Tags.load())
    index.add_images(pictures[:1])
    assert (Tags.load().of(pictures[0]), index.tags()) == (("night",), [("night", 1)])
