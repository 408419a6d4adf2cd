"""What was scored is not scored again, whatever the process died of."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.events import ScoreReady
from sketchdesk.contracts.jobs import EvaluateJob
from sketchdesk.engine.evaluation import task
from sketchdesk.engine.evaluation.journal import JOURNAL, ScoreJournal
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow
from sketchdesk.engine.reporter import Reporter

PICTURES, BATCH = 11, 4
PROGRAM = """
import os, signal, sys
import msgspec
from sketchdesk.contracts.events import ScoreReady
from sketchdesk.contracts.jobs import EvaluateJob
from sketchdesk.engine.evaluation import task
from sketchdesk.engine.reporter import Reporter

left = [int(sys.argv[2])]

def hear(event):
    if isinstance(event, ScoreReady):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

task.run(msgspec.json.decode(sys.argv[1], type=EvaluateJob), Reporter(hear))
"""


@pytest.fixture
def job(tmp_path, tiny_clip) -> EvaluateJob:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(PICTURES):
        Image.new("RGB", (24, 24), (20 * number, 100, 200 - 10 * number)).save(folder / f"{number:02}.png")
    (tmp_path / "prompts.txt").write_text("\n".join(f"a fox {n}" for n in range(PICTURES)), encoding="utf-8")
    return EvaluateJob(
        images_dir=str(folder), out_dir=str(tmp_path / "out"), prompts_file=str(tmp_path / "prompts.txt"),
        metrics=("clip",), clip_model=str(tiny_clip), batch_size=BATCH, device="cpu", precision="fp32", num_threads=1,
    )  # fmt: skip


def scored_by(job: EvaluateJob) -> list[str]:
    """Run the job and return the pictures that were scored in it."""
    events: list[object] = []
    task.run(job, Reporter(events.append))
    return [Path(event.path).name for event in events if isinstance(event, ScoreReady)]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_while_scoring_it_goes_on_and_scores_no_picture_twice(job, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, msgspec.json.encode(job).decode(), str(BATCH + 2)], check=False, timeout=240
    )
    assert ended.returncode == -signal.SIGKILL
    out = tmp_path / "out"
    assert not (out / "scores.csv").exists()
    kept = (out / JOURNAL).read_bytes().splitlines()
    assert len(kept) == 2 * BATCH
    assert scored_by(job) == [f"{number:02}.png" for number in range(2 * BATCH, PICTURES)]
    whole = msgspec.structs.replace(job, out_dir=str(tmp_path / "whole"))
    assert len(scored_by(whole)) == PICTURES
    for name in ("scores.csv", "summary.csv"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_another_picture_other_words_or_another_judge_are_scored_anew(job, tmp_path, tiny_clip):
    assert len(scored_by(job)) == PICTURES
    assert scored_by(job) == []
    Image.new("RGB", (24, 24), "red").save(tmp_path / "pictures" / "03.png")
    assert scored_by(job) == ["03.png"]
    assert len(scored_by(msgspec.structs.replace(job, scorer_prefix="in ink"))) == PICTURES
    weights = next(tiny_clip.glob("*.safetensors"))
    before = weights.read_bytes()
    try:
        weights.write_bytes(before[:-4] + b"\0\0\0\0")
        assert len(scored_by(job)) == PICTURES
    finally:
        weights.write_bytes(before)


def test_a_line_cut_short_is_dropped_and_the_file_goes_on_behind_it(tmp_path):
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    for path in (one, other):
        path.write_bytes(b"a picture")
    first, second = (
        Scored(path=path, row=ScoreRow(prompt="a", file=path.name, cosine=1 / 3), colourfulness=0.1)
        for path in (one, other)
    )
    ScoreJournal(tmp_path, "judges").add([(first, "a")])
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"key": "cut sh')
    journal = ScoreJournal(tmp_path, "judges")
    assert journal.known(one, "", "", "a", "a") == first
    journal.add([(second, "a")])
    journal = ScoreJournal(tmp_path, "judges")
    assert journal.known(one, "", "", "a", "a") == first
    assert journal.known(other, "", "", "a", "a") == second
    assert journal.known(other, "", "", "a", "b") is None
    journal = ScoreJournal(tmp_path, "others")
    assert journal.known(one, "", "", "a", "a") is None


def test_a_folder_that_was_moved_keeps_its_scores(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "images").mkdir(parents=True)
    (old / "images" / "a.png").write_bytes(b"a picture")
    row = ScoreRow(prompt="a", file="images/a.png")
    ScoreJournal(old, "judges").add([(Scored(path=old / "images" / "a.png", row=row, colourfulness=0.0), "a")])
    old.rename(new)
    journal = ScoreJournal(new, "judges")
    assert journal.known(new / "images" / "a.png", "", "", "a", "a").path == new / "images" / "a.png"
