"""Memory that is kept: in a process of its own, since it holds for good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def faults(how: str, **environment: str) -> int:
    told = subprocess.run(
        [sys.executable, "-c", FAULTS, how], env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return int(told.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of other systems has no such options")
def test_freed_memory_is_used_again_without_a_page_fault():
    default = faults("default", THP_MEM_ALLOC_ENABLE="0")
    assert faults("kept") < default / 20
