"""Every head is the same field: conversions against closed forms, guidance, stock samplers."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from diffusers import DDIMScheduler, TCDScheduler

from sketchdesk.engine.distillation.networks import guided
from sketchdesk.engine.distillation.time_map import length_of
from sketchdesk.engine.distillation.velocity_model import Ends, FlowView, clean_from, velocity_from

HEADS = ["epsilon", "v_prediction", "sample", "velocity"]
NOTHING = torch.empty(0)


def view(closed, head) -> FlowView:
    path = None if head == "velocity" else closed.path
    return FlowView(closed.Exact(closed.gaussian, head, path), head, path)


def points(count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    s = torch.linspace(0.03, 0.93, count, dtype=torch.float64)
    return 2 * torch.randn(count, 3, 1, 1, generator=generator, dtype=torch.float64), s


@pytest.mark.parametrize("head", HEADS)
def test_all_routes_lead_to_the_gaussians_velocity(closed, head):
    x, s = points()
    expected = closed.gaussian.velocity(x, s)
    assert torch.allclose(view(closed, head).velocity(x, s, NOTHING), expected, atol=1e-6, rtol=1e-6)
    ends = view(closed, head).ends(x, s, NOTHING)
    assert torch.allclose(ends.noise - ends.clean, expected, atol=1e-6, rtol=1e-6)
    assert torch.allclose(ends.at(s), x, atol=1e-9)


@pytest.mark.parametrize("head", HEADS[:3])
def test_what_a_head_rightly_says_becomes_both_ends(closed, head):
    generator = torch.Generator().manual_seed(2)
    clean, noise = torch.randn(2, 50, 4, generator=generator, dtype=torch.float64)
    times = torch.linspace(1, 999, 50)
    alpha, sigma = (scale[:, None] for scale in closed.path.scales(times))
    x, share = alpha * clean + sigma * noise, closed.path.noise_share(times)[:, None]
    said = {"epsilon": noise, "v_prediction": alpha * noise - sigma * clean, "sample": clean}[head]
    assert torch.allclose(velocity_from(head, said, x, alpha, sigma), noise - clean, atol=1e-9)
    assert torch.allclose(clean_from(head, said, x, alpha, sigma), clean, atol=1e-9)
    assert torch.allclose(x / (alpha + sigma), (1 - share) * clean + share * noise, atol=1e-12)


@pytest.mark.parametrize("head", HEADS)
def test_guidance_before_the_conversion_is_guidance_after_it(closed, head):
    x, s = points()
    path = None if head == "velocity" else closed.path

    def predict(x, timesteps, states):
        return torch.sin(x * (1 + states.view(-1, 1, 1, 1)))

    def seen(predict) -> torch.Tensor:
        return FlowView(predict, head, path).velocity(x, s, torch.ones(len(x), 1, 1))

    before = seen(guided(predict, lambda count: torch.zeros(count, 1, 1), 4.5))
    without = seen(lambda x, timesteps, states: predict(x, timesteps, 0 * states))
    assert torch.allclose(before, without + 4.5 * (seen(predict) - without), atol=1e-5)


@pytest.mark.parametrize("head", HEADS)
def test_one_step_from_pure_noise_is_the_mean_and_many_are_the_map(closed, head):
    """The blur test: one Euler step gives E[x0] for any noise, and many steps m + Σ^½ z."""
    z = torch.randn(30, 3, 1, 1, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    flow = view(closed, head)
    if head == "velocity":
        blurred = flow.clean(z, torch.ones(30, dtype=torch.float64), NOTHING)
        assert torch.allclose(blurred.flatten(1), closed.gaussian.mean.expand(30, 3), atol=1e-9)
    x, shares = z, flow.own_steps(200).double()
    for now, then in zip(shares[:-1], shares[1:], strict=True):
        x = flow.ends(x, now.expand(30), NOTHING).at(then.expand(30))
    far = 0.04 if head == "velocity" else 0.1  # a schedule takes pure noise for its end, which it is not quite
    assert (x - closed.gaussian.one_step(z)).abs().max() < far


@pytest.mark.parametrize("head", HEADS)
def test_all_routes_lead_to_the_mixtures_velocity_and_along_it_to_its_map(closed, head):
    """Two bumps, whose paths bend: the field is no straight line, and its end is T(z) = F⁻¹(Φ(z))."""
    mixture, path = closed.mixture, None if head == "velocity" else closed.path
    flow = FlowView(closed.Exact(mixture, head, path), head, path)
    x, s = points()
    x = x[:, :1]
    assert torch.allclose(flow.velocity(x, s, NOTHING), mixture.velocity(x, s), atol=1e-6, rtol=1e-6)
    drawn = z = torch.linspace(-2, 2, 41, dtype=torch.float64).view(-1, 1, 1, 1)
    for s in torch.arange(400, 0, -1, dtype=torch.float64) / 400:  # above a schedule's end only the field itself knows
        field = mixture.velocity if s > flow.most_noise else partial(flow.velocity, states=NOTHING)
        drawn = drawn - field(drawn, s.expand(len(z))) / 400
    wanted = mixture.one_step(z)
    assert (drawn - wanted).square().mean() / wanted.var() < 1e-4


@pytest.mark.parametrize("head", HEADS[:3])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_own_steps_are_those_of_the_stock_sampler(closed, head, steps):
    scheduler = DDIMScheduler.from_config({**closed.schedule, "prediction_type": head})
    scheduler.set_timesteps(steps)
    network = closed.Exact(closed.gaussian, head, closed.path)
    stock = torch.randn(5, 3, 1, 1, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    flow, x = view(closed, head), stock
    for timestep in scheduler.timesteps:
        said = network(stock, timestep.expand(5), NOTHING)
        stock = scheduler.step(said, timestep, stock).prev_sample
    shares = flow.own_steps(steps).double()
    for now, then in zip(shares[:-1], shares[1:], strict=True):
        x = flow.ends(x, now.expand(5), NOTHING).at(then.expand(5))
    assert torch.allclose(x, stock, atol=1e-4)


@pytest.mark.parametrize("steps", range(1, 9))
def test_a_loras_own_steps_are_those_of_the_stock_tcd(closed, steps):
    """All but the last, which TCD ends at its least noise instead of none."""
    scheduler = TCDScheduler.from_config(closed.schedule)
    scheduler.set_timesteps(steps)
    network = closed.Exact(closed.gaussian, "epsilon", closed.path)
    shares = FlowView(network, "epsilon", closed.path, "tcd").own_steps(steps)
    assert shares[0] == 1 and shares[-1] == 0
    assert torch.allclose(shares[1:-1], closed.path.noise_share(scheduler.timesteps[1:]).float(), atol=1e-6)


def test_a_piecewise_flows_coefficients_are_one_step_of_ddim(closed):
    """PeRFlow (Yan et al., 2405.07510): x_b = λ x_a + η ε with λ = α_b / α_a, η = σ_b − λ σ_a."""
    (alpha_a, alpha_b), (sigma_a, sigma_b) = closed.path.scales(torch.tensor([750.0, 500.0]))
    clean, noise = torch.randn(2, 1, 3, 1, 1, dtype=torch.float64)
    ratio = alpha_b / alpha_a
    expected = ratio * (alpha_a * clean + sigma_a * noise) + (sigma_b - ratio * sigma_a) * noise
    share = closed.path.noise_share(torch.tensor([500.0]))
    assert torch.allclose(Ends(clean, noise).at(share) / length_of(share), expected, atol=1e-9)
