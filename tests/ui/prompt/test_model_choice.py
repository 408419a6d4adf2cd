"""Models to choose from, and why some cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.prompt.model_choice import ModelChoice, short_names, why_not


def entry(name: str, **more) -> ModelEntry:
    return ModelEntry(**{"name": name, "path": Path(name), "origin": "own", "family": "stable_diffusion"} | more)


@pytest.fixture
def choice(qtbot, models) -> ModelChoice:
    made = ModelChoice()
    qtbot.addWidget(made)
    made.set_models(models)
    return made


def test_what_draws_is_offered_and_the_first_is_chosen(choice):
    assert [choice.itemText(n) for n in range(3)] == ["demo-base", "sketch", "cut"]
    assert choice.name == "demo-base"
    assert choice.problem() == ""


def test_a_broken_model_is_shown_with_its_reason_and_cannot_be_chosen(choice):
    assert not choice.model().item(2).isEnabled()
    assert choice.itemData(2, Qt.ItemDataRole.ToolTipRole) == "It is cut."


def test_the_last_entry_asks_for_a_folder_and_leaves_the_choice(choice, qtbot):
    with qtbot.waitSignal(choice.folder_wanted):
        choice.activated.emit(choice.count() - 1)
    assert (choice.name, choice.currentText()) == ("demo-base", "demo-base")


def test_a_choice_is_told(choice, qtbot, models):
    with qtbot.waitSignal(choice.chosen) as chosen:
        choice.activated.emit(1)
    assert chosen.args == [models[1].name]
    assert choice.entry == models[1]


def test_a_model_that_is_not_here_stays_chosen_and_is_told(choice, models):
    choice.choose("/gone/model")
    assert choice.name == "/gone/model"
    assert "/gone/model" in choice.problem()
    choice.choose(str(models[0].path))
    assert choice.name == "demo-base"


def test_a_model_is_chosen_by_what_it_is_called(choice, qtbot):
    choice.set_models([entry("/elsewhere/v1-5.safetensors"), entry("/elsewhere/ink")])
    choice.choose("V1-5")
    assert choice.name == "/elsewhere/v1-5.safetensors"
    assert choice.problem() == ""


def test_nothing_is_said_of_a_model_before_the_models_are_known(qtbot):
    choice = ModelChoice()
    qtbot.addWidget(choice)
    choice.choose("anything")
    assert choice.problem() == ""
    choice.set_models([])
    assert "anything" in choice.problem()


def test_a_folder_that_was_chosen_stays_when_the_models_are_looked_up_again(choice, models):
    choice.add(entry("/elsewhere/own"))
    choice.set_models(models)
    assert choice.name == "/elsewhere/own"
    assert choice.problem() == ""


def test_names_are_short_and_tell_two_models_apart():
    names = short_names([entry("/a/training/ink/model"), entry("/b/ink"), entry("hub/paint")])
    assert list(names.values()) == ["training/ink", "b/ink", "paint"]


def test_single_files_draw_and_scorers_do_not(tmp_path):
    file = tmp_path / "one.safetensors"
    file.write_bytes(b"")
    assert why_not(entry(str(file), path=file)) == ""
    assert "draws" in why_not(entry("clip", family="clip"))
    assert why_not(entry("sd")) == ""
