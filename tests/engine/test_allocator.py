"""Memory that is kept: in a process of its own, since it holds for good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sketchdesk.engine import allocator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other C libraries have no such options")
ROOT = Path(__file__).resolve().parents[2]
FAULTS = """
import resource, sys
if sys.argv[1] == "kept":
    from sketchdesk.engine.allocator import keep_memory
    keep_memory()
import torch
torch.ones(2**23)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _number in range(20):
    torch.ones(2**23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

HELD = """
import sys
from contextlib import nullcontext
from sketchdesk.engine.allocator import given_back, keep_memory
keep_memory()
import psutil, torch
with given_back() if sys.argv[1] == "given back" else nullcontext():
    weights = [torch.ones(2**20) for _number in range(100)]
    before = psutil.Process().memory_info().rss
    del weights[:-1]
print((before - psutil.Process().memory_info().rss) // 2**20)
"""


class OldLibrary:
    """A C library as it was: it refuses to keep pieces of more than 32 MiB."""

    def __init__(self) -> None:
        self.options: dict[int, int] = {}

    def mallopt(self, option: int, value: int) -> int:
        if option == -3 and value > 32 * 2**20:
            return 0
        self.options[option] = value
        return 1


def test_a_c_library_that_refuses_large_pieces_keeps_those_it_can(monkeypatch):
    library = OldLibrary()
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda _name: library)
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)
    allocator._set(allocator.KEPT_BYTES, allocator.KEPT_PIECE_BYTES)
    assert library.options == {-1: allocator.KEPT_BYTES, -3: 32 * 2**20}


def told_by(program: str, how: str, **environment: str) -> int:
    told = subprocess.run(
        [sys.executable, "-c", program, how], env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return int(told.stdout)


def test_freed_memory_is_used_again_without_a_page_fault():
    default = told_by(FAULTS, "default", THP_MEM_ALLOC_ENABLE="0")
    assert told_by(FAULTS, "kept") < default / 20


def test_what_is_freed_while_weights_are_laid_down_leaves_no_holes():
    assert told_by(HELD, "given back") > 350  # of 396 MiB
    assert told_by(HELD, "kept") < 50
