"""What counts as far."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL

from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.losses import DecoderFeatures, pseudo_huber


def test_pseudo_huber_is_its_formula():
    error = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    expected = sum(((square + 0.25) ** 0.5 - 0.5) / 2**0.5 for square in (25.0, 1.0)) / 2
    assert pseudo_huber(error, 0.5).item() == pytest.approx(expected, rel=1e-6)


def test_small_errors_count_by_their_square_and_large_ones_by_their_size():
    one = torch.ones(1, 100)
    small, large = (pseudo_huber(size * one, 1.0).item() for size in (1e-3, 1e3))
    assert pseudo_huber(2e-3 * one, 1.0).item() == pytest.approx(4 * small, rel=1e-3)
    assert pseudo_huber(2e3 * one, 1.0).item() == pytest.approx(2 * large, rel=1e-3)


def test_without_a_width_it_follows_the_size_of_a_sample():
    error = torch.full((2, 400), 0.01)
    assert pseudo_huber(error).item() == pytest.approx(pseudo_huber(error, 0.00054 * 20).item(), rel=1e-6)


CPU = Placement(torch.device("cpu"), torch.float32, 1)


@pytest.fixture
def vae(tiny_sd) -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(tiny_sd, subfolder="vae").requires_grad_(False)


@pytest.fixture
def features(vae) -> DecoderFeatures:
    return DecoderFeatures(vae, CPU)


def test_features_grow_apart_with_the_latents(features):
    generator = torch.Generator().manual_seed(0)
    latents, change = torch.randn(2, 2, 4, 16, 16, generator=generator)
    far = [float(features.distance(latents + size * change, latents)) for size in (0.0, 0.1, 1.0)]
    assert far[0] == 0
    assert 0 < far[1] < far[2]


def test_only_the_students_side_learns(features):
    latents, wanted = (torch.randn(1, 4, 16, 16, requires_grad=True) for _ in range(2))
    features.distance(latents, wanted).backward()
    assert latents.grad is not None
    assert latents.grad.abs().sum() > 0
    assert wanted.grad is None


def test_what_is_computed_once_more_is_the_same(vae):
    latents, wanted = torch.randn(2, 1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    found, saved = [], []
    for recomputes in (False, True):
        given, kept = latents.clone().requires_grad_(), list[int]()

        def keep(tensor: torch.Tensor, kept: list[int] = kept) -> torch.Tensor:
            kept.append(tensor.nbytes)
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            distance = DecoderFeatures(vae, CPU, recomputes).distance(given, wanted)
        distance.backward()
        found.append((distance.item(), given.grad))
        saved.append(sum(kept))
    assert found[0][0] == found[1][0]
    assert torch.equal(found[0][1], found[1][1])
    assert saved[1] < saved[0] / 2
