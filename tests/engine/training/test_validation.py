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
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.data import LatentSet, encode_examples, step_seed
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.validation import LEVELS, Validation
from sketchdesk.library.datasets import read_examples

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


def numbered(count: int) -> LatentSet:
    values = torch.arange(count).float().reshape(1, count, 1, 1, 1)
    return LatentSet(values, torch.zeros_like(values), [str(n) for n in range(count)], 1.0)


@pytest.mark.parametrize(("share", "held"), [(0.0, 0), (0.1, 1), (0.01, 1), (0.34, 3), (0.5, 5)])
def test_the_share_is_held_out_and_nothing_is_in_both(share, held):
    shown, held_out = numbered(10).split(share, seed=3)
    assert len(shown) == 10 - held
    assert (len(held_out) if held_out else 0) == held
    captions = shown.captions + (held_out.captions if held_out else [])
    assert sorted(captions, key=int) == [str(n) for n in range(10)]


def test_the_split_depends_on_the_seed_alone_and_latents_stay_with_their_captions():
    assert numbered(40).split(0.25, seed=1)[1].captions == numbered(40).split(0.25, seed=1)[1].captions
    assert numbered(40).split(0.25, seed=1)[1].captions != numbered(40).split(0.25, seed=2)[1].captions
    for part in numbered(40).split(0.25, seed=1):
        assert [str(int(value)) for value in part.mean.flatten()] == part.captions


def test_a_single_example_is_trained_on():
    shown, held_out = numbered(1).split(0.5, seed=0)
    assert (len(shown), held_out) == (1, None)


def test_the_loss_equals_one_computed_apart_from_the_trainer(job):
    model = load_stable_diffusion(Path(job.model), CPU.device, torch.float32)
    examples = read_examples(Path(job.dataset))
    data = encode_examples(examples, model, 32, True, False, 0, Reporter(lambda event: None))
    shown, held_out = data.split(job.validation_share, job.seed)
    loss = Validation(Trainer(job, model, shown, CPU), held_out).loss()

    scheduler = DDPMScheduler.from_config(model.scheduler_config)
    generator = torch.Generator().manual_seed(step_seed(job.seed, 0, 5))
    latents = held_out.mean[0] * held_out.scaling_factor
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
    data = encode_examples(
        read_examples(Path(job.dataset)), model, 32, True, False, 0, Reporter(lambda event: None)
    )
    shown, held_out = data.split(job.validation_share, job.seed)
    trainer = Trainer(job, model, shown, CPU)
    validation = Validation(trainer, held_out)
    first = validation.loss()
    assert validation.loss() == first
    with torch.no_grad():
        for parameter in trainer.parameters:
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
