"""Training a LoRA: what is trained and kept, both files, and that drawing with either is drawing with PEFT's own."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import load_file

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, PreviewReady
from sketchdesk.contracts.jobs import LoraUse, TrainJob
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.adapter_targets import TARGETS
from sketchdesk.engine.training.checkpoint import load_state
from sketchdesk.engine.training.lora_files import metadata
from sketchdesk.library.models.installed import list_models
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints

CPU = torch.device("cpu")


@pytest.fixture
def job(tiny_sd: Path, balls: Path, home: Path) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(home / "training" / "balls"), max_train_steps=4,
        train_batch_size=2, learning_rate=1e-2, optimizer="adamw", precision="fp32", num_threads=1, lora_rank=3,
        lora_alpha=6.0, use_ema=False, checkpointing_steps=2,
    )  # fmt: skip


def run(job: TrainJob, sink=lambda event: None) -> Path:
    return Path(task.run(job, Reporter(sink))["output"])


def said(unet) -> torch.Tensor:
    """What a U-Net says of the same input."""
    generator = torch.Generator().manual_seed(5)
    noisy, states = torch.randn(2, 4, 16, 16, generator=generator), torch.randn(2, 7, 32, generator=generator)
    with torch.no_grad():
        return unet.eval()(noisy, torch.tensor([10, 900]), encoder_hidden_states=states).sample


def encoded(text_encoder) -> torch.Tensor:
    with torch.no_grad():
        return text_encoder.eval()(torch.arange(12)[None])[0]


@pytest.mark.parametrize("targets", ["attention", "attention_ff", "all"])
def test_both_files_draw_as_the_trained_network_itself(job, monkeypatch, targets):
    job = msgspec.structs.replace(job, lora_targets=targets, train_text_encoder=True)
    trained = []
    save = task.save_lora
    monkeypatch.setattr(
        task, "save_lora", lambda *given: (trained.append((said(given[4].unet), encoded(given[4].text_encoder))),
                                           save(*given))[1],
    )  # fmt: skip
    kohya = run(job)
    (expected, expected_text), = trained
    base = load_stable_diffusion(Path(job.model), CPU, torch.float32)
    assert (said(base.unet) - expected).abs().max() > 1e-3
    assert (encoded(base.text_encoder) - expected_text).abs().max() > 1e-3
    for file in (kohya, kohya.with_name("pytorch_lora_weights.safetensors")):
        model = load_stable_diffusion(Path(job.model), CPU, torch.float32, (LoraUse(path=str(file)),))
        assert not model.notices
        assert torch.allclose(said(model.unet), expected, atol=1e-5)
        assert torch.allclose(encoded(model.text_encoder), expected_text, atol=1e-5)


def test_stock_diffusers_loads_both_files(job):
    kohya = run(msgspec.structs.replace(job, lora_targets="all", train_text_encoder=True))
    ours = load_stable_diffusion(Path(job.model), CPU, torch.float32, (LoraUse(path=str(kohya)),))
    for name in (kohya.name, "pytorch_lora_weights.safetensors"):
        pipeline = StableDiffusionPipeline.from_pretrained(job.model, dtype=torch.float32)
        pipeline.load_lora_weights(str(kohya.parent), weight_name=name)
        assert torch.allclose(said(pipeline.unet), said(ours.unet), atol=1e-5), name
        assert torch.allclose(encoded(pipeline.text_encoder), encoded(ours.text_encoder), atol=1e-5), name


def test_the_metadata_say_what_other_programs_ask_for(job):
    kohya = run(job)
    with safe_open(kohya, "pt") as file:
        told = file.metadata()
    assert told["modelspec.sai_model_spec"] == "1.0.1"
    assert told["modelspec.architecture"].endswith("/lora")
    assert told["modelspec.title"] == told["ss_output_name"] == "balls"
    assert told["modelspec.resolution"] == "32x32"
    assert (told["ss_network_dim"], told["ss_network_alpha"]) == ("3", "6")
    assert told["ss_network_module"] == "networks.lora"
    assert told["ss_steps"] == "4"
    with safe_open(kohya.with_name("pytorch_lora_weights.safetensors"), "pt") as file:
        settings = json.loads(file.metadata()["lora_adapter_metadata"])
    assert (settings["unet.r"], settings["unet.lora_alpha"]) == (3, 6.0)
    alphas = {name: value for name, value in load_file(kohya).items() if name.endswith(".alpha")}
    assert {float(value) for value in alphas.values()} == {6.0}


def test_card_and_metadata_name_the_pictures_it_was_trained_on_by_one_fingerprint(job):
    kohya = run(job)
    card = (kohya.parent / "README.md").read_text(encoding="utf-8")
    for file in (kohya, kohya.with_name("pytorch_lora_weights.safetensors")):
        with safe_open(file, "pt") as opened:
            told = opened.metadata()
        assert f"fingerprint `{told[task.DATA_FINGERPRINT]}`" in card
        assert f"{told['ss_num_train_images']} pictures" in card
    assert (kohya.parent / "loss.svg").is_file() is False, "nothing was recorded of this run"


@pytest.mark.parametrize(("flows", "told"), [(False, "epsilon"), (True, "velocity")])
def test_the_metadata_say_what_the_base_predicts(job, flows, told):
    model = load_stable_diffusion(Path(job.model), CPU, torch.float32)
    model.rectified_flow = flows
    assert metadata("ink", job, model, 1)["modelspec.prediction_type"] == told


def test_it_appears_in_the_list_once_under_the_runs_name(job):
    kohya = run(job)
    found = [entry for entry in list_models() if entry.family == "lora"]
    assert [(entry.path, entry.problem) for entry in found] == [(kohya, "")]
    assert kohya.name == "balls.safetensors"


@pytest.mark.parametrize("text", [False, True], ids=["unet", "both"])
def test_a_resumed_run_ends_where_an_uninterrupted_one_does(job, tmp_path, text):
    whole = msgspec.structs.replace(job, use_ema=True, train_text_encoder=text)
    expected = load_file(run(whole))
    broken = msgspec.structs.replace(whole, out_dir=str(tmp_path / "broken"))

    def stop(event) -> None:
        if isinstance(event, CheckpointSaved):
            reporter.cancel()

    reporter = Reporter(stop)
    with pytest.raises(Cancelled):
        task.run(broken, reporter)
    resumed = load_file(run(msgspec.structs.replace(broken, resume=True)))
    assert set(resumed) == set(expected)
    for name, value in expected.items():
        assert torch.equal(value, resumed[name]), name


def test_a_checkpoint_holds_only_adapters(job):
    run(job)
    state = load_state(checkpoints(Path(job.out_dir) / FOLDER)[-1][1])
    assert all("lora_" in name for name in state["networks"][0])
    ends = TARGETS["unet"]["attention"]
    assert {name.split(".lora_")[0].endswith(ends) for name in state["networks"][0]} == {True}
    held = sum(tensor.numel() for tensor in state["networks"][0].values())
    moments = [m for one in state["optimizer"]["state"].values() for m in one.values() if m.ndim]
    assert sum(moment.numel() for moment in moments) == 2 * held


def test_a_checkpoint_of_other_adapters_is_refused(job):
    run(msgspec.structs.replace(job, max_train_steps=2))
    other = msgspec.structs.replace(job, resume=True, lora_targets="attention_ff")
    with pytest.raises((SketchDeskError, ValueError)):
        run(other)


def test_samples_while_training_show_the_adapter(job):
    pictures: list[bytes] = []

    def keep(event) -> None:
        if isinstance(event, PreviewReady):
            pictures.append(Path(event.path).read_bytes())

    run(msgspec.structs.replace(job, validation_prompts=("a red ball",), validation_steps=4), keep)
    assert len(pictures) == 2
    assert pictures[0] != pictures[1]


def test_in_bf16_the_base_is_held_in_it_and_the_adapter_in_fp32(job):
    kohya = run(msgspec.structs.replace(job, precision="bf16", validation_prompts=("a red ball",)))
    tensors = load_file(kohya)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    assert any(tensor.abs().max() > 0 for name, tensor in tensors.items() if "lora_up" in name)
