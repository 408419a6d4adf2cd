"""Parts that wait: only the one that is called is on the device, and a training leaves none of them there."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
import torch

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine import allocator
from sketchdesk.engine.device import Placement, matmul_precision
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.offload import MEMORY
from sketchdesk.engine.sampling.text import encode_text
from sketchdesk.engine.training import waiting as module
from sketchdesk.engine.training.ema import Ema, ema_decay_at
from sketchdesk.engine.training.encoding import encode
from sketchdesk.engine.training.waiting import Waiting, load_to_train, without_holes


@pytest.fixture
def moves(monkeypatch):
    """Where each network was sent, by its class."""
    sent: list[tuple[str, str]] = []
    to = torch.nn.Module.to

    def noted(self, *given, **more):
        if given and isinstance(given[0], torch.device | str):
            sent.append((type(self).__name__, str(given[0])))
        return to(self, *given, **more)

    monkeypatch.setattr(torch.nn.Module, "to", noted)
    return sent


def test_the_part_that_is_called_comes_and_the_other_leaves(tiny_sd, moves):
    model = load_stable_diffusion(tiny_sd, MEMORY, torch.float32)
    plain_text = encode_text(model, ["a ball"])
    plain_mean, _ = encode(model, torch.zeros(1, 3, 32, 32))
    device = torch.device("cpu", 0)  # the same memory under another name, so that moves can be told apart
    waiting = Waiting((model.vae, model.text_encoder), device)
    moves.clear()
    assert torch.equal(encode(model, torch.zeros(1, 3, 32, 32))[0], plain_mean)
    assert ("AutoencoderKL", "cpu:0") in moves
    assert ("CLIPTextModel", "cpu:0") not in moves
    moves.clear()
    assert torch.equal(encode_text(model, ["a ball"]), plain_text)
    assert ("CLIPTextModel", "cpu:0") in moves
    assert ("AutoencoderKL", "cpu") in moves
    moves.clear()
    waiting.rest()
    assert sorted(moves) == [("AutoencoderKL", "cpu"), ("CLIPTextModel", "cpu")]
    moves.clear()
    encode_text(model, ["a ball"])
    assert ("CLIPTextModel", "cpu:0") in moves


@pytest.mark.parametrize("text", [False, True])
def test_only_what_is_not_trained_waits_and_on_a_processor_it_sleeps(tiny_sd, monkeypatch, text):
    job = TrainJob(model=str(tiny_sd), dataset="d", out_dir="o", train_text_encoder=text)
    made: list[list[str]] = []

    def noted(networks=(), device=MEMORY) -> Waiting:
        made.append([type(network).__name__ for network in networks])
        return Waiting((), device)

    monkeypatch.setattr(module, "Waiting", noted)
    load_to_train(job, Path(job.model), Placement(torch.device("cpu", 0), torch.float32, 1))
    assert made == [["AutoencoderKL"] if text else ["AutoencoderKL", "CLIPTextModel"]]
    model, waiting = load_to_train(job, Path(job.model), Placement(MEMORY, torch.float32, 1))
    assert len(made) == 1
    waiting.rest()
    numbers = {name: sum(p.numel() for p in getattr(model, name).parameters()) for name in ("vae", "text_encoder")}
    assert numbers["vae"] == 0
    assert (numbers["text_encoder"] > 0) == text
    monkeypatch.undo()
    judged, waiting = load_to_train(
        msgspec.structs.replace(job, reward_weight=0.1), Path(job.model), Placement(MEMORY, torch.float32, 1)
    )
    waiting.rest()
    assert sum(p.numel() for p in judged.vae.parameters()) > 0  # every step decodes with it


def test_what_sleeps_wakes_when_it_is_called_and_says_the_same(tiny_sd):
    job = TrainJob(model=str(tiny_sd), dataset="d", out_dir="o")
    model, waiting = load_to_train(job, tiny_sd, Placement(MEMORY, torch.float32, 1))
    pixels = torch.zeros(1, 3, 32, 32)
    before = encode(model, pixels)[0], encode_text(model, ["a ball"])
    for _turn in range(2):
        waiting.rest()
        assert torch.equal(encode(model, pixels)[0], before[0])
        assert sum(p.numel() for p in model.text_encoder.parameters()) == 0  # nobody called it
        assert torch.equal(encode_text(model, ["a ball"]), before[1])


def test_what_sleeps_does_not_wake_with_other_weights(tiny_sd, tmp_path):
    folder = shutil.copytree(tiny_sd, tmp_path / "model")
    job = TrainJob(model=str(folder), dataset="d", out_dir="o")
    model, waiting = load_to_train(job, folder, Placement(MEMORY, torch.float32, 1))
    waiting.rest()
    (file,) = (folder / "vae").glob("*.safetensors")
    file.write_bytes(file.read_bytes())  # as large as before, and newer
    with pytest.raises(SketchDeskError, match="have changed since the training began"):
        encode(model, torch.zeros(1, 3, 32, 32))
    assert encode_text(model, ["a ball"]).shape[0] == 1  # whose files are as they were
    file.unlink()
    with pytest.raises(SketchDeskError, match="have changed since the training began"):
        encode(model, torch.zeros(1, 3, 32, 32))


@pytest.mark.parametrize(("least", "piece"), [(0, allocator.TRAINED_PIECE_BYTES), (2**40, None)])
def test_a_large_networks_memory_is_given_back_while_it_trains(tiny_model, monkeypatch, least, piece):
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(allocator, "_keeps", True)
    monkeypatch.setattr(allocator, "_set", lambda kept, piece: given.append((kept, piece)))
    monkeypatch.setattr(module, "LARGE_BYTES", least)
    with without_holes(tiny_model, Placement(MEMORY, torch.float32, 1)):
        assert [each for _kept, each in given] == ([piece] if piece else [])
    assert given[1:] == ([(allocator.KEPT_BYTES, allocator.KEPT_PIECE_BYTES)] if piece else [])


def test_on_a_processor_the_precision_of_products_is_left_alone():
    before = torch.get_float32_matmul_precision()
    with matmul_precision(MEMORY, True):
        assert torch.get_float32_matmul_precision() == before


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_average_on_disk_is_the_one_in_memory(tmp_path, dtype):
    torch.manual_seed(0)
    parameters = [torch.nn.Parameter(torch.randn(3, 5).to(dtype)), torch.nn.Parameter(torch.randn(7).to(dtype))]
    here, there = Ema(parameters, 0.9), Ema(parameters, 0.9, torch.device("cpu"), tmp_path / "run" / "average.bin")
    assert (tmp_path / "run" / "average.bin").stat().st_size == 4 * 22
    for step in range(1, 5):
        with torch.no_grad():
            for parameter in parameters:
                parameter.add_(1)
        here.update(step)
        there.update(step)
    for one, other in zip(here.average, there.average, strict=True):
        assert torch.equal(one, other)
        assert other.dtype == torch.float32
    again = Ema(parameters, 0.9, torch.device("cpu"), tmp_path / "other.bin")
    again.load_state_dict(there.state_dict())
    live = [parameter.detach().clone() for parameter in parameters]
    with again.swapped_in():
        assert torch.equal(parameters[0], here.average[0].to(dtype))
    assert all(torch.equal(one, other) for one, other in zip(live, parameters, strict=True))
    assert ema_decay_at(4, 0.9) < 0.9
