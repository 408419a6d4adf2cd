"""A checkpoint draws with the weights of its step, and its other networks take no room."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from diffusers import StableDiffusionPipeline

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.checkpoint import load_state
from sketchdesk.library.models.installed import list_models, resolve_model
from sketchdesk.library.paths import training_dir
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints, title_of


@pytest.fixture
def job(tiny_sd: Path, balls: Path, home: Path) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(training_dir() / "balls"), max_train_steps=4,
        train_batch_size=2, learning_rate=1e-2, optimizer="adamw", checkpointing_steps=2, precision="fp32",
        num_threads=1,
    )


def trained(job: TrainJob) -> list[Path]:
    task.run(job, Reporter(lambda event: None))
    return [path for _step, path in checkpoints(Path(job.out_dir) / FOLDER)]


@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize("text_too", [False, True])
def test_it_loads_as_the_model_it_was_with_the_average_where_there_is_one(job, averaged, text_too):
    early, late = trained(msgspec.structs.replace(job, use_ema=averaged, train_text_encoder=text_too))
    model = load_stable_diffusion(resolve_model(str(early)), torch.device("cpu"), torch.float32)
    state = load_state(early)
    names = [name for name, _parameter in model.unet.named_parameters()]
    for number, name in enumerate(names):
        wanted = state["ema"][str(number)] if averaged else state["networks"][0][name]
        assert torch.equal(model.unet.get_parameter(name), wanted)
    stock = StableDiffusionPipeline.from_pretrained(early, dtype=torch.float32)
    assert all(torch.equal(stock.unet.state_dict()[name], value) for name, value in model.unet.state_dict().items())
    ours, theirs = model.text_encoder.state_dict(), stock.text_encoder.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())
    final = load_stable_diffusion(resolve_model(job.out_dir + "/model"), torch.device("cpu"), torch.float32)
    last = load_stable_diffusion(resolve_model(str(late)), torch.device("cpu"), torch.float32)
    assert all(torch.equal(last.unet.state_dict()[name], value) for name, value in final.unet.state_dict().items())


def test_what_was_not_trained_is_linked_and_the_base_stays_as_it_was(job, tiny_sd):
    before = {path: path.read_bytes() for path in tiny_sd.rglob("*") if path.is_file()}
    found = trained(job)[0]
    for part in ("vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"):
        assert (found / part).samefile(tiny_sd / part)
    assert not (found / "unet/diffusion_pytorch_model.safetensors").samefile(
        tiny_sd / "unet/diffusion_pytorch_model.safetensors"
    )
    assert {path: path.read_bytes() for path in tiny_sd.rglob("*") if path.is_file()} == before


def test_a_tuned_checkpoint_of_a_checkpoint_has_nothing_of_the_first_training(job, tmp_path):
    found = trained(job)[0]
    again = msgspec.structs.replace(job, model=str(found), out_dir=str(tmp_path / "again"), use_ema=False)
    second = trained(again)[0]
    assert load_state(second)["step"] == 2
    names = {path.name for path in (tmp_path / "again" / "model").rglob("*")}
    assert not names & {"checkpoint.json", "training_state.safetensors"}


def test_the_list_of_models_offers_each_kept_checkpoint_by_its_step(job):
    found = trained(job)
    entries = {entry.path: entry for entry in list_models()}
    assert [entries[path].problem for path in found] == ["", ""]
    assert [title_of(path) for path in found] == ["balls · step 2", "balls · step 4"]
    assert title_of(found[0].parent) is None


def test_adapters_are_a_lora_file_in_the_checkpoint(job):
    found = trained(msgspec.structs.replace(job, lora_rank=2))
    assert (found[0] / "lora" / "balls.safetensors").is_file()
    assert not (found[0] / "model_index.json").exists()
    assert not any(entry.path in found for entry in list_models())
