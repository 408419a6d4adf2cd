"""What this machine's CPU can do in bf16: a large matrix product, and the convolution a U-Net is made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SIDE, CHANNELS, CELLS = 4096, 320, 64


def measured_peak(threads: int) -> tuple[float, float]:
    """Return GFLOP/s of a matrix product (4096³) and of a 3 x 3 convolution (320 channels, 64 x 64, two images)."""
    told = subprocess.run(
        [sys.executable, __file__], env={**os.environ, "OMP_NUM_THREADS": str(threads)}, capture_output=True,
        text=True, check=True,
    ).stdout  # fmt: skip
    matrix, convolution = json.loads(told.splitlines()[-1])
    return matrix, convolution


def measure() -> tuple[float, float]:
    """Measure in this process."""
    import torch
    import torch.nn.functional as F
    from torch.utils.benchmark import Timer

    dtype, batch = torch.bfloat16, 2
    one, other = (torch.randn(SIDE, SIDE, dtype=dtype) for _number in range(2))
    image = torch.randn(batch, CHANNELS, CELLS, CELLS, dtype=dtype).to(memory_format=torch.channels_last)
    kernel = torch.randn(CHANNELS, CHANNELS, 3, 3, dtype=dtype).to(memory_format=torch.channels_last)
    names = {"torch": torch, "F": F, "one": one, "other": other, "image": image, "kernel": kernel}
    rates = []
    for statement, flops in (
        ("torch.mm(one, other)", 2 * SIDE**3),
        ("F.conv2d(image, kernel, padding=1)", 2 * batch * CELLS**2 * CHANNELS**2 * 9),
    ):
        timer = Timer(statement, globals=names, num_threads=torch.get_num_threads())
        rates.append(flops / timer.blocked_autorange(min_run_time=2).median / 1e9)
    return rates[0], rates[1]


if __name__ == "__main__":
    print(json.dumps(measure()))
