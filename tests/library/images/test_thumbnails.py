"""Thumbnails are made once, made anew when the file changes, and never fill the disk."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.images import thumbnails
from sketchdesk.library.images.thumbnails import prune, thumbnail
from sketchdesk.library.paths import thumbnails_dir


def noise(path: Path, size: tuple[int, int] = (600, 400), mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise(size, 80).convert(mode).save(path)
    return path


def kept() -> list[Path]:
    return [file for file in thumbnails_dir().rglob("*") if file.is_file()]


def test_a_large_picture_is_made_small_once(tmp_path):
    path = noise(tmp_path / "a.png")
    small = thumbnail(path, 100)
    assert isinstance(small, Path)
    assert small.parent.parent == thumbnails_dir()
    with Image.open(small) as image:
        assert image.size == (128, 85)
    before = small.stat().st_mtime_ns
    assert thumbnail(path, 128) == small
    assert small.stat().st_mtime_ns == before
    assert kept() == [small]


def test_sizes_are_rounded_up_and_the_largest_is_the_largest(tmp_path):
    path = noise(tmp_path / "a.png", (1500, 1500))
    sizes = []
    for side in (1, 129, 513, 9000):
        with Image.open(thumbnail(path, side)) as image:
            sizes.append(image.size[0])
    assert sizes == [128, 256, 1024, 1024]


def test_a_small_picture_is_used_as_it_is(tmp_path):
    path = noise(tmp_path / "a.png", (128, 96))
    assert thumbnail(path, 128) == path
    assert kept() == []


def test_a_picture_that_changed_has_a_new_thumbnail(tmp_path):
    path = noise(tmp_path / "a.png")
    before = thumbnail(path, 128)
    Image.new("RGB", (600, 600), "red").save(path)
    after = thumbnail(path, 128)
    assert after != before
    with Image.open(after) as image:
        assert image.size == (128, 128)


def test_what_lets_the_ground_through_still_does(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGBA", (300, 300), (255, 0, 0, 0)).save(path)
    with Image.open(thumbnail(path, 128)) as image:
        assert image.getpixel((5, 5))[3] == 0


def test_a_photo_stands_upright(tmp_path):
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the side
    Image.new("RGB", (400, 200)).save(path, exif=exif)
    with Image.open(thumbnail(path, 128)) as image:
        assert image.size == (64, 128)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_picture_can_be_shown(tmp_path, mode):
    path = noise(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"), mode=mode)
    with Image.open(thumbnail(path, 128)) as image:
        assert image.mode in {"RGB", "RGBA"}
        assert image.size == (128, 85)


def test_sixteen_bits_of_grey_are_not_cut_off(tmp_path):
    path = tmp_path / "a.png"
    Image.new("I;16", (300, 300), 32768).save(path)
    with Image.open(thumbnail(path, 128)) as image:
        assert image.getpixel((60, 60)) == (128, 128, 128)


def whole_png() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((100, 100), 80).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", whole_png()[:-2000], b"\xff\xd8\xff"])
def test_a_broken_file_is_told_by_its_name(tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(SketchDeskError) as caught:
        thumbnail(path, 128)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert "broken.png" in caught.value.message
    assert kept() == []


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path / "gone.png", tmp_path):
        with pytest.raises(SketchDeskError):
            thumbnail(path, 128)


def test_where_nothing_can_be_kept_the_bytes_are_given(tmp_path):
    thumbnails_dir().write_bytes(b"a file where the folder should be")
    data = thumbnail(noise(tmp_path / "a.png"), 128)
    assert isinstance(data, bytes)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (128, 85)


def test_an_empty_thumbnail_that_a_power_cut_left_is_made_again(tmp_path):
    path = noise(tmp_path / "a.png")
    small = thumbnail(path, 128)
    small.write_bytes(b"")
    assert thumbnail(path, 128) == small
    assert small.stat().st_size > 0


def test_those_used_longest_ago_go_first_and_only_as_many_as_needed(tmp_path):
    files = [thumbnail(noise(tmp_path / f"{number}.png"), 128) for number in range(5)]
    for age, file in enumerate(files):
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    sizes = [file.stat().st_size for file in files]
    assert prune(sum(sizes)) == 0
    assert prune(sum(sizes) - 1, keep_share=1.0) == 1
    assert [file.exists() for file in files] == [True, True, True, True, False]
    assert prune(sum(sizes[:3]), keep_share=0.6) >= 2
    assert files[0].exists()
    assert not files[3].exists()


def test_a_thumbnail_in_use_counts_as_new(tmp_path):
    path = noise(tmp_path / "a.png")
    small = thumbnail(path, 128)
    os.utime(small, (1_000_000, 1_000_000))
    thumbnail(path, 128)
    assert small.stat().st_mtime > 1_000_000


def test_writing_prunes_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(thumbnails, "LIMIT_BYTES", 1)
    monkeypatch.setattr(thumbnails, "PRUNE_EVERY_BYTES", 1)
    for name in "ab":
        thumbnail(noise(tmp_path / f"{name}.png"), 128)
    assert kept() == []


def test_threads_may_ask_for_the_same_picture(tmp_path):
    path = noise(tmp_path / "a.png")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(thumbnail(path, 128))) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert kept() == [found[0]]
