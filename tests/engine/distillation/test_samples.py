"""Teacher and student side by side: the teacher draws as it drew the pairs; want of memory costs the look alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sketchdesk.contracts.events import Event, Notice
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation import judging, samples, task
from sketchdesk.engine.distillation.pairs import draw_pairs
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.distillation.samples import SAMPLES, TEACHER, draw_teacher
from sketchdesk.engine.draw import decode
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.distillation.report import read_report

PROMPTS = ("a dog", "a cat", "a bear")


def job(model: Path, out: Path, **fields: object) -> DistillJob:
    return DistillJob(**({
        "model": str(model), "out_dir": str(out), "prompts": PROMPTS[:1], "num_pairs": 2, "num_held_out_pairs": 1,
        "pairs_batch_size": 2, "num_inference_steps": 2, "guidance_scale": 2.0, "train_batch_size": 1,
        "reflow_steps": 1, "distil_steps": 0, "lr_warmup_steps": 0, "validation_prompts": PROMPTS, "seed": 5,
        "device": "cpu", "precision": "fp32", "num_threads": 1,
    } | fields))  # fmt: skip


def test_a_teacher_whose_sampler_adds_noise_is_shown_as_it_draws_pairs(tiny_sd: Path, tmp_path: Path):
    teacher = shutil.copytree(tiny_sd, tmp_path / "teacher")
    file = teacher / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"_class_name": "EulerAncestralDiscreteScheduler"}))
    asked, reporter = job(teacher, tmp_path / "run"), Reporter(lambda _event: None)
    pairs = draw_pairs(asked, reporter)
    assert pairs.teacher.sampler == "dpmpp_2m"
    model = load_stable_diffusion(teacher, torch.device("cpu"), torch.float32)
    draw_teacher(asked, model, tmp_path / "run", reporter, Portions(2, reporter))
    shown = np.asarray(Image.open(tmp_path / "run" / SAMPLES / TEACHER / "000.png"), np.float64)
    (kept,) = decode(model.vae, torch.from_numpy(pairs.latents([0])))
    assert np.abs(shown - np.asarray(kept, np.float64)).mean() < 1, "the same words and the same noise"


def test_want_of_memory_costs_what_is_only_a_look(tiny_sd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def greedy(*_given: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(samples, "draw_batch", greedy)
    monkeypatch.setattr(samples, "decode", greedy)
    monkeypatch.setattr(judging, "drawn_in_steps", greedy)
    events: list[Event] = []
    ended = task.run(job(tiny_sd, tmp_path / "run"), Reporter(events.append))
    assert Path(str(ended["output"])).is_dir()
    assert read_report(tmp_path / "run") is None
    told = [event.message for event in events if isinstance(event, Notice)]
    assert told[0] == "Memory ran out; from here on 1 picture is drawn at a time."
    assert [text.split(":")[0] for text in told[1:]] == [
        "Samples at step 0 were skipped",
        "The teacher could not be measured, so nothing is measured while it learns",
        "Samples at step 0 were skipped",
        "Samples at step 1 were skipped",
    ]
