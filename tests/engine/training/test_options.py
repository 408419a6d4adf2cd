"""Options of a training working together, from the job to the tuned folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training import loop, task
from sketchdesk.engine.training.loop import EMA_FILE, Trainer


@pytest.fixture
def job(tiny_sd: Path, balls: Path, tmp_path: Path) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(tmp_path / "run"), max_train_steps=4, train_batch_size=2,
        learning_rate=1e-3, optimizer="adamw", precision="fp32", num_threads=1, checkpointing_steps=2,
    )  # fmt: skip


def tuned(job: TrainJob, sink=lambda event: None) -> dict[str, torch.Tensor]:
    output = Path(task.run(job, Reporter(sink))["output"])
    return load_file(output / "unet" / "diffusion_pytorch_model.safetensors")


@pytest.mark.parametrize("optimizer", ["adamw_8bit", "lion_8bit", "adafactor"])
def test_what_a_small_card_is_trained_with_resumes_exactly(job, tmp_path, optimizer):
    """Weights in bf16, stepped within the backward pass, activations computed again, the average on disk."""
    small = msgspec.structs.replace(
        job, optimizer=optimizer, precision="bf16", bf16_weights=True, fused_step=True, gradient_checkpointing=True,
        ema_device="disk",
    )  # fmt: skip
    expected = tuned(small)
    base = load_file(Path(job.model) / "unet" / "diffusion_pytorch_model.safetensors")
    assert {value.dtype for value in expected.values()} == {torch.float32}  # the average is finer than bf16
    assert any(not torch.equal(base[name], expected[name]) for name in base)
    assert not (Path(small.out_dir) / EMA_FILE).exists()
    broken = msgspec.structs.replace(small, out_dir=str(tmp_path / "broken"))

    def stop(event: object) -> None:
        if isinstance(event, CheckpointSaved):
            reporter.cancel()

    reporter = Reporter(stop)
    with pytest.raises(Cancelled):
        task.run(broken, reporter)
    resumed = tuned(msgspec.structs.replace(broken, resume=True))
    assert all(torch.equal(resumed[name], value) for name, value in expected.items())


@pytest.mark.parametrize("changes", [{"precision": "fp32"}, {"precision": "bf16", "lora_rank": 4}])
def test_weights_in_bf16_are_refused_where_they_make_no_sense(job, changes):
    with pytest.raises(SketchDeskError, match="bf16") as refused:
        task.run(msgspec.structs.replace(job, bf16_weights=True, **changes), Reporter(lambda event: None))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_a_rectified_flow_is_tuned_by_its_velocity_and_stays_one(job, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY_S", 0.0)
    flow = tmp_path / "flow"
    shutil.copytree(job.model, flow)
    index = json.loads((flow / "model_index.json").read_text())
    (flow / "model_index.json").write_text(json.dumps({**index, "_class_name": "RectifiedFlowPipeline"}))
    batches: list = []
    batch = Trainer.batch

    def kept(self: Trainer, number: int):
        batches.append(batch(self, number))
        return batches[-1]

    monkeypatch.setattr(Trainer, "batch", kept)
    events: list = []
    job = msgspec.structs.replace(job, model=str(flow), validation_share=0.34, caption_dropout=1.0, use_ema=False)
    result = task.run(job, Reporter(events.append))
    base, first = load_stable_diffusion(flow, torch.device("cpu"), torch.float32), batches[0]
    s = (1 - first.timesteps / 1000).view(-1, 1, 1, 1)
    ids = base.tokenizer([""] * 2, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    with torch.no_grad():
        said = base.unet(
            (1 - s) * first.noise + s * first.latents, first.timesteps, base.text_encoder(ids)[0], return_dict=False
        )[0]
    expected = (said - (first.latents - first.noise)).square().mean().item()
    losses = [event.values["loss"] for event in events if isinstance(event, MetricLogged) and "loss" in event.values]
    assert losses[0] == pytest.approx(expected, abs=1e-5)
    assert [event for event in events if isinstance(event, MetricLogged) and "val_loss" in event.values]
    assert load_stable_diffusion(Path(result["output"]), torch.device("cpu"), torch.float32).rectified_flow


def test_the_huber_loss_changes_what_is_learnt(job, tmp_path):
    plain = tuned(msgspec.structs.replace(job, use_ema=False))
    huber = tuned(msgspec.structs.replace(job, use_ema=False, loss="huber", out_dir=str(tmp_path / "huber")))
    assert any(not torch.equal(plain[name], huber[name]) for name in plain)
    assert all(value.isfinite().all() for value in huber.values())
