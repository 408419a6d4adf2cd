"""Gradients that wait in half the room: the weights are those of a step that keeps them whole, bit by bit."""

from __future__ import annotations

import msgspec
import pytest
import torch
from torch import nn

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.training import halved
from sketchdesk.engine.training.halved import HalvedStep
from sketchdesk.engine.training.stepping import GatheredStep, StepInBackward, make_stepper

HALF = Placement(torch.device("cpu"), torch.bfloat16, 1)
JOB = TrainJob(model="m", dataset="d", out_dir="o", learning_rate=1e-2, max_grad_norm=0.5, precision="bf16")
OPTIMISERS = ("adamw", "adamw_8bit", "muon", "adafactor", "lion", "lion_8bit")


class Network(nn.Module):
    """Layers of the kinds a U-Net has; autocast computes its norm in fp32."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.norm = nn.Conv2d(3, 32, 3, padding=1), nn.GroupNorm(4, 32)
        self.second, self.last = nn.Conv2d(32, 16, 3, padding=1), nn.Linear(16, 80)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.second(self.norm(self.first(x)).relu()).mean((2, 3)))


def stepped(kind, job: TrainJob, state: dict | None = None, made: Network | None = None, steps: range = range(4)):
    made = made or Network()
    named = list(made.named_parameters())
    stepper = kind(job, named, HALF) if kind is GatheredStep else kind(job, named)
    if state:
        stepper.load_state_dict(state)
    norms = []
    for step in steps:
        stepper.set_learning_rate(job.learning_rate / (step + 1))
        inputs = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        with torch.autocast("cpu", torch.bfloat16):
            said = made(inputs)
        stepper.backward((said.float() - 3).square().mean(), step)
        norms.append(stepper.finish(step, True))
    return made, stepper, norms


def the_same(one: nn.Module, other: nn.Module) -> bool:
    return all(map(torch.equal, one.parameters(), other.parameters()))


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("limit", [0.5, 0.0], ids=["clipped", "unclipped"])
def test_it_steps_as_one_that_keeps_them_whole(optimizer, limit, monkeypatch):
    monkeypatch.setattr(halved, "TOGETHER_BYTES", 8000)  # so that the optimiser is given them in parts
    job = msgspec.structs.replace(JOB, optimizer=optimizer, max_grad_norm=limit)
    whole, _stepper, norms = stepped(GatheredStep, job)
    other, _halved, told = stepped(HalvedStep, job)
    assert told == norms
    assert min(norms) > 0.5  # so that clipping at it does something
    assert the_same(whole, other)


def test_gradients_of_layers_in_half_precision_wait_in_half_the_room_and_others_as_they_are():
    made = Network()
    stepper = HalvedStep(JOB, list(made.named_parameters()))
    with torch.autocast("cpu", torch.bfloat16):
        loss = made(torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))).float().square().mean()
    stepper.backward(loss, 0)
    kept = {name: stepper._waiting[parameter].dtype for name, parameter in made.named_parameters()}
    assert {kept[name] for name in ("first.weight", "second.weight", "last.weight")} == {torch.bfloat16}
    assert kept["norm.weight"] == torch.float32
    assert all(parameter.grad is None for parameter in made.parameters())


def test_a_gradient_is_halved_only_where_nothing_is_lost():
    exact = torch.randn(8, 8, generator=torch.Generator().manual_seed(0)).bfloat16().float()
    assert torch.equal(halved.halved(exact).float(), exact)
    assert halved.halved(exact).dtype == torch.bfloat16
    finer = exact.clone()
    finer[7, 7] = 1 + 2**-20
    assert torch.equal(halved.halved(finer), finer)
    assert torch.equal(halved.halved(exact.t()).float(), exact.t())
    lost = torch.tensor([[float("nan"), float("inf")]])
    assert halved.halved(lost).float().isnan().tolist() == [[True, False]]


@pytest.mark.parametrize(("first", "then"), [(GatheredStep, HalvedStep), (HalvedStep, GatheredStep)])
def test_one_way_goes_on_from_the_other_s_checkpoint(first, then):
    job = msgspec.structs.replace(JOB, optimizer="adamw")
    expected, _stepper, _norms = stepped(first, job)
    made, stepper, _norms = stepped(first, job, steps=range(2))
    made, _again, _norms = stepped(then, job, stepper.state_dict(), made, range(2, 4))
    assert the_same(expected, made)


def test_gradients_that_are_no_numbers_change_nothing_and_leave_nothing():
    made = Network()
    before = [parameter.detach().clone() for parameter in made.parameters()]
    stepper = HalvedStep(JOB, list(made.named_parameters()))
    stepper.backward(made(torch.zeros(1, 3, 4, 4)).sum() * float("nan"), 0)
    assert stepper.finish(0, True) is None
    assert all(map(torch.equal, before, made.parameters()))
    stepper.backward(made(torch.zeros(1, 3, 4, 4)).sum(), 1)
    assert stepper.finish(1, is_sound=False) is None
    assert all(map(torch.equal, before, made.parameters()))
    assert not stepper._waiting


def test_it_is_taken_for_large_networks_in_half_precision_on_a_processor(monkeypatch):
    named = list(Network().named_parameters())

    def kind(placement: Placement = HALF, processes: int = 1, **changes: object) -> type:
        return type(make_stepper(msgspec.structs.replace(JOB, **changes), named, placement, processes))

    assert kind() is GatheredStep
    monkeypatch.setattr(halved, "LARGE_BYTES", 1000)
    assert kind() is HalvedStep
    assert kind(fused_step=True) is StepInBackward
    others = (
        kind(processes=2), kind(gradient_accumulation_steps=2), kind(bf16_weights=True), kind(lora_rank=4),
        kind(Placement(torch.device("cpu"), torch.float32, 1)),
    )  # fmt: skip
    assert set(others) == {GatheredStep}
