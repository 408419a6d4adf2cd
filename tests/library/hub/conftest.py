"""Models for the fake hub."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from safetensors.numpy import save

from sketchdesk.library.hub.patience import Patience

QUICK = Patience(tries=4, first_wait_s=0.01, longest_wait_s=0.02, longest_asked_s=2.0, silence_s=5.0)
REPO = "owner/tiny"


def weights(seed: int, count: int = 20_000) -> bytes:
    """A safetensors file of about 80 kB."""
    return save({"a": np.random.default_rng(seed).standard_normal(count).astype(np.float32)})


def pipeline() -> dict[str, bytes]:
    """A repository with more in it than a pipeline needs."""
    index = {
        "_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"], "feature_extractor": [None, None],
    }  # fmt: skip
    return {
        "model_index.json": json.dumps(index).encode(),
        "README.md": b"---\nlicense: openrail++\n---\n# Tiny\n",
        "unet/config.json": b'{"in_channels": 4}',
        "unet/diffusion_pytorch_model.safetensors": weights(1),
        "unet/diffusion_pytorch_model.fp16.safetensors": weights(2, 10_000),
        "unet/diffusion_pytorch_model.non_ema.safetensors": weights(3),
        "unet/diffusion_pytorch_model.bin": b"a pickle",
        "vae/config.json": b"{}",
        "vae/diffusion_pytorch_model.safetensors": weights(4, 5_000),
        "tokenizer/vocab.json": b'{"a": 1}',
        "tokenizer/merges.txt": b"",
        "safety_checker/config.json": b"{}",
        "safety_checker/model.safetensors": weights(5),
        "single-file.safetensors": weights(6),
        "picture.png": b"not needed",
    }


NEEDED = {
    "model_index.json", "README.md", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors", "tokenizer/vocab.json", "tokenizer/merges.txt",
}  # fmt: skip


@pytest.fixture
def tiny(hub) -> dict[str, bytes]:
    """The files of REPO on the hub."""
    files = pipeline()
    hub.add(REPO, files)
    return files


@pytest.fixture
def fetch(hub, heard) -> Callable[..., object]:
    """Fetch a model as a job would, with little patience."""
    from sketchdesk.contracts.jobs import DownloadJob
    from sketchdesk.library.hub.fetch import fetch_model

    def fetch(*repos: str, **fields: str):
        return fetch_model(DownloadJob(repos=repos or (REPO,), **fields), heard, QUICK)

    return fetch
