"""Timing a study's models: every stage of every draw, kept, and told as it was."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.events import StageChanged
from sketchdesk.contracts.jobs import StudyJob, StudyModel, StudyTiming
from sketchdesk.engine.evaluation import study
from sketchdesk.engine.evaluation.timing import KEPT
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.csv_rows import read_rows
from sketchdesk.library.images import image_files
from sketchdesk.library.studies import read_study
from sketchdesk.library.timings import DRAW_COLUMNS, TIMINGS, timing_rows


class _Row(msgspec.Struct):
    model: str
    batch_size: int
    steps: int
    text_s: float
    denoise_s: float
    decode_s: float
    peak_gib: float


@pytest.fixture
def job(tmp_path, tiny_sd, tiny_clip):
    return StudyJob(
        title="Timed", out_dir=str(tmp_path / "out"), prompts=("a zebra", "a fox"), seeds=(0, 1), metrics=("clip",),
        models=(
            StudyModel(name="many steps", model=str(tiny_sd), num_inference_steps=6),
            StudyModel(name="one step", model=str(tiny_sd), num_inference_steps=1),
        ),
        clip_model=str(tiny_clip), device="cpu", precision="fp32", num_threads=1,
        timing=StudyTiming(runs=3, warm_up=1, batch_size=2),
    )  # fmt: skip


def test_every_stage_of_every_model_is_timed_one_by_one_and_in_batches(job, tmp_path):
    told: list[object] = []
    result = study.run(job, Reporter(told.append))
    found = read_study(tmp_path / "out")
    assert found.timings is not None
    assert [(way.model, way.batch_size, way.steps, len(way.draws)) for way in found.timings.ways] == [
        ("many steps", 1, 6, 3), ("one step", 1, 1, 3), ("many steps", 2, 6, 3), ("one step", 2, 1, 3),
    ]  # fmt: skip
    for way in found.timings.ways:
        assert way.peak_gib > 0
        assert all(draw.text_s > 0 and draw.denoise_s > 0 and draw.decode_s > 0 for draw in way.draws)
    slow, fast = timing_rows(found.timings)[:2]
    assert slow.denoise_s.median > fast.denoise_s.median  # six times the work
    assert found.timings.machine.num_threads == 1
    assert found.timings.machine.precision == "fp32"
    assert "timing" in [event.stage for event in told if isinstance(event, StageChanged)]
    assert len(image_files(tmp_path / "out" / "images")) == 8  # what was timed is not kept
    rows = read_rows(tmp_path / "out" / TIMINGS, _Row)
    assert len(rows) == 12
    first = found.timings.ways[0].draws[0]
    assert rows[0].denoise_s == pytest.approx(first.denoise_s, rel=1e-5)
    assert "whole_s" in DRAW_COLUMNS
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Time and memory" in report
    assert "One by one" in report
    assert "times as long" in str(result["summary"])
    assert result["time_one step_batch_1_steps_per_s"] == fast.steps_per_s.median


def test_what_was_timed_is_not_timed_again(job, tmp_path):
    study.run(job, Reporter(lambda _event: None))
    before = read_study(tmp_path / "out").timings
    study.run(job, Reporter(lambda _event: None))
    assert read_study(tmp_path / "out").timings == before
    more = msgspec.structs.replace(job, timing=StudyTiming(runs=4, warm_up=1, batch_size=2))
    study.run(more, Reporter(lambda _event: None))
    after = read_study(tmp_path / "out").timings
    assert after is not None
    assert {len(way.draws) for way in after.ways} == {4}


def test_a_cancel_between_draws_keeps_the_ways_that_are_done(job, tmp_path):
    reporter = Reporter(lambda event: hear(event))
    left = 3  # the third of the 12 draws that count: the first half of the first way is done

    def hear(event):
        nonlocal left
        if getattr(event, "total", 0) == 12:
            left -= 1
            if left == 0:
                reporter.cancel()

    with pytest.raises(Cancelled):
        study.run(job, reporter)
    kept = msgspec.json.decode((tmp_path / "out" / KEPT).read_bytes())
    assert [(way["model"], way["batch_size"], len(way["draws"])) for way in kept["ways"]] == [("many steps", 1, 2)]


def test_a_study_of_pictures_that_are_there_has_nothing_to_time(job, tmp_path):
    study.run(msgspec.structs.replace(job, timing=None), Reporter(lambda _event: None))
    folder = tmp_path / "out" / "images" / "1" / "one step"
    given = StudyModel(name="given", images=str(folder))
    other = msgspec.structs.replace(job, out_dir=str(tmp_path / "other"), models=(job.models[0], given))
    study.run(other, Reporter(lambda _event: None))
    timings = read_study(tmp_path / "other").timings
    assert timings is not None
    assert {way.model for way in timings.ways} == {"many steps"}
