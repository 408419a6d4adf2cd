"""Studies and scored folders in two processes: each draws and scores a share, and the numbers are those of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from sketchdesk.engine.evaluation.inception import Inception
from sketchdesk.engine.evaluation.journal import JOURNAL
from sketchdesk.library.images.metadata import image_files

PATIENCE_S = 300
TABLES = ("scores.csv", "summary.csv")


def trained_on(folder: Path) -> Path:
    """Make a training set of two batches, the last of them in the other process, with a picture nobody can read."""
    folder.mkdir()
    for number in range(20):
        Image.new("RGB", (16, 16), (12 * number, 200 - 9 * number, 7 * number % 60)).save(folder / f"{number:02}.png")
        (folder / f"{number:02}.txt").write_text("an owl in a tree", encoding="utf-8")
    (folder / "03.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def config(tiny_sd: Path, tiny_clip: Path, tiny_blip: Path, tmp_path: Path) -> Path:
    """A study of 24 pictures, drawn in two batches a model, whose texts and pictures are in two batches or more."""
    model, clip, blip = (json.dumps(str(folder)) for folder in (tiny_sd, tiny_clip, tiny_blip))
    file = tmp_path / "foxes.toml"
    file.write_text(
        "prompts = ['a fox', 'an owl in a tree', 'a zebra']\nseeds = '0-3'\nnum_inference_steps = 1\nwidth = 128\n"
        "height = 128\nmetrics = ['clip', 'blip', 'style', 'image_similarity', 'fid_clip', 'cmmd', 'precision_recall', "
        "'memorisation']\n"
        f"clip_model = {clip}\nblip_model = {blip}\ndevice = 'cpu'\nprecision = 'fp32'\nnum_threads = 1\n"
        f"[[models]]\nname = 'base'\nmodel = {model}\n"
        f"[[models]]\nname = 'tuned'\nmodel = {model}\nguidance_scale = 3\n"
        "[[variants]]\nname = '1'\n[[variants]]\nname = '2'\nscorer_prefix = 'in ink'\n"
        f"[sources]\nstyle_prompt = 'ink'\nreference = {json.dumps(str(tmp_path / 'two' / 'images'))}\n"
        f"training_set = {json.dumps(str(trained_on(tmp_path / 'trained')))}\n",
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


SETS = ("fid", "kid", "inception_score", "cmmd", "fid_clip", "precision_recall", "memorisation")


@pytest.mark.long
def test_the_demo_s_sets_measured_by_two_processes_have_the_numbers_of_one(run, start, tmp_path):
    torch.manual_seed(0)
    network = Inception()
    for weight in network.parameters():
        if weight.dim() == 4:  # as they come, convolutions in a row leave next to nothing of a picture
            torch.nn.init.kaiming_normal_(weight)
    weights = tmp_path / "inception.safetensors"
    save_file(network.state_dict(), weights)
    trained = trained_on(tmp_path / "trained")
    file = tmp_path / "sets.toml"
    file.write_text(
        "prompts = ['a zebra', 'a red fox in a forest', 'an owl in a tree', 'a giraffe']\nseeds = '0-2'\n"
        f"num_inference_steps = 2\nmetrics = {['clip', *SETS]}\ndevice = 'cpu'\nprecision = 'fp32'\n"
        "num_threads = 1\n[[models]]\nname = 'base'\nmodel = 'demo-base'\n"
        "[[models]]\nname = 'flow'\nmodel = 'demo-flow'\nnum_inference_steps = 1\n[[variants]]\nname = '1'\n"
        f"[sources]\nreference = {json.dumps(str(trained))}\ntraining_set = {json.dumps(str(trained))}\n"
        f"inception_weights = {json.dumps(str(weights))}\ninsist = true\n",
        encoding="utf-8",
    )
    process = start("study", str(file), "--processes", "2", "--out", "two", "--json")
    _out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert run("study", str(file), "--out", "one").code == 0
    tables = [(tmp_path / name / "summary.csv").read_bytes() for name in ("one", "two")]
    assert tables[0] == tables[1]
    for name in (*SETS[:5], "precision", "recall", "density", "coverage", "copied_share", "training_gap"):
        assert f",{name},".encode() in tables[0], name
