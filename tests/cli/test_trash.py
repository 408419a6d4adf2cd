"""What was thrown away is listed, brought back and deleted for good from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.library.evaluation.choosing import trash_checkpoints
from sketchdesk.library.models.own_models import trash_model
from sketchdesk.library.paths import images_dir, models_dir, runs_dir
from sketchdesk.library.trash.trash import move_to_trash


@pytest.fixture
def pictures(home) -> list[Path]:
    images_dir().mkdir(parents=True)
    made = [images_dir() / f"{name}.png" for name in "abc"]
    for path in made:
        path.write_bytes(path.stem.encode())
    return made


def test_pictures_come_back_or_go_for_good(run, pictures):
    first, last = move_to_trash(pictures[:2]), move_to_trash(pictures[2:])
    listed = run("trash", "--json").answer
    assert [(one["name"], one["from"], one["bytes"]) for one in listed["batches"]] == [
        (last.folder.name, [str(pictures[2])], 1), (first.folder.name, [str(path) for path in pictures[:2]], 2),
    ]  # fmt: skip
    assert listed["bytes"] == 3
    assert run("trash", "--restore", "--json").answer == {
        "restored": [{"from": str(pictures[2]), "path": str(pictures[2])}]
    }
    refused = run("trash", "--delete", "--json")
    assert (refused.code, refused.answer["error"]["kind"]) == (2, "bad_input")
    assert run("trash", "--delete", last.folder.name, "--json").code == 2
    assert run("trash", "--delete", first.folder.name, "--json").answer == {"deleted": 2, "bytes": 2}
    assert [path.exists() for path in pictures] == [False, False, True]
    assert "empty" in run("trash").err


def test_what_cannot_come_back_is_named_and_the_rest_comes_back(run, pictures):
    checkpoints = [runs_dir() / "ink" / "checkpoints" / f"checkpoint-{step}" for step in (20, 40)]
    for folder in checkpoints:
        folder.mkdir(parents=True)
    first = move_to_trash(pictures[:1])
    taken = trash_checkpoints(checkpoints)
    last = move_to_trash(pictures[1:])
    checkpoints[1].mkdir()
    ended = run("trash", "--restore", last.folder.name, taken.folder.name, first.folder.name, "--json")
    assert all(place.exists() for place in (*pictures, *checkpoints))
    back = [pictures[1], pictures[2], checkpoints[0], pictures[0]]
    assert [one["path"] for one in ended.answer["restored"]] == [str(place) for place in back]
    (refused,) = ended.answer["refused"]
    assert (refused["name"], refused["kind"], ended.answer["error"]) == (taken.folder.name, "bad_input", refused)
    assert str(checkpoints[1]) in refused["message"]
    assert ended.code == 2
    assert f"{taken.folder.name}: “{checkpoints[1]}” is there again" in ended.err
    assert "1 checkpoint is back." in ended.err
    (left,) = run("trash", "--json").answer["batches"]
    assert left["from"] == [str(checkpoints[1])]


def test_checkpoints_and_models_are_there_too_with_their_names_and_sizes(run, pictures):
    checkpoint = runs_dir() / "ink" / "checkpoints" / "checkpoint-20"
    model = models_dir() / "mine.safetensors"
    for file in (checkpoint / "weights", model):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"w" * 4096)
    move_to_trash(pictures[:1])
    trash_checkpoints([checkpoint])
    trash_model(model)
    listed = run("trash")
    assert [line.split("  ")[-1] for line in listed.out.splitlines()] == [
        "1 model: mine.safetensors", "1 checkpoint: ink · step 20", "1 picture"
    ]
    assert "takes 8" in listed.err
    back = run("trash", "--restore", "--all")
    assert sorted(back.out.split()) == sorted([str(model), str(checkpoint), str(pictures[0])])
    assert model.is_file() and (checkpoint / "weights").is_file()
