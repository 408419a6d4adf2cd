"""The leaderboard's card: what is proposed can be drawn with, kept, and the others thrown away and brought back."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView

from sketchdesk.contracts.jobs import StudyModel
from sketchdesk.library.evaluation.findings import Interval, Standing
from sketchdesk.ui.evaluation.results.choosing_card import ChoosingCard
from sketchdesk.ui.evaluation.results.pareto import ParetoPlot

MEANS = {"step 2": 0.34, "step 1": 0.33, "base": 0.29}


@pytest.fixture
def checkpoints(tmp_path):
    folders = {f"step {step}": tmp_path / "run" / "checkpoints" / f"checkpoint-{step}" for step in (1, 2)}
    for folder in folders.values():
        folder.mkdir(parents=True)
    return folders


@pytest.fixture
def card(qtbot, background, study, checkpoints):
    board = tuple(
        Standing(
            model=name, mean=Interval(mean, mean - 0.01, mean + 0.01, "t", 3),
            to_best=Interval(mean - 0.34, -0.02, 0.01, "t", 3) if place else None, p=0.2 / place if place else None,
            may_be_best=name != "base",
        )
        for place, (name, mean) in enumerate(MEANS.items())
    )  # fmt: skip
    variant = study.variants[0]
    models = tuple(
        msgspec.structs.replace(variant.models[1], name=name, called_drawings=called)
        for name, called in zip(MEANS, (3, 2, 0), strict=True)
    )
    used = (StudyModel(name="base", model="demo-base"), *(
        StudyModel(name=name, model=str(folder)) for name, folder in checkpoints.items()
    ))  # fmt: skip
    job = msgspec.structs.replace(study.job, models=used)
    made = ChoosingCard(background)
    qtbot.addWidget(made)
    made.show_variant(
        msgspec.structs.replace(study, job=job),
        msgspec.structs.replace(variant, models=models, leaderboards={"cosine": board}),
    )
    made.resize(800, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def child(card, kind, name):
    return card.findChild(kind, f"evaluation_{name}")


def test_the_order_the_proposal_and_its_place(card):
    model = child(card, QTableView, "standings").model()
    rows = [[model.index(row, column).data() for column in range(4)] for row in range(3)]
    assert [row[0] for row in rows] == ["step 2", "step 1", "base"]
    assert rows[0][2:] == ["–", "–"]
    assert rows[1][3] == "0.200 · not told apart"
    assert rows[2][3] == "0.100"
    assert child(card, QLabel, "proposal").text().startswith("step 2 fits the prompts best (0.340)")
    plot = child(card, ParetoPlot, "pareto")
    assert plot.position_of("step 2").x() > plot.position_of("base").x()
    assert plot.position_of("step 2").y() < plot.position_of("base").y()


def test_a_click_draws_with_the_proposed_model(qtbot, card, checkpoints):
    with qtbot.waitSignal(card.model_chosen) as caught:
        qtbot.mouseClick(child(card, QPushButton, "draw_with"), Qt.MouseButton.LeftButton)
    assert caught.args == [str(checkpoints["step 2"])]


def test_the_other_checkpoints_go_and_come_back(qtbot, card, checkpoints):
    with qtbot.waitSignal(card.message) as caught:
        qtbot.mouseClick(child(card, QPushButton, "drop_others"), Qt.MouseButton.LeftButton)
    assert [folder.exists() for folder in checkpoints.values()] == [False, True]
    assert not child(card, QPushButton, "drop_others").isVisible()
    with qtbot.waitSignal(card.models_changed):
        caught.args[0].action()
    assert [folder.exists() for folder in checkpoints.values()] == [True, True]
    assert child(card, QPushButton, "drop_others").isVisible()


def test_what_is_no_model_cannot_be_kept_and_says_so(qtbot, card):
    with qtbot.waitSignal(card.message) as caught:
        qtbot.mouseClick(child(card, QPushButton, "keep_model"), Qt.MouseButton.LeftButton)
    assert caught.args[0].level in ("error", "warning")
    assert child(card, QPushButton, "keep_model").isEnabled()
