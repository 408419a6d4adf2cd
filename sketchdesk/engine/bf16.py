"""Is bf16 faster than fp32 on this very processor? Tried once with the layers that drawing is made of, and remembered.

Flags do not tell: processors that take bf16 instructions have been seen to compute it up to 499 times slower.
"""

from __future__ import annotations

import functools
import logging
import math
import os
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import torch
import torch.nn.functional as F
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.paths import bf16_file

PROBE_VARIABLE = "SKETCHDESK_PROBE"
"""“off” measures nothing; a processor then counts as no faster in bf16."""
FASTER = 1.1
"""At least so many times as fast: less is not worth the lost digits."""
_TOKENS, _WIDTH, _SIDE, _CHANNELS = 1024, 640, 32, 320
_ROUNDS = 6
_HOPELESS = 20
"""So many times slower at the first try is no accident."""

log = logging.getLogger(__name__)


class Finding(Struct, frozen=True, kw_only=True):
    """What was measured, and on what: another processor or another torch is measured anew."""

    cpu: str
    torch: str
    speedup: float
    """Seconds in fp32 over seconds in bf16."""


def is_faster() -> bool:
    """Return whether this processor draws faster in bf16; measured at the first call ever, in a second or two."""
    if os.environ.get(PROBE_VARIABLE) == "off":
        return False
    return finding().speedup >= FASTER


def finding() -> Finding:
    """Return what is known of this processor, measuring it where nothing is."""
    here = Finding(cpu=cpu_name(), torch=str(torch.__version__), speedup=0.0)
    with suppress(OSError, msgspec.DecodeError, UnicodeError):
        known = msgspec.json.decode(bf16_file().read_bytes(), type=Finding)
        if msgspec.structs.replace(known, speedup=0.0) == here:
            return known
    measured = msgspec.structs.replace(here, speedup=round(measure(), 2))
    log.info("bf16 is %.2f times as fast as fp32 on %s", measured.speedup, measured.cpu)
    try:
        write_json(bf16_file(), measured)
    except (OSError, SketchDeskError) as error:
        log.warning("what was measured could not be noted: %s", error)  # it is measured again next time
    return measured


@torch.no_grad()
def measure() -> float:
    """Return how many times as fast a linear and a convolution layer are in bf16.

    The best of several tries each, by turns, so that what else the machine does now slows both alike; the first, which
    prepares kernels, is never the best.
    """
    return ratio(_layers(torch.float32), _layers(torch.bfloat16))


def ratio(one: Callable[[], object], other: Callable[[], object]) -> float:
    """Return the seconds `one` takes over those that `other` takes; where that is hopeless it is not tried on."""
    best = [math.inf, math.inf]
    for _number in range(_ROUNDS):
        for place, work in enumerate((one, other)):
            began = time.perf_counter()
            work()
            best[place] = min(best[place], time.perf_counter() - began)
        if best[1] > _HOPELESS * best[0]:
            break
    return best[0] / best[1]


def _layers(dtype: torch.dtype) -> Callable[[], object]:
    tokens, weights = torch.ones(_TOKENS, _WIDTH, dtype=dtype), torch.ones(_WIDTH, _WIDTH, dtype=dtype)
    image = torch.ones(1, _CHANNELS, _SIDE, _SIDE, dtype=dtype)
    kernel = torch.ones(_CHANNELS, _CHANNELS, 3, 3, dtype=dtype)
    return lambda: (F.linear(tokens, weights), F.conv2d(image, kernel, padding=1))


@functools.cache
def cpu_name() -> str:
    """Return what the processor is called."""
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        for line in file:
            key, _colon, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
