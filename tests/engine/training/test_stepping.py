"""Ways of stepping: fused equals gathered with clipping and without, bf16 rounds fairly, broken steps are skipped."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from torch import nn

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import loop, task
from sketchdesk.engine.training.one_by_one import rounded_at_random
from sketchdesk.engine.training.optimisers import make_optimizer
from sketchdesk.engine.training.stepping import GatheredStep, StepInBackward

CPU = Placement(torch.device("cpu"), torch.float32, 1)
JOB = TrainJob(model="m", dataset="d", out_dir="o", learning_rate=1e-2, optimizer="adamw", max_grad_norm=0.5)
OPTIMISERS = ("adamw", "adamw_8bit", "muon", "adafactor", "lion", "lion_8bit")


def network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(6, 80), nn.Tanh(), nn.Linear(80, 80), nn.Tanh(), nn.Linear(80, 4))


def stepped(stepper_class, job: TrainJob, steps: int = 4, dtype: torch.dtype = torch.float32):
    """A network after some steps, and the norms that were told."""
    made = network().to(dtype)
    named = list(made.named_parameters())
    stepper = stepper_class(job, named, CPU) if stepper_class is GatheredStep else stepper_class(job, named)
    generator, norms = torch.Generator().manual_seed(1), []
    for step in range(steps):
        stepper.set_learning_rate(job.learning_rate)
        inputs = torch.randn(8, 6, generator=generator).to(dtype)
        stepper.backward((made(inputs).float() - 3).square().mean(), step)
        norms.append(stepper.finish(step, True))
    return made, norms


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("limit", [0.5, 0.0], ids=["clipped", "unclipped"])
def test_stepping_within_the_backward_pass_gives_the_same_weights_and_norms(optimizer, limit):
    job = msgspec.structs.replace(JOB, optimizer=optimizer, max_grad_norm=limit)
    gathered, norms = stepped(GatheredStep, job)
    fused, fused_norms = stepped(StepInBackward, job)
    assert min(norms) > 0.5  # so that clipping at it does something
    assert fused_norms == pytest.approx(norms, rel=1e-5)
    for one, other in zip(gathered.parameters(), fused.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("stepper_class", [GatheredStep, StepInBackward])
def test_an_optimiser_in_main_memory_steps_as_one_beside_the_weights(optimizer, stepper_class):
    job = msgspec.structs.replace(JOB, optimizer=optimizer)
    beside, norms = stepped(stepper_class, job)
    elsewhere, others = stepped(stepper_class, msgspec.structs.replace(job, optimizer_device="cpu"))
    assert norms == others
    for one, other in zip(beside.parameters(), elsewhere.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("device", ["same", "cpu"])
def test_the_scaler_of_fp16_scales_back_and_looks_for_its_factor(device):
    """On a processor the scaler works as on a card; only nobody computes in fp16 there."""
    job = msgspec.structs.replace(JOB, optimizer_device=device)
    made, plain = network(), network()
    half = Placement(torch.device("cpu"), torch.float16, 1)
    scaled = GatheredStep(job, list(made.named_parameters()), half)
    unscaled = GatheredStep(job, list(plain.named_parameters()), CPU)
    inputs = torch.randn(8, 6, generator=torch.Generator().manual_seed(0))
    factors = []
    for step in range(4):
        spoilt = 1e38 if step == 1 else 1.0  # times the factor of 65,536 that is no number
        scaled.backward((made(inputs) - 3).square().mean() * spoilt, step)
        norm = scaled.finish(step, True)
        factors.append(scaled._scaler.get_scale())
        assert (norm is None) == (step == 1)
        assert scaled.searches
        if step != 1:
            unscaled.backward((plain(inputs) - 3).square().mean(), step)
            assert unscaled.finish(step, True) == pytest.approx(norm, rel=1e-4)
            assert not unscaled.searches
    assert factors == [65536.0, 32768.0, 32768.0, 32768.0]
    for one, other in zip(made.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_fused_no_gradient_is_left_and_no_more_than_one_is_ever_there():
    made = network()
    stepper = StepInBackward(JOB, list(made.named_parameters()))
    together = []

    def count(_parameter) -> None:
        together.append(sum(parameter.grad is not None for parameter in made.parameters()))

    for parameter in made.parameters():
        parameter.register_post_accumulate_grad_hook(count)
    stepper.backward(made(torch.randn(8, 6)).square().mean(), 0)
    assert max(together) == 1
    assert all(parameter.grad is None for parameter in made.parameters())


@pytest.mark.parametrize("stepper_class", [GatheredStep, StepInBackward])
def test_gradients_that_are_no_numbers_change_nothing(stepper_class):
    made = network()
    named = list(made.named_parameters())
    stepper = stepper_class(JOB, named, CPU) if stepper_class is GatheredStep else stepper_class(JOB, named)
    before = [parameter.detach().clone() for parameter in made.parameters()]
    hidden = made[0](torch.randn(8, 6))
    loss = made[4](made[1](hidden)).square().mean() + (hidden[0, 0] * 0).sqrt()  # 0, with an infinite slope
    assert torch.isfinite(loss)
    stepper.backward(loss, 0)
    assert stepper.finish(0, True) is None
    for one, other in zip(before, made.parameters(), strict=True):
        assert torch.equal(one, other)


def test_rounding_at_random_is_right_on_average_and_goes_only_to_the_two_neighbours():
    value = 1.0 + 0.3 * 2**-7
    rounded = rounded_at_random(torch.full((40_000,), value), torch.Generator().manual_seed(0)).float()
    assert set(rounded.tolist()) == {1.0, 1.0 + 2**-7}
    assert rounded.mean().item() == pytest.approx(value, abs=1e-4)
    exact = torch.tensor([0.0, -1.5, 3.0, float("inf"), -float("inf")])
    assert torch.equal(rounded_at_random(exact, torch.Generator().manual_seed(0)).float(), exact)
    assert rounded_at_random(torch.tensor([float("nan")]), torch.Generator().manual_seed(0)).isnan().all()


@pytest.mark.parametrize("stepper_class", [GatheredStep, StepInBackward])
def test_small_steps_on_weights_in_bf16_add_up(stepper_class):
    """Steps of 1e-4 on weights near 1 are lost when rounded to the nearest: bf16's neighbours are 2⁻⁷ apart."""
    layer = nn.Linear(64, 64, bias=False).bfloat16()
    nn.init.ones_(layer.weight)
    job = msgspec.structs.replace(JOB, optimizer="lion", learning_rate=1e-4, adam_weight_decay=0.0, bf16_weights=True)
    named = list(layer.named_parameters())
    stepper = stepper_class(job, named, CPU) if stepper_class is GatheredStep else stepper_class(job, named)
    for step in range(100):
        stepper.backward(layer(torch.ones(1, 64, dtype=torch.bfloat16)).float().sum(), step)
        stepper.finish(step, True)
    assert layer.weight.dtype == torch.bfloat16
    assert layer.weight.float().mean().item() == pytest.approx(1 - 100 * 1e-4, abs=1e-3)


@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_every_optimiser_goes_on_exactly_from_a_saved_state(optimizer):
    job = msgspec.structs.replace(JOB, optimizer=optimizer, fused_step=True, bf16_weights=True)
    inputs = torch.randn(6, 8, 6, generator=torch.Generator().manual_seed(2)).bfloat16()

    def walk(made, stepper, steps) -> None:
        for step in steps:
            stepper.backward((made(inputs[step]).float() - 3).square().mean(), step)
            stepper.finish(step, True)

    whole = network().bfloat16()
    stepper = StepInBackward(job, list(whole.named_parameters()))
    walk(whole, stepper, range(3))
    weights = {name: value.clone() for name, value in whole.state_dict().items()}
    state = _copied(stepper.state_dict())
    walk(whole, stepper, range(3, 6))
    resumed = network().bfloat16()
    resumed.load_state_dict(weights)
    again = StepInBackward(job, list(resumed.named_parameters()))
    again.load_state_dict(state)
    walk(resumed, again, range(3, 6))
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def _copied(state):
    if isinstance(state, torch.Tensor):
        return state.clone()
    if isinstance(state, dict):
        return {key: _copied(value) for key, value in state.items()}
    return [_copied(value) for value in state] if isinstance(state, list) else state


def test_lion_takes_the_sign_of_its_interpolated_momentum():
    """Chen et al., 2302.06675: w ← w (1 − ηλ) − η sign(β₁ m + (1 − β₁) g), m ← β₂ m + (1 − β₂) g."""
    weight = nn.Parameter(torch.tensor([[1.0, -2.0], [0.5, 3.0]]))
    job = msgspec.structs.replace(JOB, optimizer="lion", adam_beta1=0.8, adam_beta2=0.9, adam_weight_decay=0.1)
    optimizer = make_optimizer(job, [("weight", weight)])
    expected, momentum = weight.detach().clone(), torch.zeros(2, 2)
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        gradient = torch.randn(2, 2, generator=generator)
        weight.grad = gradient.clone()
        optimizer.step()
        expected = expected * (1 - 1e-2 * 0.1) - 1e-2 * (0.8 * momentum + 0.2 * gradient).sign()
        momentum = 0.9 * momentum + 0.1 * gradient
    assert torch.allclose(weight, expected, atol=1e-6)


def test_adafactors_first_step_follows_the_paper():
    """Shazeer & Stern, 1804.04235: at step 1 V is the outer product of rows' and columns' means over their mean."""
    weight = nn.Parameter(torch.zeros(3, 4))
    job = msgspec.structs.replace(JOB, optimizer="adafactor", adam_weight_decay=0.0)
    gradient = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    weight.grad = gradient.clone()
    make_optimizer(job, [("weight", weight)]).step()
    squares = gradient.square() + 1e-30
    second = squares.mean(1, keepdim=True) * squares.mean(0, keepdim=True) / squares.mean()
    update = gradient / second.sqrt()
    update = update / max(1.0, update.square().mean().sqrt().item())
    assert torch.allclose(weight, -1e-2 * update, atol=1e-6)


def tuned(tiny_sd: Path, balls: Path, out: Path, **changes) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(out), train_batch_size=2, optimizer="adamw",
        precision="fp32", num_threads=1, use_ema=False, **({"max_train_steps": 6} | changes),
    )  # fmt: skip


def test_a_loss_that_is_no_number_is_skipped_counted_and_shown(tiny_sd, balls, tmp_path, monkeypatch):
    """The third and fourth steps' losses are spoilt; the run goes on as one that had never seen them."""
    monkeypatch.setattr(loop, "LOG_EVERY_S", 0.0)
    losses = loop.Trainer._losses

    def spoilt(self, micro_step):
        loss, reward = losses(self, micro_step)
        return (loss * float("nan") if micro_step in (2, 3) else loss), reward

    monkeypatch.setattr(loop.Trainer, "_losses", spoilt)
    events: list = []
    result = task.run(tuned(tiny_sd, balls, tmp_path / "run"), Reporter(events.append))
    told = [event.values.get("skipped_steps") for event in events if isinstance(event, MetricLogged)]
    assert told == [None, None, 1, 2, 2, 2]
    assert result["steps"] == 6
    from safetensors.torch import load_file

    weights = load_file(Path(result["output"]) / "unet" / "diffusion_pytorch_model.safetensors")
    assert all(value.isfinite().all() for value in weights.values())


def test_after_so_many_in_a_row_the_run_stops_with_the_reason(tiny_sd, balls, tmp_path, monkeypatch):
    losses = loop.Trainer._losses
    seen: list[int] = []

    def spoilt(self, micro_step):
        seen.append(micro_step)
        loss, reward = losses(self, micro_step)
        return (loss * float("inf") if micro_step not in (0, 3) else loss), reward

    monkeypatch.setattr(loop.Trainer, "_losses", spoilt)
    job = tuned(tiny_sd, balls, tmp_path / "run", max_train_steps=20, non_finite_limit=3)
    with pytest.raises(SketchDeskError) as stopped:
        task.run(job, Reporter(lambda event: None))
    assert stopped.value.kind is ErrorKind.NOT_FINITE
    assert seen == [0, 1, 2, 3, 4, 5, 6]  # one good step between starts the count anew
