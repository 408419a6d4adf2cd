"""Pictures for the judges."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def pictures() -> list[Image.Image]:
    """Seven pictures of different looks and sizes."""
    rng = np.random.default_rng(0)
    sizes = [(32, 32), (64, 48), (20, 90), (128, 128), (31, 33), (40, 40), (32, 64)]
    return [
        Image.fromarray(np.uint8(rng.integers(0, 256, (6, 6, 3)))).resize(size, Image.Resampling.BICUBIC)
        for size in sizes
    ]
