"""Closed forms: distributions whose velocities, one-step maps and losses are known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.pair_batches import PairBatch
from sketchdesk.engine.distillation.time_map import VPPath
from sketchdesk.engine.distillation.velocity_model import FlowView, Head

SD = {
    "_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000, "set_alpha_to_one": True, "clip_sample": False, "timestep_spacing": "trailing",
    "prediction_type": "epsilon",
}  # fmt: skip


@dataclass
class Gaussian:
    """Data N(m, Σ) in d dimensions, samples as [B, d, 1, 1], in fp64."""

    mean: Tensor
    root: Tensor
    """Σ^½, symmetric."""

    @property
    def deviations(self) -> Tensor:
        """√λ of Σ."""
        return torch.linalg.eigvalsh(self.root)

    def one_step(self, z: Tensor) -> Tensor:
        """Where the flow ends that begins at z: m + Σ^½ z."""
        return self._shaped(self.mean + z.flatten(1) @ self.root)

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """E[z − x0 | x_s] of independent z and x0, at shares s [B]."""
        s, variances = s.double().view(-1, 1), self.deviations**2
        return self._each(x, s, (s - (1 - s) * variances) / ((1 - s) ** 2 * variances + s**2))

    def straight_velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """The same of pairs (z, one_step(z)), whose paths do not cross."""
        s, deviations = s.double().view(-1, 1), self.deviations
        return self._each(x, s, (1 - deviations) / ((1 - s) * deviations + s))

    def clean_vp(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """E[x0 | α x0 + σ z], scales [B]."""
        alpha, sigma, variances = alpha.view(-1, 1), sigma.view(-1, 1), self.deviations**2
        turned = (x.flatten(1).double() - alpha * self.mean) @ self._turn
        return self._shaped(self.mean + (turned * alpha * variances / (alpha**2 * variances + sigma**2)) @ self._turn.T)

    @property
    def _turn(self) -> Tensor:
        return torch.linalg.eigh(self.root).eigenvectors

    def _each(self, x: Tensor, s: Tensor, gains: Tensor) -> Tensor:
        """−m + gain (x − (1 − s) m) along each axis of Σ."""
        turned = (x.flatten(1).double() - (1 - s) * self.mean) @ self._turn
        return self._shaped(-self.mean + (turned * gains) @ self._turn.T)

    @staticmethod
    def _shaped(rows: Tensor) -> Tensor:
        return rows.view(*rows.shape, 1, 1)


@dataclass
class Mixture:
    """.3 N(2, .25) + .7 N(−2, .25) in one dimension; samples as [B, 1, 1, 1]."""

    weights: tuple[float, float] = (0.3, 0.7)
    places: tuple[float, float] = (2.0, -2.0)
    width: float = 0.5

    def one_step(self, z: Tensor) -> Tensor:
        """T(z) = F⁻¹(Φ(z)), by bisection."""
        wanted = torch.special.ndtr(z.double())
        low, high = torch.full_like(wanted, -20.0), torch.full_like(wanted, 20.0)
        for _ in range(80):
            middle = (low + high) / 2
            below = sum(
                w * torch.special.ndtr((middle - p) / self.width)
                for w, p in zip(self.weights, self.places, strict=True)
            )
            low, high = torch.where(below < wanted, middle, low), torch.where(below < wanted, high, middle)
        return (low + high) / 2

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """E[z − x0 | x_s] of independent z and x0."""
        s = s.double().view(-1, 1, 1, 1)
        spread = (1 - s) ** 2 * self.width**2 + s**2
        logs, parts = [], []
        for weight, place in zip(self.weights, self.places, strict=True):
            off = x - (1 - s) * place
            logs.append(torch.log(torch.tensor(weight)) - off.square() / (2 * spread))
            parts.append(-place + (s - (1 - s) * self.width**2) / spread * off)
        shares = torch.softmax(torch.stack(logs), dim=0)
        return (shares * torch.stack(parts)).sum(dim=0)

    def clean_vp(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """E[x0 | α x0 + σ z], scales [B], by Bayes' rule over the two bumps."""
        alpha, sigma = alpha.view(-1, 1, 1, 1), sigma.view(-1, 1, 1, 1)
        spread = alpha**2 * self.width**2 + sigma**2
        logs, means = [], []
        for weight, place in zip(self.weights, self.places, strict=True):
            off = x.double() - alpha * place
            logs.append(torch.log(torch.tensor(weight)) - off.square() / (2 * spread))
            means.append(place + alpha * self.width**2 / spread * off)
        return (torch.softmax(torch.stack(logs), dim=0) * torch.stack(means)).sum(dim=0)


class Exact:
    """A network that answers as the best one would: any head, for data whose E[x0 | x] is known."""

    def __init__(self, data: Gaussian | Mixture, head: Head, path: VPPath | None) -> None:
        self.data, self.head, self.path = data, head, path

    def __call__(self, x: Tensor, timesteps: Tensor, states: Tensor) -> Tensor:
        if self.path is None:
            return -self.data.velocity(x, timesteps / 1000)
        alphas, sigmas = self.path.scales(timesteps)
        cleans = self.data.clean_vp(x, alphas, sigmas)
        alpha, sigma = alphas.view(-1, 1, 1, 1), sigmas.view(-1, 1, 1, 1)
        noise = (x - alpha * cleans) / sigma
        return {"epsilon": noise, "v_prediction": alpha * noise - sigma * cleans, "sample": cleans}[self.head]


class Toy:
    """A student with a network of our choice: what the phases ask of one, and no more."""

    def __init__(self, predict, head: Head = "velocity", path: VPPath | None = None) -> None:
        self.view = FlowView(predict, head, path)
        self.placement = Placement(torch.device("cpu"), torch.float32, 1)

    def ends(self, x, s, captions):
        return self.view.ends(x, s, torch.empty(0))

    def clean(self, x, s, captions):
        return self.ends(x, s, captions).clean

    def velocity(self, x, s, captions):
        return self.view.velocity(x, s, torch.empty(0))


class Small(nn.Module):
    """A network for one dimension, quick to train; timesteps are brought to 0..1."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(
            nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1)
        )

    def forward(self, x: Tensor, timesteps: Tensor, states: Tensor) -> Tensor:
        given = torch.stack([x.float().flatten(), timesteps.float() / 500 - 1], dim=1)
        return self.layers(given).view_as(x)


class Pairs:
    """Pairs of noise and `draw` of it, batches of `size` out of a pool that a seed decides."""

    def __init__(self, draw, shape: tuple[int, ...], size: int, seed: int = 0) -> None:
        self.size = size
        generator = torch.Generator().manual_seed(seed)
        self.noise = torch.randn(max(size, 1 << 14), *shape, generator=generator, dtype=torch.float64)
        self.latents = draw(self.noise)

    def at(self, number: int) -> PairBatch:
        if self.size == len(self.noise):
            chosen = torch.arange(self.size)
        else:
            chosen = torch.randint(len(self.noise), (self.size,), generator=torch.Generator().manual_seed(number))
        return PairBatch(self.noise[chosen].float(), self.latents[chosen].float(), [""] * self.size)


@pytest.fixture
def closed() -> SimpleNamespace:
    """The closed forms and what trains on them."""
    generator = torch.Generator().manual_seed(3)
    some = torch.randn(3, 3, generator=generator, dtype=torch.float64)
    root = some @ some.T / 3 + 0.3 * torch.eye(3, dtype=torch.float64)
    gaussian = Gaussian(torch.tensor([1.0, -0.5, 0.2], dtype=torch.float64), root)
    return SimpleNamespace(
        gaussian=gaussian, mixture=Mixture(), path=VPPath.of(SD), schedule=SD, Exact=Exact, Toy=Toy, Small=Small,
        Pairs=Pairs,
    )  # fmt: skip


@pytest.fixture
def train():
    """Train a network by a phase's loss: Adam, a rate that falls to nothing."""

    def run(network: nn.Module, phase, steps: int, rate: float = 3e-3) -> None:
        optimizer = torch.optim.Adam(network.parameters(), lr=rate)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for number in range(steps):
            optimizer.zero_grad()
            phase.loss(number).backward()
            optimizer.step()
            falling.step()

    return run
