"""Timing a study's models: every stage of every draw, kept, and told as it was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from sketchdesk.contracts.events import StageChanged
from sketchdesk.contracts.jobs import StudyJob, StudyModel, StudyTiming
from sketchdesk.engine.evaluation import study
from sketchdesk.engine.evaluation.timing import KEPT
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.evaluation.studies import read_study
from sketchdesk.library.evaluation.timings import DRAW_COLUMNS, TIMINGS, Timings, timing_rows
from sketchdesk.library.files.csv_rows import read_rows
from sketchdesk.library.images.metadata import image_files


class _Row(msgspec.Struct):
    model: str
    batch_size: int
    steps: int
    text_s: float
    denoise_s: float
    decode_s: float
    peak_gib: float


@dataclass(frozen=True)
class Done:
    """A study that was timed, as it was right after it ended."""

    job: StudyJob
    folder: Path
    stages: list[str]
    result: dict[str, object]
    timings: Timings
    rows: list[_Row]
    report: str


@pytest.fixture(scope="module")
def done(tmp_path_factory, tiny_sd, tiny_clip) -> Done:
    """Two prompts at two seeds by two models, timed."""
    folder = tmp_path_factory.mktemp("study") / "out"
    job = StudyJob(
        title="Timed", out_dir=str(folder), prompts=("a zebra", "a fox"), seeds=(0, 1), metrics=("clip",),
        models=(
            StudyModel(name="many steps", model=str(tiny_sd), num_inference_steps=6),
            StudyModel(name="one step", model=str(tiny_sd), num_inference_steps=1),
        ),
        clip_model=str(tiny_clip), device="cpu", precision="fp32", num_threads=1,
        timing=StudyTiming(runs=3, warm_up=1, batch_size=2),
    )  # fmt: skip
    told: list[object] = []
    result = study.run(job, Reporter(told.append))
    timings = read_study(folder).timings
    assert timings is not None
    stages = [event.stage for event in told if isinstance(event, StageChanged)]
    report = (folder / "report.html").read_text(encoding="utf-8")
    return Done(job, folder, stages, result, timings, read_rows(folder / TIMINGS, _Row), report)


def test_every_stage_of_every_model_is_timed_one_by_one_and_in_batches(done):
    assert [(way.model, way.batch_size, way.steps, len(way.draws)) for way in done.timings.ways] == [
        ("many steps", 1, 6, 3), ("one step", 1, 1, 3), ("many steps", 2, 6, 3), ("one step", 2, 1, 3),
    ]  # fmt: skip
    for way in done.timings.ways:
        assert way.peak_gib > 0
        assert all(draw.text_s > 0 and draw.denoise_s > 0 and draw.decode_s > 0 for draw in way.draws)
    slow, fast = timing_rows(done.timings)[:2]
    assert slow.denoise_s.median > fast.denoise_s.median  # six times the work
    assert done.timings.machine.num_threads == 1
    assert done.timings.machine.precision == "fp32"
    assert "timing" in done.stages
    assert len(image_files(done.folder / "images")) == 8  # what was timed is not kept
    assert done.result["time_one step_batch_1_steps_per_s"] == fast.steps_per_s.median


def test_every_draw_is_a_row_and_the_report_tells_them(done):
    assert len(done.rows) == 12
    first = done.timings.ways[0].draws[0]
    assert done.rows[0].denoise_s == pytest.approx(first.denoise_s, rel=1e-5)
    assert "whole_s" in DRAW_COLUMNS
    assert "Time and memory" in done.report
    assert "One by one" in done.report
    assert "times as long" in str(done.result["summary"])


def test_what_was_timed_is_not_timed_again(done):
    study.run(done.job, Reporter(lambda _event: None))
    assert read_study(done.folder).timings == done.timings
    more = msgspec.structs.replace(done.job, timing=StudyTiming(runs=4, warm_up=1, batch_size=2))
    study.run(more, Reporter(lambda _event: None))
    after = read_study(done.folder).timings
    assert after is not None
    assert {len(way.draws) for way in after.ways} == {4}


def test_a_cancel_between_draws_keeps_the_ways_that_are_done(done, tmp_path):
    job = msgspec.structs.replace(done.job, out_dir=str(tmp_path / "out"), prompts=("a zebra",), seeds=(0,))
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


def test_a_study_of_pictures_that_are_there_has_nothing_to_time(done, tmp_path):
    given = StudyModel(name="given", images=str(done.folder / "images" / "1" / "one step"))
    models = (done.job.models[1], given)
    study.run(msgspec.structs.replace(done.job, out_dir=str(tmp_path / "out"), models=models), Reporter(lambda _: None))
    timings = read_study(tmp_path / "out").timings
    assert timings is not None
    assert {way.model for way in timings.ways} == {"one step"}
