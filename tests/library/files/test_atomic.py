"""Files are written whole or not at all, on real disks with real limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.files import atomic

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits and permissions")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_written_bytes_are_there_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.bin"
    atomic.write_bytes(path, b"one")
    atomic.write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["a.bin"]


def test_text_is_utf8_and_keeps_its_line_ends(tmp_path: Path) -> None:
    atomic.write_text(tmp_path / "a.txt", "ñ\r\n漢\n")
    assert (tmp_path / "a.txt").read_bytes() == "ñ\r\n漢\n".encode()


def test_json_is_readable_by_people_and_by_json(tmp_path: Path) -> None:
    atomic.write_json(tmp_path / "a.json", {"lora": LoraUse(path="é.safetensors"), "n": [1, None]})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"lora": {"path": "é.safetensors", "weight": 1.0}, "n": [1, None]}
    assert text.count("\n") > 3


def test_a_block_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), atomic.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_what_is_synced_later_is_whole_at_once(tmp_path: Path) -> None:
    with atomic.synced_later() as paths:
        atomic.write_text(tmp_path / "a.txt", "one")
        assert (tmp_path / "a.txt").read_text() == "one"
        assert names(tmp_path) == ["a.txt"]
    assert set(paths) == {tmp_path / "a.txt", tmp_path}
    atomic.write_text(tmp_path / "b.txt", "waits for the disk again")
    assert len(paths) == 2
    atomic.sync([*paths, tmp_path / "gone"])


@posix_only
def test_a_written_file_has_the_permissions_of_an_ordinary_one(tmp_path: Path) -> None:
    (tmp_path / "ordinary").write_bytes(b"")
    atomic.write_bytes(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


@posix_only
def test_a_file_that_does_not_fit_is_disk_full_and_the_old_one_stays(tmp_path: Path) -> None:
    """A real limit in a real process: no file may grow past 4096 bytes."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    code = (
        "import resource, sys; from pathlib import Path; from sketchdesk.library.files import atomic\n"
        "from sketchdesk.contracts.errors import SketchDeskError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: atomic.write_bytes(Path(sys.argv[1]), bytes(100_000))\n"
        "except SketchDeskError as error: print(error.kind.value, '|', error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "disk_full | The disk is full."
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_what_a_full_device_says_is_disk_full() -> None:
    full = Path("/dev/full")
    with pytest.raises(SketchDeskError) as caught, atomic.disk_errors(full), full.open("wb", buffering=0) as file:
        file.write(b"x")
    assert caught.value.kind is ErrorKind.DISK_FULL


def test_a_folder_that_is_a_file_is_not_writable_and_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(SketchDeskError) as caught:
        atomic.write_bytes(tmp_path / "file" / "a.bin", b"x")
    assert caught.value.kind is ErrorKind.NOT_WRITABLE
    assert str(tmp_path / "file" / "a.bin") in caught.value.message
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_folder_in_the_place_of_the_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "a.bin").mkdir()
    with pytest.raises(SketchDeskError) as caught:
        atomic.write_bytes(tmp_path / "a.bin", b"x")
    assert caught.value.kind is ErrorKind.NOT_WRITABLE
    assert names(tmp_path) == ["a.bin"]


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SketchDeskError) as caught:
            atomic.write_bytes(tmp_path / "a.bin", b"x")
    finally:
        tmp_path.chmod(0o700)
    assert caught.value.kind is ErrorKind.NOT_WRITABLE
