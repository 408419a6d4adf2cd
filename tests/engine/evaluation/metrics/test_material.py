"""What metrics are made of: made once, kept once, and too little of it is told."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sketchdesk.contracts.events import Notice
from sketchdesk.contracts.jobs import MetricSources
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.metrics.material import Material
from sketchdesk.engine.evaluation.metrics.training_set import TrainingSet
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow
from sketchdesk.engine.reporter import Reporter

EVENTS: list[object] = []


@pytest.fixture
def judge(tiny_clip):
    return ClipScorer.load(tiny_clip, place("cpu", "fp32", 1))


@pytest.fixture
def material(judge, tmp_path):
    EVENTS.clear()
    for number in range(3):
        Image.new("RGB", (24, 24), (80 * number, 90, 200)).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text(f"number {number}", encoding="utf-8")
    scored = [
        Scored(path=path, row=ScoreRow(prompt="a", file=path.name), colourfulness=0.0)
        for path in sorted(tmp_path.glob("*.png"))
    ]
    return Material(
        scored=scored, texts=["a"] * 3, sources=MetricSources(), placement=place("cpu", "fp32", 1),
        reporter=Reporter(EVENTS.append), clip_model="", clip=judge, batch_size=2,
    )  # fmt: skip


def notices():
    return [event.message for event in EVENTS if isinstance(event, Notice)]


def test_embeddings_lie_in_memory_once(material):
    found = material.embeddings
    assert found.shape[0] == len(material.known) == 3
    assert all(np.shares_memory(row, found) for row in material.known.values())


def test_what_is_too_small_for_a_metric_is_told_with_its_size(material):
    assert not material.is_too_small("kid", 2, 2, 2)
    assert notices() == []
    assert material.is_too_small("kid", 7, 1, 2)
    assert notices() == ["KID needs 2 pictures, here are 7, and 1 to compare with: it is left out."]


def test_training_pictures_that_cannot_be_read_are_counted(judge, material, tmp_path):
    (tmp_path / "1.png").write_bytes(b"no picture")
    found = TrainingSet.read(str(tmp_path), judge, material.reporter, 2)
    assert [name[-5:] for name in found.names] == ["0.png", "2.png"]
    assert notices() == ["1 picture of the training set could not be read."]
