"""Repositories of LoRAs and of single weight files: what is taken of them, and what has to be named."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.adapter_files import lora_file
from sketchdesk.library.models.few_steps import few_steps_of
from sketchdesk.library.models.installed import list_models

LORA = "pytorch_lora_weights.safetensors"


def lora(seed: int = 1) -> bytes:
    return save({"unet.down.lora_A.weight": np.full((4, 4), seed, np.float32)})


def problem(fetch, *repos: str) -> SketchDeskError:
    with pytest.raises(SketchDeskError) as caught:
        fetch(*repos)
    return caught.value


def test_a_repository_of_one_lora_is_fetched_and_is_a_lora_here(fetch, hub):
    files = {LORA: lora(), "README.md": b"---\nlicense: openrail++\n---\n", "image.png": b"not needed"}
    hub.add("latent/lcm-lora-sdv1-5", files)
    got = fetch("latent/lcm-lora-sdv1-5")
    assert (got.path / LORA).read_bytes() == files[LORA]
    assert not (got.path / "image.png").exists()
    entry = next(entry for entry in list_models() if entry.path == got.path)
    assert (entry.family, entry.licence, entry.problem) == ("lora", "openrail++", "")
    assert lora_file("lcm-lora-sdv1-5") == lora_file("latent/lcm-lora-sdv1-5") == got.path / LORA
    few = few_steps_of("lcm-lora-sdv1-5")
    assert (few.sampler, few.num_inference_steps) == ("lcm", 4)
    assert fetch("latent/lcm-lora-sdv1-5").path == got.path


def test_a_repository_of_one_weight_file_gives_that_file_under_its_own_name(fetch, hub):
    hub.add("owner/styles", {"ink-4steps.safetensors": lora(), "README.md": b"# Ink"})
    got = fetch("owner/styles")
    assert (got.path.name, got.path.read_bytes()) == ("ink-4steps.safetensors", lora())
    assert lora_file("owner/styles") == got.path


def test_of_several_weight_files_one_is_to_be_named(fetch, hub):
    hub.add("owner/styles", {"ink.safetensors": lora(1), "chalk.safetensors": lora(2)})
    error = problem(fetch, "owner/styles")
    assert error.kind is ErrorKind.BAD_INPUT
    assert "chalk.safetensors, ink.safetensors" in error.message
    assert fetch("owner/styles", file="chalk.safetensors").path.read_bytes() == lora(2)


def test_a_lora_that_can_run_code_is_told_as_such(fetch, hub):
    hub.add("owner/old", {"pytorch_lora_weights.bin": b"a pickle", "README.md": b"# Old"})
    assert problem(fetch, "owner/old").kind is ErrorKind.UNSAFE_WEIGHTS


def test_a_file_of_a_common_name_is_called_as_its_repository(fetch, hub):
    hub.add("owner/ink-style", {LORA: lora()})
    assert fetch("owner/ink-style", file=LORA).path.name == "ink-style.safetensors"
