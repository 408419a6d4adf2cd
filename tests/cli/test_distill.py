"""`sketchdesk distill` from its file to a model that draws in one step, told beforehand, stopped and gone on with."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path

import pytest

from sketchdesk.library.distillation.pairs import open_pairs
from sketchdesk.library.runs.runs import RunState, list_runs, status_of
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints


@pytest.fixture
def config(tiny_sd: Path, tmp_path: Path) -> Path:
    """A tiny teacher, a dozen pairs and three steps."""
    file = tmp_path / "quick.toml"
    file.write_text(
        f"model = {json.dumps(str(tiny_sd))}\nprompts = ['a dog', 'a cat', 'a bear']\nnum_pairs = 8\n"
        "num_held_out_pairs = 4\nnum_inference_steps = 2\nguidance_scale = 2.0\ntrain_batch_size = 4\n"
        "reflow_steps = 2\ndistil_steps = 1\nlr_warmup_steps = 0\nvalidation_prompts = ['a dog']\n"
        "device = 'cpu'\nprecision = 'fp32'\nnum_threads = 1\n",
        encoding="utf-8",
    )
    return file


def test_a_distillation_ends_with_a_model_that_draws_in_one_step(run, config: Path, tmp_path: Path) -> None:
    done = run("distill", str(config), "--out", "run", "--json")
    assert done.code == 0, done.err
    assert set(done.answer) == {"run", "output", "steps", "final_loss"}
    assert done.answer["steps"] == 3
    assert len(open_pairs(tmp_path / "run" / "pairs")) == 12
    assert (tmp_path / "run" / "report.json").is_file()
    assert "Made few-step from tiny-sd" in (tmp_path / "run" / "model" / "README.md").read_text(encoding="utf-8")
    (listed,) = list_runs()
    assert status_of(listed).state is RunState.DONE
    drawn = run("generate", "--model", done.answer["output"], "--prompt", "a dog", "--out", "images", "--json")
    assert drawn.code == 0, drawn.err
    assert len(list((tmp_path / "images").glob("*.png"))) == 1


def test_a_stopped_distillation_says_how_to_go_on_and_does(start, run, config: Path, tmp_path: Path) -> None:
    asked = ("--set", "reflow_steps=100000", "--set", "num_held_out_pairs=0")  # nothing is measured on the way
    process = start("distill", str(config), *asked, "--out", "run", "--json")
    for line in process.stderr:
        if line.startswith("reflow") and "/100001" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert json.loads(out.splitlines()[-1])["error"]["kind"] == "canceled"
    (told,) = [line for line in err.splitlines() if line.startswith("To go on: sketchdesk distill ")]
    ((step, _path),) = checkpoints(tmp_path / "run" / FOLDER)
    command = shlex.split(told.removeprefix("To go on: sketchdesk "))
    resumed = run(*command, "--set", f"reflow_steps={step + 1}", "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.answer["steps"] == step + 2


def test_the_forecast_tells_what_it_will_need_and_does_nothing(run, config: Path, tmp_path: Path) -> None:
    done = run("distill", str(config), "--out", "run", "--forecast", "--json")
    assert done.code == 0, done.err
    assert (done.answer["pairs"], done.answer["pairs_missing"], done.answer["pairs_s"]) == (12, 12, None)
    assert done.answer["phases"] == {"reflow": 2, "distillation": 1}
    assert "12 pairs, 12 to be drawn" in done.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [("reflow_stepz=3", "reflow_steps"), ("prompts=[]", "nothing to draw pairs of")],
)
def test_what_cannot_be_done_ends_with_status_2_and_its_reason(run, config: Path, change: str, told: str) -> None:
    done = run("distill", str(config), "--set", change, "--out", "run", "--json")
    assert done.code == 2, done.err
    assert told in done.answer["error"]["message"]
