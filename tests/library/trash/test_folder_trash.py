"""Folders go to the trash and come back, and are gone once it is emptied."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.paths import trash_dir
from sketchdesk.library.trash import folder_trash
from sketchdesk.library.trash.folder_trash import (
    MANIFEST,
    empty_folders,
    folder_batches,
    restore_folders,
    trash_folders,
)
from sketchdesk.library.trash.trash import batches, empty_trash


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / "run" / "checkpoints" / f"checkpoint-{step}" for step in (100, 200)]
    for folder in made:
        (folder / "unet").mkdir(parents=True)
        (folder / "unet" / "weights.bin").write_bytes(b"w" * 1000)
    return made


def test_they_go_and_come_back(folders):
    batch = trash_folders(folders)
    assert not any(folder.exists() for folder in folders)
    assert [one.original for one in folder_batches()[0].folders] == folders
    assert batch.size_bytes == 2000
    assert batches() == []  # those of pictures are others
    assert empty_trash() == 0
    assert restore_folders(folder_batches()[0]) == {folder: folder for folder in folders}
    assert all((folder / "unet" / "weights.bin").stat().st_size == 1000 for folder in folders)
    assert folder_batches() == []
    assert list(trash_dir().iterdir()) == []


def test_emptying_deletes_what_was_chosen_and_nothing_else(folders):
    first, second = trash_folders(folders[:1]), trash_folders(folders[1:])
    assert empty_folders([second]) == 1
    assert [batch.folder for batch in folder_batches()] == [first.folder]
    assert not second.folder.exists()
    assert empty_folders() == 1
    assert list(trash_dir().iterdir()) == []


def test_a_place_that_is_taken_keeps_the_folder_in_the_trash(folders):
    batch = trash_folders(folders)
    folders[0].mkdir()
    with pytest.raises(SketchDeskError, match="checkpoint-100” is there again"):
        restore_folders(batch)
    assert folders[1].is_dir()
    assert [one.original for one in folder_batches()[0].folders] == folders[:1]


def test_what_is_no_folder_is_refused_and_nothing_moves(folders, tmp_path):
    with pytest.raises(SketchDeskError, match="no folder"):
        trash_folders([folders[0], tmp_path / "nothing"])
    assert folders[0].is_dir()
    assert folder_batches() == []


def test_one_that_cannot_move_brings_the_others_back(folders):
    inside = folders[0] / "unet"  # gone with the folder it lies in
    with pytest.raises((SketchDeskError, OSError)):
        trash_folders([folders[0], inside])
    assert (inside / "weights.bin").is_file()
    assert folder_batches() == []


def test_on_another_disk_they_wait_beside_where_they_were(folders, monkeypatch):
    monkeypatch.setattr(folder_trash, "_same_disk", lambda one, other: False)
    batch = trash_folders(folders)
    assert all(one.kept.parent == folders[0].parent / ".trash" for one in batch.folders)
    assert len(folder_batches()[0].folders) == 2
    assert empty_folders() == 2
    assert not (folders[0].parent / ".trash").exists()


def test_a_manifest_that_names_other_folders_deletes_nothing(folders, tmp_path):
    batch = trash_folders(folders[:1])
    victim = tmp_path / "victim"
    victim.mkdir()
    manifest = batch.folder / MANIFEST
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace(str(batch.folders[0].kept), str(victim)), encoding="utf-8")
    assert folder_batches() == []
    assert empty_folders([batch]) == 0
    assert victim.is_dir()
