"""Checksums are what sha256sum says, found once, and found again when a file has changed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from sketchdesk.library.models.notes import NOTES_FILE, model_hash, read_note, remember_prediction
from sketchdesk.library.paths import home


def later(path: Path) -> None:
    """Make the file's time of change another one, whatever the clock's grain."""
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000_000))


def test_a_files_hash_is_its_sha256_and_is_read_once(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"weights" * 1_000_000)
    read: list[int] = []
    assert model_hash(path, read.append) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sum(read) == path.stat().st_size
    read.clear()
    assert model_hash(path, read.append) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read == []
    path.write_bytes(b"WEIGHTS" * 1_000_000)
    later(path)
    assert model_hash(path, read.append) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read


def test_a_folders_hash_is_that_of_its_files_list_and_leaves_cards_out(tmp_path: Path):
    folder = tmp_path / "model"
    for name, content in (("unet/a.safetensors", b"1"), ("model_index.json", b"{}"), ("vae/b.safetensors", b"2")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    names = ("model_index.json", "unet/a.safetensors", "vae/b.safetensors")
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert model_hash(folder) == expected
    (folder / "tiny_decoder").mkdir()
    (folder / "tiny_decoder" / "diffusion_pytorch_model.safetensors").write_bytes(b"added later")
    assert model_hash(folder) == expected  # it has a checksum of its own
    (folder / "README.md").write_text("a card")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.json").write_text("{}")
    assert model_hash(folder) == expected
    (folder / "unet" / "a.safetensors").write_bytes(b"3")
    later(folder / "unet" / "a.safetensors")
    assert model_hash(folder) != expected


def test_what_is_known_of_one_file_survives_what_is_found_of_it_later(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"x")
    remember_prediction(path, "v_prediction", "person")
    digest = model_hash(path)
    note = read_note(path)
    assert (note.predicts, note.told_by, note.sha256) == ("v_prediction", "person", digest)


def test_notes_of_files_that_are_gone_are_dropped_and_damaged_notes_do_no_harm(tmp_path: Path):
    gone, here = tmp_path / "gone.safetensors", tmp_path / "here.safetensors"
    gone.write_bytes(b"1")
    here.write_bytes(b"2")
    model_hash(gone)
    gone.unlink()
    model_hash(here)
    assert list(json.loads((home() / NOTES_FILE).read_text())) == [str(here.resolve())]
    assert read_note(gone) is None
    (home() / NOTES_FILE).write_text("{damaged")
    assert read_note(here) is None
    assert model_hash(here) == hashlib.sha256(b"2").hexdigest()


def test_a_missing_file_raises_os_error(tmp_path: Path):
    with pytest.raises(OSError):
        model_hash(tmp_path / "nothing.safetensors")


def test_a_file_that_changes_while_it_is_read_has_no_hash_and_none_is_noted(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"old")

    def replaced(_count: int) -> None:
        path.write_bytes(b"new weights")

    with pytest.raises(OSError, match="changed"):
        model_hash(path, replaced)
    assert read_note(path) is None
    assert model_hash(path) == hashlib.sha256(b"new weights").hexdigest()


def test_a_hash_that_cannot_be_noted_is_told_all_the_same(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"x")
    (home() / NOTES_FILE).mkdir()  # where no file can be written
    assert model_hash(path) == hashlib.sha256(b"x").hexdigest()
