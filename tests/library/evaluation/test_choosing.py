"""Choosing: the proposal follows from the numbers, and what is thrown away comes back."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.evaluation.choosing import checkpoint_of, places, propose, trash_checkpoints
from sketchdesk.library.evaluation.findings import Interval, Standing
from sketchdesk.library.evaluation.studies import ModelFindings, VariantFindings
from sketchdesk.library.trash.folder_trash import restore_folders


def variant(fidelity, drawings=None, alike=()):
    """Models by fidelity, (name, mean); how many of ten pictures are called drawings; who may be the best."""
    board = tuple(
        Standing(
            model=name, mean=Interval(mean, mean - 0.01, mean + 0.01, "t", 9),
            to_best=Interval(mean - fidelity[0][1], -0.02, 0.01, "t", 9) if place else None,
            p=0.5 if place else None, may_be_best=place == 0 or name in alike,
        )
        for place, (name, mean) in enumerate(fidelity)
    )  # fmt: skip
    models = tuple(
        ModelFindings(name=name, images=10, cosine=None, colourfulness=None, captioned=10 if drawings else 0,
                      called_drawings=(drawings or {}).get(name, 0))
        for name, _mean in fidelity
    )  # fmt: skip
    return VariantFindings(
        name="1", title="", generator_prefix="", scorer_prefix="", models=models, cosine=None, colourfulness=None,
        verdict=None, win_rate=None, images=(), leaderboards={"cosine": board},
    )  # fmt: skip


THREE = [("step 2", 0.34), ("step 3", 0.33), ("step 1", 0.30), ("base", 0.29)]


def test_the_best_is_proposed_where_all_others_are_told_apart_from_it():
    found = propose(variant(THREE, {"step 3": 9, "step 2": 5}))
    assert found.model == "step 2"
    assert found.why == "step 2 fits the prompts best (0.340); every other is told apart from it."


def test_among_those_that_are_not_told_apart_style_decides():
    found = propose(variant(THREE, {"step 1": 10, "step 2": 5, "step 3": 9}, alike={"step 3"}))
    assert found.model == "step 3"
    assert found.why.startswith("step 3 has the most style of those that fit the prompts as well as step 2")
    assert "−0.010" in found.why
    without = propose(variant(THREE, alike={"step 3"}))
    assert without.model == "step 2"
    assert "though 1 other is not told apart" in without.why


def test_where_the_base_is_first_nothing_is_said_that_was_tested_against_the_base():
    board = [("base", 0.36), *THREE[:3]]
    older = propose(variant(board, {"step 1": 5, "step 2": 5, "step 3": 9}))
    assert older.model == "step 3"  # all were told apart from the base, and none from step 2
    assert older.why.endswith("as far as can be told.")
    told = variant(THREE[:3]).leaderboards["cosine"]
    found = propose(msgspec.structs.replace(variant(board, {"step 2": 5, "step 3": 9}), choices=told))
    assert found.why == "step 2 fits the prompts best (0.340); every other is told apart from it."


def test_the_base_is_never_proposed():
    assert propose(variant([("base", 0.4), ("step 1", 0.3)])).model == "step 1"
    assert propose(variant([("base", 0.4)])) is None


def test_the_front_holds_what_no_other_beats_in_both():
    found = places(variant(THREE, {"base": 0, "step 1": 10, "step 2": 5, "step 3": 4}))
    assert [(place.model, place.is_on_front) for place in found] == [
        ("base", False), ("step 3", False), ("step 2", True), ("step 1", True),
    ]  # fmt: skip
    assert places(variant(THREE)) == []


def test_checkpoints_are_thrown_away_and_come_back(tmp_path):
    folders = [tmp_path / "checkpoints" / f"checkpoint-{step}" for step in (1, 2)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "model_index.json").write_text(folder.name, encoding="utf-8")
    assert checkpoint_of(str(folders[0])) == folders[0]
    moved = trash_checkpoints(folders)
    assert not any(folder.exists() for folder in folders)
    restore_folders(moved)
    assert [(folder / "model_index.json").read_text(encoding="utf-8") for folder in folders] == [
        "checkpoint-1", "checkpoint-2",
    ]  # fmt: skip
    (tmp_path / "mine").mkdir()
    with pytest.raises(SketchDeskError):
        trash_checkpoints([folders[0], tmp_path / "mine"])
    assert folders[0].exists()
