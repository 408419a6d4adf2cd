"""The trash as one thing: what earlier versions left beside the models and the checkpoints is in it, too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sketchdesk.library.evaluation.choosing import trash_checkpoints
from sketchdesk.library.paths import images_dir, models_dir, runs_dir, trash_dir
from sketchdesk.library.trash import old_trash
from sketchdesk.library.trash.folder_trash import FolderBatch, folder_batches
from sketchdesk.library.trash.trash import move_to_trash
from sketchdesk.library.trash.whole_trash import all_batches, bring_back, contents, delete_for_good, kind_of, places_of


@pytest.fixture
def left(data_folder) -> tuple[Path, Path]:
    """A model and a checkpoint as earlier versions threw them away; return where they were."""
    model, checkpoint = models_dir() / "old.safetensors", runs_dir() / "ink" / "checkpoints" / "checkpoint-7"
    for place in (model, checkpoint):
        (place.parent / ".trash").mkdir(parents=True)
    (model.parent / ".trash" / model.name).write_bytes(b"m" * 10)
    (model.parent / ".trash" / f".{model.name}.download.json").write_text("{}")
    (checkpoint.parent / ".trash" / checkpoint.name).mkdir()
    (checkpoint.parent / ".trash" / checkpoint.name / "weights").write_bytes(b"w" * 20)
    return model, checkpoint


def test_what_earlier_versions_threw_away_is_listed_and_comes_back(left):
    model, checkpoint = left
    found = {kind_of(batch): batch for batch in all_batches()}
    assert [(places_of(found[kind]), found[kind].size_bytes) for kind in ("model", "checkpoint")] == [
        ([model], 10), ([checkpoint], 20)
    ]
    assert [batch.folder for batch in all_batches()] == [batch.folder for batch in all_batches()]  # listed once
    for batch in found.values():
        assert list(bring_back(batch)) == places_of(batch)
    assert model.with_name(f".{model.name}.download.json").is_file()
    assert (checkpoint / "weights").is_file()
    assert (all_batches(), list(trash_dir().iterdir())) == ([], [])
    assert not (model.parent / ".trash").exists()


def test_what_earlier_versions_threw_away_goes_for_good(left):
    assert delete_for_good(all_batches()) == {"model": 1, "checkpoint": 1}
    assert not any((place.parent / ".trash").exists() for place in left)


def test_what_waits_beside_is_found_again_when_the_list_is_lost(left, monkeypatch):
    model, checkpoint = left
    for batch in all_batches():
        bring_back(batch)
    monkeypatch.setattr("sketchdesk.library.trash.folder_trash._same_disk", lambda one, other: False)
    trash_checkpoints([checkpoint])
    shutil.rmtree(trash_dir())
    (batch,) = all_batches()
    assert bring_back(batch) == {checkpoint: checkpoint}


def test_what_is_thrown_away_while_somebody_looks_is_listed_once(left, monkeypatch):
    _model, checkpoint = left
    for batch in all_batches():
        bring_back(batch)
    monkeypatch.setattr("sketchdesk.library.trash.folder_trash._same_disk", lambda one, other: False)

    def listed_then_thrown_away() -> list[FolderBatch]:
        found = folder_batches()
        if checkpoint.exists():
            trash_checkpoints([checkpoint])
        return found

    monkeypatch.setattr(old_trash, "folder_batches", listed_then_thrown_away)
    assert [places_of(batch) for batch in all_batches()] == [[checkpoint]]


def test_all_kinds_are_listed_together_the_last_first_and_told_in_words(left):
    picture = images_dir() / "a.png"
    picture.parent.mkdir()
    picture.write_bytes(b"p")
    move_to_trash([picture])
    told = [contents(batch) for batch in all_batches()]
    assert told[0] == "1 picture"
    assert sorted(told[1:]) == ["1 checkpoint: ink · step 7", "1 model: old.safetensors"]
    assert delete_for_good(all_batches()[:1]) == {"picture": 1}
    assert not picture.exists()
