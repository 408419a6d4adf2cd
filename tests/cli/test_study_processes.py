"""Studies and scored folders in two processes: each draws and scores a share, and the numbers are those of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sketchdesk.engine.evaluation.journal import JOURNAL
from sketchdesk.library.images import image_files

PATIENCE_S = 300
TABLES = ("scores.csv", "summary.csv")


@pytest.fixture
def config(tiny_sd: Path, tiny_clip: Path, tiny_blip: Path, tmp_path: Path) -> Path:
    """A study of 24 pictures, drawn in two batches a model, whose texts and pictures are in two batches or more."""
    model, clip, blip = (json.dumps(str(folder)) for folder in (tiny_sd, tiny_clip, tiny_blip))
    file = tmp_path / "foxes.toml"
    file.write_text(
        "prompts = ['a fox', 'an owl in a tree', 'a zebra']\nseeds = '0-3'\nnum_inference_steps = 1\nwidth = 128\n"
        "height = 128\nmetrics = ['clip', 'blip', 'style', 'image_similarity', 'fid_clip']\n"
        f"clip_model = {clip}\nblip_model = {blip}\ndevice = 'cpu'\nprecision = 'fp32'\nnum_threads = 1\n"
        f"[[models]]\nname = 'base'\nmodel = {model}\n"
        f"[[models]]\nname = 'tuned'\nmodel = {model}\nguidance_scale = 3\n"
        "[[variants]]\nname = '1'\n[[variants]]\nname = '2'\nscorer_prefix = 'in ink'\n"
        f"[sources]\nstyle_prompt = 'ink'\nreference = {json.dumps(str(tmp_path / 'two' / 'images'))}\n",
        encoding="utf-8",
    )
    return file


def test_two_processes_draw_and_score_what_one_does(run, start, config, tmp_path):
    process = start("study", str(config), "--processes", "2", "--out", "two", "--json")
    out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert json.loads(out.splitlines()[-1])["scores_csv"] == str(tmp_path / "two" / "scores.csv")
    shares = [len((tmp_path / "two" / name).read_bytes().splitlines()) for name in (JOURNAL, "scored-1.jsonl")]
    assert sum(shares) == 48
    assert all(shares)
    assert run("study", str(config), "--out", "one").code == 0
    assert not (tmp_path / "one" / "scored-1.jsonl").exists()
    names = [[path.name for path in image_files(tmp_path / name)] for name in ("one", "two")]
    assert names[0] == names[1]
    for name in TABLES:
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


@pytest.mark.long
def test_a_study_is_done_again_in_two_processes_to_the_last_digit(run, start, config):
    assert run("study", str(config), "--out", "two").code == 0
    scored = start("evaluate", "--repeat", "two", "--processes", "2", "--out", "three", "--json")
    out, said = scored.communicate(timeout=PATIENCE_S)
    assert scored.returncode == 0, said
    assert json.loads(out.splitlines()[-1])["same"] == 48
