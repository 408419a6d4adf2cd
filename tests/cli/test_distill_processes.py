"""One distillation in two processes: the pairs are drawn between them, and the weights are those that one makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from sketchdesk.library.distillation.pairs import open_pairs

PATIENCE_S = 900
PAIRS = 6


@pytest.fixture
def config(tiny_sd: Path, tmp_path: Path) -> Path:
    """All three phases of the tiny model, a step or two each."""
    file = tmp_path / "flow.toml"
    file.write_text(
        f"model = {json.dumps(str(tiny_sd))}\nprompts = ['a dog', 'a cat']\nnum_pairs = {PAIRS - 2}\n"
        "num_held_out_pairs = 2\npairs_batch_size = 1\nnum_inference_steps = 2\nguidance_scale = 1.0\n"
        "reflow_steps = 2\ndistil_steps = 1\nmatching_steps = 2\nvalidation_steps = 1\ncritic_rank = 2\n"
        "train_batch_size = 2\nlearning_rate = 1e-3\nfeature_weight = 0.0\nlr_warmup_steps = 0\nprecision = 'fp32'\n"
        "num_threads = 1\ndevice = 'cpu'\ncheckpointing_steps = 1000\n"
    )
    return file


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model" / "unet" / "diffusion_pytorch_model.safetensors")


@pytest.mark.long
def test_two_processes_make_the_weights_that_one_makes_of_the_same_batches(run, start, config, tiny_sd, tmp_path):
    process = start("distill", str(config), "--processes", "2", "--out", "two", "--json")
    out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert json.loads(out.splitlines()[-1])["steps"] == 5
    assert len(open_pairs(tmp_path / "two" / "pairs", verified=True)) == PAIRS
    assert (tmp_path / "two" / "report.json").is_file()
    assert run("distill", str(config), "--set", "gradient_accumulation_steps=2", "--out", "one").code == 0
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    base = load_file(tiny_sd / "unet" / "diffusion_pytorch_model.safetensors")
    assert any((one[name] - base[name]).abs().max() > 1e-4 for name in one)
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=2e-5, rtol=0)
