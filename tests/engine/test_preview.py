"""Live previews: they show what is being drawn, and can do it no harm."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from sketchdesk.contracts.events import ImageSaved, PreviewReady
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate, preview
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.clean import predicted_clean
from sketchdesk.engine.sampling.samplers import make_scheduler

CONFIG = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "FIRST_AFTER_S", 0.0)


def draw(tiny_sd: Path, out: Path, run_dir: Path | None) -> list:
    shown: list = []

    def sink(event: object) -> None:
        shown.append((event, Image.open(event.path).size if isinstance(event, PreviewReady) else None))

    job = GenerateJob(
        model=str(tiny_sd), prompts=(PromptRow(prompt="a zebra"),), out_dir=str(out), count=2, seed=5,
        num_inference_steps=4, guidance_scale=2.0, precision="fp32", num_threads=1,
    )  # fmt: skip
    generate.run(job, Reporter(sink, run_dir=run_dir))
    return shown


def test_a_drawing_shows_every_picture_of_the_batch_and_leaves_nothing_behind(tiny_sd, tmp_path):
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    shown = draw(tiny_sd, tmp_path / "out", run_dir)
    previews = [(event.prompt, event.seed, size) for event, size in shown if isinstance(event, PreviewReady)]
    assert previews[:2] == [("a zebra", 5, (32, 32)), ("a zebra", 6, (32, 32))]
    assert not (run_dir / generate.PREVIEWS).exists()


def test_a_perflow_shows_what_it_is_drawing_too(tiny_sd, tmp_path):
    folder, run_dir = tmp_path / "piecewise", tmp_path / "run"
    run_dir.mkdir()
    shutil.copytree(tiny_sd, folder)
    file = folder / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "_class_name": "PeRFlowScheduler",
                                "prediction_type": "ddim_eps"}))  # fmt: skip
    shown = [event for event, _size in draw(folder, tmp_path / "out", run_dir)]
    assert len([event for event in shown if isinstance(event, PreviewReady)]) >= 2
    assert len([event for event in shown if isinstance(event, ImageSaved)]) == 2


def test_without_a_run_folder_there_are_no_previews(tiny_sd, tmp_path):
    assert not [event for event, _size in draw(tiny_sd, tmp_path, None) if isinstance(event, PreviewReady)]


def test_previews_that_cannot_be_written_do_not_end_the_drawing(tiny_sd, tmp_path):
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / generate.PREVIEWS).write_text("a file is in the way")
    shown = draw(tiny_sd, tmp_path / "out", run_dir)
    assert len([event for event, _size in shown if isinstance(event, ImageSaved)]) == 2


@pytest.mark.parametrize("sampler", ["ddim", "pndm", "euler", "dpmpp_2m"])
@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
def test_a_network_that_is_right_shows_the_clean_picture(sampler, prediction_type):
    scheduler = make_scheduler(sampler, {**CONFIG, "prediction_type": prediction_type}, False)
    scheduler.set_timesteps(10)
    torch.manual_seed(0)
    clean, noise = torch.randn(2, 1, 4, 8, 8)
    timestep = scheduler.timesteps[3].round()
    alpha = scheduler.alphas_cumprod[int(timestep)].sqrt()
    sigma = (1 - alpha**2).sqrt()
    said = noise if prediction_type == "epsilon" else alpha * noise - sigma * clean
    found = predicted_clean(scheduler, alpha * clean + sigma * noise, said, timestep)
    torch.testing.assert_close(found, clean, atol=1e-4, rtol=1e-4)


def test_on_a_straight_path_the_end_is_seen_from_anywhere():
    scheduler = make_scheduler(None, {"num_train_timesteps": 1000}, True)
    scheduler.set_timesteps(4)
    torch.manual_seed(0)
    start, end = torch.randn(2, 1, 4, 8, 8)
    for number, timestep in enumerate(scheduler.timesteps):
        here = start + number / 4 * (end - start)
        torch.testing.assert_close(predicted_clean(scheduler, here, end - start, timestep), end)
