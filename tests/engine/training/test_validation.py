"""The loss on what was held out: what is held out, what the loss is, and that it says the same when asked again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from diffusers import DDPMScheduler
from PIL import Image, ImageDraw

from sketchdesk.contracts.events import MetricLogged, PreviewReady
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.examples import TrainingSet
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.prepare import find, prepare
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.engine.training.validation import LEVELS, Validation
from sketchdesk.library.dataset.chance import step_seed

CPU = Placement(torch.device("cpu"), torch.float32, 1)


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
        model=str(tiny_sd), dataset=str(dataset), out_dir=str(tmp_path / "run"), max_train_steps=5, train_batch_size=2,
        learning_rate=1e-3, optimizer="adamw", checkpointing_steps=100, validation_steps=2, validation_share=0.34,
        precision="fp32", num_threads=1,
    )  # fmt: skip


def prepared(job: TrainJob, model: StableDiffusion) -> tuple[TrainingSet, TrainingSet | None, TextStates]:
    """What is trained on, what is held out, and their captions' states."""
    data = prepare(job, find(job), model, 32, Reporter(lambda event: None))
    return *data.split(job.validation_share, job.seed), TextStates(model, torch.float32, True, pytest.fail)


def test_the_loss_equals_one_computed_apart_from_the_trainer(job):
    model = load_stable_diffusion(Path(job.model), CPU.device, torch.float32)
    shown, held_out, texts = prepared(job, model)
    loss = Validation(Trainer(job, model, shown, CPU, texts), held_out).loss()

    scheduler = DDPMScheduler.from_config(model.scheduler_config)
    generator = torch.Generator().manual_seed(step_seed(job.seed, 0, 5))
    latents = torch.stack([held_out.still(n) for n in range(len(held_out))])
    noises = torch.randn((len(held_out) * len(LEVELS), *latents.shape[1:]), generator=generator)
    errors = []
    with torch.no_grad():
        for n in range(len(held_out)):
            ids = model.tokenizer(
                held_out.captions[n], padding="max_length", max_length=77, truncation=True, return_tensors="pt"
            ).input_ids
            states = model.text_encoder(ids)[0]
            for level, share in enumerate(LEVELS):
                noise, t = noises[n * len(LEVELS) + level][None], torch.tensor([int(share * 1000)])
                alpha = scheduler.alphas_cumprod[t]
                noisy = alpha.sqrt() * latents[n][None] + (1 - alpha).sqrt() * noise
                said = model.unet(noisy, t, encoder_hidden_states=states).sample
                errors.append(((said - noise) ** 2).mean().item())
    assert loss == pytest.approx(sum(errors) / len(errors), rel=1e-4)


def test_asked_again_it_says_the_same_and_it_follows_the_averaged_weights(job):
    model = load_stable_diffusion(Path(job.model), CPU.device, torch.float32)
    shown, held_out, texts = prepared(job, model)
    trainer = Trainer(job, model, shown, CPU, texts)
    validation = Validation(trainer, held_out)
    first = validation.loss()
    assert validation.loss() == first
    with torch.no_grad():
        for parameter in trainer.trained.parameters:
            parameter.add_(0.05)
    assert validation.loss() == first  # only the weights in training moved
    trainer.ema.update(step=1)  # the first average is the weights themselves
    assert validation.loss() != first


def test_it_is_logged_at_the_start_while_training_and_at_the_end(job):
    events: list = []
    task.run(job, Reporter(events.append))
    logged = [event for event in events if isinstance(event, MetricLogged) and "val_loss" in event.values]
    assert [event.step for event in logged] == [0, 2, 4, 5]
    steps = [event for event in events if isinstance(event, MetricLogged) and "loss" in event.values]
    assert all(event.values["memory_gib"] > 0 for event in steps)


def test_a_run_that_looks_ends_with_the_same_weights_as_one_that_does_not(job, tmp_path):
    from safetensors.torch import load_file

    looking = msgspec.structs.replace(job, validation_prompts=("a red ball",))
    blind = msgspec.structs.replace(job, validation_steps=100, out_dir=str(tmp_path / "blind"))
    ends = [
        load_file(Path(str(task.run(each, Reporter(lambda event: None))["output"])) / "unet"
                  / "diffusion_pytorch_model.safetensors")
        for each in (looking, blind)
    ]  # fmt: skip
    for name, value in ends[0].items():
        assert torch.equal(value, ends[1][name]), name


def test_the_first_picture_is_the_untouched_models(job):
    events: list = []
    task.run(msgspec.structs.replace(job, validation_prompts=("a red ball",)), Reporter(events.append))
    previews = [event for event in events if isinstance(event, PreviewReady)]
    assert [event.step for event in previews] == [0, 2, 4, 5]
    kinds = [type(event).__name__ for event in events]
    assert kinds.index("PreviewReady") < kinds.index("StepDone", kinds.index("PreviewReady"))


def test_held_out_pictures_of_several_shapes_are_each_tried(job, tmp_path):
    for number, size in enumerate([(32, 32), (64, 32), (32, 32), (32, 64)] * 3):
        Image.effect_noise(size, 90).convert("RGB").save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text(f"noise {number}")
    mixed = msgspec.structs.replace(job, dataset=str(tmp_path), aspect_buckets=True, validation_share=0.5)
    model = load_stable_diffusion(Path(job.model), CPU.device, torch.float32)
    shown, held_out, texts = prepared(mixed, model)
    assert len({example.shape for example in held_out.examples}) > 1
    validation = Validation(Trainer(mixed, model, shown, CPU, texts), held_out)
    assert sum(len(tries.captions) for tries in validation.tries) == len(held_out) * len(LEVELS)
    assert 0 < validation.loss() < 10
