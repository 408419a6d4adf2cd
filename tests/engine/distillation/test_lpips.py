"""LPIPS is its formula, evaluated here by hand, and reads the names that its weights have in other programs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from safetensors.torch import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation import task
from sketchdesk.engine.distillation.losses import DecoderFeatures
from sketchdesk.engine.distillation.lpips import PictureLikeness, read_lpips
from sketchdesk.engine.distillation.one_step import likeness
from sketchdesk.engine.reporter import Reporter

CPU = Placement(torch.device("cpu"), torch.float32, 1)

SLICES = {0: 1, 2: 1, 5: 2, 7: 2, 10: 3, 12: 3, 14: 3, 17: 4, 19: 4, 21: 4, 24: 5, 26: 5, 28: 5}
"""Convolution → the slice that LPIPS's own program counts it to."""
WIDTHS = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256), 14: (256, 256),
          17: (256, 512), 19: (512, 512), 21: (512, 512), 24: (512, 512), 26: (512, 512), 28: (512, 512)}  # fmt: skip
ENDS = {2: 64, 7: 128, 14: 256, 21: 512, 28: 512}
"""The last convolution of each block, and its channels."""


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    """Weights by chance, in the names of LPIPS's own program."""
    generator = torch.Generator().manual_seed(0)
    found = {}
    for number, (before, after) in WIDTHS.items():
        name = f"net.slice{SLICES[number]}.{number}"
        found[f"{name}.weight"] = torch.randn(after, before, 3, 3, generator=generator) / (3 * before**0.5)
        found[f"{name}.bias"] = 0.1 * torch.randn(after, generator=generator)
    for block, width in enumerate(ENDS.values()):
        found[f"lin{block}.model.1.weight"] = torch.rand(1, width, 1, 1, generator=generator)
    return found | {"scaling_layer.shift": torch.zeros(1, 3, 1, 1)}


@pytest.fixture(scope="module")
def file(weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("lpips") / "lpips.safetensors"
    save_file(weights, place)
    return place


def by_hand(weights: dict[str, torch.Tensor], one: torch.Tensor, other: torch.Tensor) -> float:
    """Each picture layer by layer, each place of each block by itself."""
    total, block = 0.0, 0
    red_green_blue = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).view(2, 1, 3, 1, 1)
    pair = [((picture + 1) / 2 - red_green_blue[0]) / red_green_blue[1] for picture in (one, other)]
    for number in WIDTHS:
        name = f"net.slice{SLICES[number]}.{number}"
        pair = [F.relu(F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)) for x in pair]
        if number not in ENDS:
            continue
        weight = weights[f"lin{block}.model.1.weight"].flatten()
        _count, _width, height, width = pair[0].shape
        for row in range(height):
            for column in range(width):
                here, there = (x[0, :, row, column] / x[0, :, row, column].norm() for x in pair)
                total += float(((here - there) ** 2 @ weight) / (height * width))
        block += 1
        pair = [F.max_pool2d(x, 2, 2) for x in pair] if block < len(ENDS) else pair
    return total


def test_it_is_its_formula(weights, file):
    one, other = (torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1 for seed in (1, 2))
    network = read_lpips(file)
    assert float(network(one, other)) == pytest.approx(by_hand(weights, one, other), rel=1e-3)
    assert float(network(one, one)) == 0


def test_the_names_of_torchvisions_vgg_do_as_well(weights, file, tmp_path):
    plain = {
        name.replace(f"net.slice{SLICES.get(int(name.split('.')[2]), 0)}.", "features.") if "slice" in name
        else name.replace("lin", "lins."): value
        for name, value in weights.items() if "scaling" not in name
    }  # fmt: skip
    assert "features.28.bias" in plain
    assert "lins.4.model.1.weight" in plain
    save_file(plain, tmp_path / "plain.safetensors")
    one, other = read_lpips(file).state_dict(), read_lpips(tmp_path / "plain.safetensors").state_dict()
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_other_weights_are_refused(weights, tmp_path):
    save_file({name: value for name, value in weights.items() if "lin" not in name}, tmp_path / "vgg.safetensors")
    with pytest.raises(SketchDeskError) as refused:
        read_lpips(tmp_path / "vgg.safetensors")
    assert refused.value.kind is ErrorKind.BAD_INPUT
    with pytest.raises(SketchDeskError) as missing:
        read_lpips(tmp_path / "nothing.safetensors")
    assert missing.value.kind is ErrorKind.MODEL_NOT_FOUND


def test_a_job_that_names_them_is_judged_by_them_and_told_at_once_where_they_are_not_there(tiny_sd, file, tmp_path):
    vae = AutoencoderKL.from_pretrained(tiny_sd, subfolder="vae").requires_grad_(False)
    student: Any = SimpleNamespace(model=SimpleNamespace(vae=vae), placement=CPU)
    plain = DistillJob(model=str(tiny_sd), out_dir=str(tmp_path / "out"), prompts=("a dog",))
    assert isinstance(likeness(plain, student), DecoderFeatures)
    named = msgspec.structs.replace(plain, lpips_weights=str(file))
    assert isinstance(likeness(named, student), PictureLikeness)
    with pytest.raises(SketchDeskError):
        task.run(msgspec.structs.replace(plain, lpips_weights="nothing.safetensors"), Reporter(lambda _event: None))
    assert not (tmp_path / "out").exists(), "before anything is drawn"


def test_latents_are_judged_by_their_pictures_and_only_the_students_learn(tiny_sd, file):
    vae = AutoencoderKL.from_pretrained(tiny_sd, subfolder="vae").requires_grad_(False)
    judge = PictureLikeness(vae, read_lpips(file), CPU)
    generator = torch.Generator().manual_seed(0)
    latents, wanted = (torch.randn(1, 4, 8, 8, generator=generator).requires_grad_() for _ in range(2))
    distance = judge.distance(latents, wanted)
    distance.backward()
    assert latents.grad is not None
    assert torch.isfinite(latents.grad).all()
    assert latents.grad.abs().sum() > 0
    assert wanted.grad is None
    assert judge.distance(wanted, wanted) == 0
    assert 0 < judge.distance(0.9 * wanted + 0.1 * latents, wanted) < distance
