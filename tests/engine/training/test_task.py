"""A training run from data set to tuned folder: it learns, resumes exactly, and survives a cancel."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw
from safetensors.torch import load_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, MetricLogged, Notice, PreviewReady
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine import use
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training import task
from sketchdesk.library.training.averaging import ema_decay_at
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    for number, colour in enumerate(("red", "green", "blue", "white", "black", "yellow")):
        picture = Image.new("RGB", (32, 32), "grey")
        ImageDraw.Draw(picture).ellipse((6, 6, 26, 26), fill=colour)
        picture.save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"a {colour} ball")
    return folder


@pytest.fixture
def job(tiny_sd: Path, dataset: Path, tmp_path: Path) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd),
        dataset=str(dataset),
        out_dir=str(tmp_path / "run"),
        max_train_steps=6,
        train_batch_size=2,
        learning_rate=1e-3,
        optimizer="adamw",
        checkpointing_steps=3,
        precision="fp32",
        num_threads=1,
    )


def run(job: TrainJob, sink=lambda event: None) -> dict:
    return task.run(job, Reporter(sink))


def weights(folder: str | Path) -> dict[str, torch.Tensor]:
    return load_file(Path(folder) / "unet" / "diffusion_pytorch_model.safetensors")


def test_the_tuned_folder_loads_in_stock_diffusers_and_differs_from_its_base(job):
    result = run(job)
    pipeline = StableDiffusionPipeline.from_pretrained(result["output"], dtype=torch.float32)
    base = weights(job.model)
    tuned = pipeline.unet.state_dict()
    assert any(not torch.equal(base[name], tuned[name]) for name in base)
    assert result["steps"] == 6


def test_memory_is_told_beside_its_forecast_after_two_steps_and_at_the_end(job):
    events: list = []
    result = run(job, events.append)
    told = [event.message for event in events if isinstance(event, Notice) and "GiB" in event.message]
    assert [message.split(":")[0] for message in told] == ["Memory after 2 steps", "Memory at its most"]
    assert f"{result['memory_gib']:.2f} GiB" in told[1]
    assert told[1].endswith(f"the forecast was {result['memory_forecast_gib']:.2f} GiB.")
    logged = [event.values["memory_gib"] for event in events if isinstance(event, MetricLogged)]
    assert result["memory_gib"] >= max(logged)


def test_how_busy_the_machine_is_and_how_the_average_forgets_are_logged(job, monkeypatch):
    monkeypatch.setattr(use, "LEAST_S", 0.0)
    events: list = []
    run(msgspec.structs.replace(job, use_ema=True), events.append)
    last = [event.values for event in events if isinstance(event, MetricLogged) and "lr" in event.values][-1]
    assert {"cpu", "cpu_all", "memory_now_gib", "memory_gib"} <= set(last)
    assert 0 < last["memory_now_gib"] <= last["memory_gib"]
    assert last["ema_decay"] == ema_decay_at(6, job.ema_decay)


def test_what_is_not_trained_is_copied_byte_for_byte(job):
    output = Path(run(job)["output"])
    for part in ("vae", "text_encoder"):
        for source in (Path(job.model) / part).iterdir():
            assert (output / part / source.name).read_bytes() == source.read_bytes()


def test_the_loss_falls(job):
    events: list = []
    longer = msgspec.structs.replace(job, max_train_steps=150, checkpointing_steps=1000, use_ema=False)
    run(longer, events.append)
    losses = [event.values["loss"] for event in events if isinstance(event, MetricLogged)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("optimizer", ["adamw", "adamw_8bit", "muon"])
def test_a_resumed_run_ends_where_an_uninterrupted_one_does(job, tmp_path, optimizer):
    whole = msgspec.structs.replace(job, optimizer=optimizer, caption_dropout=0.3, noise_offset=0.05)
    expected = weights(run(whole)["output"])
    broken = msgspec.structs.replace(whole, out_dir=str(tmp_path / "broken"))

    def stop_after_checkpoint(event) -> None:
        if isinstance(event, CheckpointSaved):
            reporter.cancel()

    reporter = Reporter(stop_after_checkpoint)
    with pytest.raises(Cancelled):
        task.run(broken, reporter)
    assert checkpoints(tmp_path / "broken" / FOLDER)
    resumed = weights(run(msgspec.structs.replace(broken, resume=True))["output"])
    for name, value in expected.items():
        assert torch.equal(value, resumed[name]), name


def test_cancel_saves_a_checkpoint_first(job):
    def stop_at_once(event) -> None:
        if isinstance(event, MetricLogged):
            reporter.cancel()

    reporter = Reporter(stop_at_once)
    with pytest.raises(Cancelled):
        task.run(job, reporter)
    assert [step for step, _ in checkpoints(Path(job.out_dir) / FOLDER)] == [1]


def test_a_fresh_run_does_not_write_over_an_old_one(job):
    run(job)
    with pytest.raises(SketchDeskError) as refused:
        run(job)
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_resuming_nothing_is_refused(job):
    with pytest.raises(SketchDeskError) as refused:
        run(msgspec.structs.replace(job, resume=True))
    assert refused.value.kind is ErrorKind.NOTHING_TO_RESUME


def test_samples_are_drawn_while_training_and_a_failing_one_does_not_end_the_run(job):
    events: list = []
    sampling = msgspec.structs.replace(job, validation_prompts=("a red ball",), validation_steps=3)
    run(sampling, events.append)
    previews = [event for event in events if isinstance(event, PreviewReady)]
    assert [event.step for event in previews] == [0, 3, 6]
    assert all(Path(event.path).is_file() for event in previews)


def test_a_loss_that_is_no_number_stops_before_it_reaches_the_weights(job):
    with pytest.raises(SketchDeskError) as stopped:
        run(msgspec.structs.replace(job, learning_rate=1e30, max_train_steps=20))
    assert stopped.value.kind is ErrorKind.NOT_FINITE


def test_checkpointing_gradients_does_not_change_the_result(job, tmp_path):
    plain = weights(run(job)["output"])
    frugal = weights(
        run(msgspec.structs.replace(job, gradient_checkpointing=True, out_dir=str(tmp_path / "frugal")))["output"]
    )
    for name, value in plain.items():
        assert torch.allclose(value, frugal[name], atol=1e-5), name


def test_the_tuned_model_says_how_it_was_made_and_draws_as_it_lies_there(job, tmp_path):
    sampling = msgspec.structs.replace(job, validation_prompts=("a red ball",), validation_steps=6)
    (tmp_path / "log").mkdir()
    result = task.run(sampling, Reporter(lambda event: None, run_dir=tmp_path / "log"))
    card = (Path(result["output"]) / "README.md").read_text(encoding="utf-8")
    assert "6 pictures, fingerprint" in card
    assert {"loss.svg", "samples"} <= {path.name for path in Path(result["output"]).iterdir()}
    assert StableDiffusionPipeline.from_pretrained(result["output"], dtype=torch.float32).unet.dtype == torch.float32
