"""Selective checkpointing: what blocks keep is counted, the fewest are chosen, and the gradients stay the same."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.recomputing import blocks_of, bytes_kept, fewest_blocks, recompute_only

STATES = torch.zeros(2, 7, 32)


def unet(tiny_sd: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(tiny_sd / "unet").train()


def forward(network: UNet2DConditionModel, count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    noisy = torch.randn(count, 4, 16, 16, generator=generator)
    return network(noisy, torch.full((count,), 5), encoder_hidden_states=STATES[:count], return_dict=False)[0]


def really_kept(network: UNet2DConditionModel) -> int:
    """Bytes of the activations autograd holds after a pass over two pictures; weights are not counted."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    held: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            held[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        said = forward(network, 2)
    assert said.requires_grad
    return sum(storage.nbytes() for storage in held.values())


def test_the_bytes_of_all_blocks_are_those_that_autograd_keeps(tiny_sd):
    network = unet(tiny_sd)
    kept = bytes_kept(network, lambda count: forward(network, count))
    assert set(kept) == {"", *blocks_of(network)}
    assert 2 * sum(kept.values()) == pytest.approx(really_kept(network), rel=0.05)


def test_the_fewest_largest_blocks_are_chosen():
    kept = {"": 10, "a": 50, "b": 30, "c": 20}
    assert fewest_blocks(kept, 110) == []
    assert fewest_blocks(kept, 109) == ["a"]
    assert fewest_blocks(kept, 60) == ["a"]
    assert fewest_blocks(kept, 59) == ["a", "b"]
    assert fewest_blocks(kept, 0) == ["a", "b", "c"]


def test_blocks_that_compute_again_keep_less_and_give_the_same_gradients(tiny_sd):
    network = unet(tiny_sd)
    gradients, sizes = [], []
    for names in ([], ["up_blocks.1"], list(blocks_of(network))):
        recompute_only(network, names)
        sizes.append(really_kept(network))
        network.zero_grad()
        forward(network, 2).square().mean().backward()
        gradients.append([parameter.grad.clone() for parameter in network.parameters()])
    assert sizes[0] > sizes[1] > sizes[2]
    for other in gradients[1:]:
        assert all(torch.allclose(one, two, atol=1e-6) for one, two in zip(gradients[0], other, strict=True))


def test_a_training_with_a_budget_ends_where_one_without_does(tiny_sd, balls, tmp_path):
    job = TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(tmp_path / "a"), max_train_steps=3, train_batch_size=2,
        optimizer="adamw", precision="fp32", num_threads=1, use_ema=False, learning_rate=1e-3,
    )  # fmt: skip
    frugal = msgspec.structs.replace(
        job, out_dir=str(tmp_path / "b"), gradient_checkpointing=True, activation_budget_gib=0.001
    )
    one, other = (
        load_file(Path(task.run(each, Reporter(lambda event: None))["output"]) / "unet" /
                  "diffusion_pytorch_model.safetensors") for each in (job, frugal)
    )  # fmt: skip
    assert all(torch.allclose(one[name], other[name], atol=1e-5) for name in one)
