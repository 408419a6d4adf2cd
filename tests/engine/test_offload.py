"""Networks that come to a device by turns: who is there when, and that the pictures stay the same.

A test has no card: the processor plays it, so that every hook runs; that a card's memory is freed only a card shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
import torch
from torch import nn

from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate, ladder, memory
from sketchdesk.engine.device import Placement
from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.ladder import Rung, apply, fitting
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.offload import OFFLOADS, Turns
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.source import Source
from sketchdesk.library.models.draw_facts import DrawFacts

CPU = torch.device("cpu")
SETTINGS = DrawSettings(
    num_inference_steps=3, guidance_scale=3.0, sampler="ddim", width=64, height=64, sequential_guidance=True
)
SD1 = DrawFacts(parameters=1_066_000_000, largest_parameters=860_000_000)


@pytest.fixture
def model(tiny_sd) -> Iterator[StableDiffusion]:
    yield load_stable_diffusion(tiny_sd, CPU, torch.float32)


def picture(model: StableDiffusion, source: Source | None = None, settings: DrawSettings = SETTINGS):
    (image,) = draw_batch(model, ["a fox"], ["fog"], [3], settings, source=source).images
    return image


@pytest.mark.parametrize("way", OFFLOADS)
def test_the_pictures_are_the_same_to_the_last_bit_and_so_are_they_afterwards(model, way):
    plain = picture(model)
    drawn_from = picture(model, Source(plain, 0.7))
    apply(model, (way,))
    assert picture(model).tobytes() == plain.tobytes()
    assert picture(model, Source(plain, 0.7)).tobytes() == drawn_from.tobytes()
    apply(model, ())
    assert not model.offloaded
    assert not any(hasattr(module, "_hf_hook") for network in networks(model) for module in network.modules())
    assert picture(model).tobytes() == plain.tobytes()


@pytest.mark.parametrize("way", OFFLOADS)
def test_shortcuts_that_call_single_layers_find_them_where_they_wait(model, way):
    fast = replace(SETTINGS, fast=("feature_caching", "guidance_cutoff"))
    plain = picture(model, settings=fast)
    assert plain.tobytes() != picture(model).tobytes()
    apply(model, (way,))
    assert picture(model, settings=fast).tobytes() == plain.tobytes()


def test_one_that_was_loaded_to_wait_and_never_drew_comes_to_its_device_for_a_job_that_saves_nothing(model):
    model.runs_on = torch.device("meta")  # a card that one can tell from the processor
    apply(model, ())
    assert {parameter.device.type for network in networks(model) for parameter in network.parameters()} == {"meta"}


def test_one_network_is_on_the_device_at_a_time_and_each_comes_once(model, monkeypatch):
    moved: list[tuple[str, str]] = []
    names = dict(zip(map(id, networks(model)), ("text", "unet", "vae"), strict=True))
    card = torch.device("cpu", 0)  # another device by its name, the same by its memory
    real = nn.Module.to

    def to(module: nn.Module, device: torch.device, *more):
        if id(module) in names:
            moved.append((names[id(module)], str(device)))
        return real(module, device, *more)

    model.runs_on = card
    monkeypatch.setattr(nn.Module, "to", to)
    apply(model, ("model_offload",))
    moved.clear()
    picture(model)
    came = [name for name, device in moved if device == "cpu:0"]
    assert came == ["text", "unet", "vae"]
    for number, (name, device) in enumerate(moved):
        if device == "cpu:0":  # the two others had been sent away just before
            assert {other for other, _device in moved[number - 2 : number]} == {"text", "unet", "vae"} - {name}
    assert model.unet._hf_hook.moves == 3


def test_layers_are_empty_but_while_they_compute(model):
    apply(model, ("sequential_offload",))
    inside: list[str] = []
    layer = model.unet.conv_in
    real = layer._old_forward
    layer._old_forward = lambda *given, **more: (inside.append(layer.weight.device.type), real(*given, **more))[1]
    picture(model)
    assert set(inside) == {"cpu"}
    assert all(parameter.is_meta for network in networks(model) for parameter in network.parameters())


def test_the_ladder_goes_on_to_them_only_where_the_device_has_a_memory_of_its_own():
    rung = Rung(savings=("sequential_guidance", "sliced_attention", "tiled_vae"))
    assert rung.lower(1, True) is None
    first = rung.lower(1, True, offloads=True)
    assert first.savings[-1] == "model_offload"
    assert first.lower(1, True, offloads=True).savings[-1] == "sequential_offload"
    assert first.lower(1, True, offloads=True).lower(1, True, offloads=True) is None
    assert "card" in first.words


def test_a_card_too_small_for_the_weights_is_forecast_to_hold_them_by_turns():
    work = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir="out")
    on_the_processor, _needed = fitting(work, SD1, "fp16", 1.2)
    assert not set(on_the_processor.savings) & set(OFFLOADS)
    rung, needed = fitting(work, SD1, "fp16", 1.2, offloads=True)
    assert rung.savings[-1] == "sequential_offload"
    assert needed <= 1.2
    asked = msgspec.structs.replace(work, memory_savings=("model_offload",))
    assert ladder.first_rung(asked, offloads=False) == Rung()
    assert ladder.first_rung(asked, offloads=True) == Rung(savings=("model_offload",))


def test_a_model_that_does_not_fit_is_loaded_once_more_and_waits_outside(tiny_sd, tmp_path, monkeypatch):
    real, asked = generate.load_stable_diffusion, []

    def load(path, device, *more):
        asked.append(device.type)
        if len(asked) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(path, device, *more)

    generate.forget_models()
    monkeypatch.setattr(generate, "load_stable_diffusion", load)
    for module in (generate, memory):
        monkeypatch.setattr(module, "has_own_memory", lambda _device: True)
    said: list = []
    work = GenerateJob(model=str(tiny_sd), prompts=(PromptRow(prompt="a fox"),), out_dir=str(tmp_path))
    placement = Placement(CPU, torch.float32, 1)
    model, rung = generate._loaded(work, placement, Rung(), Reporter(said.append))
    generate.forget_models()
    assert rung.savings == ("model_offload",)
    assert model.device == CPU
    assert [event.message for event in said] == ["Memory ran out; it goes on with less: networks on the card by turns."]


def test_one_that_waited_and_finds_no_room_for_the_next_job_goes_on_by_turns(tiny_sd, tmp_path, monkeypatch):
    card = torch.device("cpu", 0)
    monkeypatch.setattr(generate, "has_own_memory", lambda _device: True)
    said: list = []
    work = GenerateJob(model=str(tiny_sd), prompts=(PromptRow(prompt="a fox"),), out_dir=str(tmp_path))
    placement, reporter = Placement(card, torch.float32, 1), Reporter(said.append)
    generate.forget_models()
    waiting, _rung = generate._loaded(work, placement, Rung(savings=("sequential_offload",)), reporter)
    real = nn.Module.to

    def to(module: nn.Module, device: torch.device, *more):
        if module is waiting.unet and device == card:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(module, device, *more)

    monkeypatch.setattr(nn.Module, "to", to)
    model, rung = generate._loaded(work, placement, Rung(), reporter)
    monkeypatch.undo()
    generate.forget_models()
    assert (model is waiting, rung.savings, model.offloaded) == (True, ("model_offload",), "model_offload")
    assert [event.message for event in said] == ["Memory ran out; it goes on with less: networks on the card by turns."]
    assert picture(model).size == (64, 64)


def networks(model: StableDiffusion) -> tuple[nn.Module, ...]:
    return model.text_encoder, model.unet, model.vae


def test_turns_bring_what_a_network_is_called_with():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    turns = Turns((first, second), CPU)
    given, more = turns.pre_forward(first, torch.ones(2), scale=torch.ones(1))
    assert (given[0].device, more["scale"].device, turns.present) == (CPU, CPU, first)
    turns.pre_forward(first)
    assert turns.moves == 1


def test_after_a_network_found_no_room_the_other_is_brought_again(monkeypatch):
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    turns = Turns((first, second), CPU)
    turns.pre_forward(first)

    def no_room(_device: torch.device) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(second, "to", no_room)
    with pytest.raises(torch.OutOfMemoryError):
        turns.pre_forward(second)
    monkeypatch.setattr(second, "to", lambda _device: second)
    turns.pre_forward(first)
    assert (turns.present, turns.moves) == (first, 2)
