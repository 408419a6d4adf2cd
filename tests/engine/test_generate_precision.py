"""Exact drawing in bf16: pictures that nobody tells apart from those in fp32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.paths import resource

ALIKE_GREY_LEVELS = 2.0
PROMPTS = ("a zebra", "a house", "a blue car", "a cat and a dog")


def drawn(precision: str, folder: Path) -> np.ndarray:
    rows = tuple(PromptRow(prompt=prompt, seed=seed) for seed, prompt in enumerate(PROMPTS))
    job = GenerateJob(
        model="demo-base", prompts=rows, out_dir=str(folder), num_inference_steps=20, device="cpu", precision=precision
    )
    events: list = []
    generate.run(job, Reporter(events.append))
    return np.stack([np.asarray(Image.open(event.path), float) for event in events if isinstance(event, ImageSaved)])


@pytest.mark.skipif(not resource("models/demo-base").is_dir(), reason="the demo's models are not in this checkout")
@pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this CPU would only imitate bf16")
def test_pictures_in_bf16_are_those_in_fp32_within_two_grey_levels(tmp_path):
    try:
        fp32, bf16 = (drawn(precision, tmp_path / precision) for precision in ("fp32", "bf16"))
    finally:
        generate.forget_models()
    apart = np.abs(fp32 - bf16).mean(axis=(1, 2, 3))
    assert 0 < apart.mean() <= ALIKE_GREY_LEVELS, apart
