"""Distribution matching rests where the distributions are the same, and leads there."""

from __future__ import annotations

import pytest
import torch

from sketchdesk.engine.distillation.matching import critic_loss, matching_gradient, noised_further


def clean_of(mean: torch.Tensor, root: torch.Tensor, x: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """E[x0 | x_s] of data N(mean, root rootᵀ), x [B, d]."""
    s, (variances, turn) = s.view(-1, 1), torch.linalg.eigh(root @ root.T)
    turned = (x - (1 - s) * mean) @ turn
    return mean + (turned * (1 - s) * variances / ((1 - s) ** 2 * variances + s**2)) @ turn.T


def gradient(student, teacher, count: int = 20_000) -> torch.Tensor:
    """Mean matching gradient in the parameters (b, A) of G = A z + b, with the exact critic."""
    generator = torch.Generator().manual_seed(0)
    (mean, root) = student
    z, fresh = torch.randn(2, count, len(mean), generator=generator, dtype=torch.float64)
    drawn = mean + z @ root.T
    s = 0.02 + 0.96 * torch.rand(count, generator=generator, dtype=torch.float64)
    noised = noised_further(drawn, torch.tensor(0.0), s, fresh)
    change = matching_gradient(clean_of(*student, noised.x, s), clean_of(*teacher, noised.x, s), drawn)
    return torch.cat([change.mean(dim=0), (change[:, :, None] * z[:, None]).mean(dim=0).flatten()])


TURN = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)


def test_its_gradient_is_zero_at_the_teachers_distribution_and_nowhere_near(closed):
    mean = torch.tensor([0.5, -1.0], dtype=torch.float64)
    root = torch.tensor([[1.0, 0.2], [0.2, 0.6]], dtype=torch.float64)
    at_rest = gradient((mean, root), (mean, root))
    turned = gradient((mean, root @ TURN), (mean, root))
    assert at_rest.abs().max() < 1e-9
    assert turned.abs().max() < 1e-9, "another map to the same distribution is as good"
    assert gradient((mean + 0.2, root), (mean, root)).abs().max() > 0.02
    assert gradient((mean, 1.2 * root), (mean, root)).abs().max() > 0.02


def test_following_it_leads_to_the_teachers_distribution():
    """G = a z + b in 64 equal dimensions, from far away."""
    generator = torch.Generator().manual_seed(0)
    eye, one = torch.eye(64, dtype=torch.float64), torch.ones(64, dtype=torch.float64)
    wanted, b, a = (0.7 * one, 0.6 * eye), -1.0, 1.5
    for number in range(400):
        z, fresh = torch.randn(2, 200, 64, generator=generator, dtype=torch.float64)
        s = 0.02 + 0.96 * torch.rand(200, generator=generator, dtype=torch.float64)
        drawn = b + a * z
        noised = noised_further(drawn, torch.tensor(0.0), s, fresh)
        student = clean_of(b * one, a * eye, noised.x, s)
        change = matching_gradient(student, clean_of(*wanted, noised.x, s), drawn)
        rate = 0.2 * (1 - number / 400)
        b, a = b - rate * float(change.mean()), a - rate * float((change * z).mean())
    assert b == pytest.approx(0.7, rel=0.02)
    assert a == pytest.approx(0.6, rel=0.02)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_noised_further_is_the_teachers_own_path(share):
    """A point of x_r = (1 − r) x0 + r z, noised on to s, has the mean and the spread of x_s."""
    generator = torch.Generator().manual_seed(0)
    clean = 2 + 0.5 * torch.randn(100_000, 1, 1, 1, generator=generator)
    first, fresh = torch.randn(2, *clean.shape, generator=generator)
    s = torch.full((len(clean),), 0.7)
    noised = noised_further((1 - share) * clean + share * first, torch.tensor(share), s, fresh)
    assert noised.x.mean().item() == pytest.approx(0.3 * 2, abs=1e-2)
    assert noised.x.var().item() == pytest.approx((0.3 * 0.5) ** 2 + 0.7**2, rel=2e-2)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_the_critics_loss_is_least_where_it_tells_the_score(share):
    """Points N(1, .3²) at r: x_s is Gaussian, its score known, and the best ẑ is −s times it."""
    generator = torch.Generator().manual_seed(0)
    points = 1 + 0.3 * torch.randn(100_000, 1, 1, 1, generator=generator, dtype=torch.float64)
    fresh = torch.randn(points.shape, generator=generator, dtype=torch.float64)
    s = share + 0.1 + (0.85 - share) * torch.rand(len(points), generator=generator, dtype=torch.float64)
    noised = noised_further(points, torch.tensor(share, dtype=torch.float64), s, fresh)
    wide = s.view(-1, 1, 1, 1)
    kept = (1 - wide) / (1 - share)
    best = wide * (noised.x - kept) / (kept**2 * 0.09 + noised.spread**2)
    least = critic_loss(best, noised)
    for other in (1.05 * best, 0.95 * best, best + 0.05, best - 0.05, best + 0.05 * wide):
        assert critic_loss(other, noised) > least
