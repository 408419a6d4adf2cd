"""The peak is the most that was held, not what is held at the moment one asks; each job has its own."""

from __future__ import annotations

import sys

import pytest
import torch

from sketchdesk.engine import memory

CPU = torch.device("cpu")
MIB = 2**20 / memory.GIB


def hold_for_a_moment(mib: int) -> None:
    """Write so many MiB, which the C library gives back to the system at once."""
    torch.ones(mib * 2**20, dtype=torch.uint8)


def test_what_was_held_for_a_moment_counts():
    memory.forget_peak(CPU)
    before = memory.peak_gib(CPU)
    hold_for_a_moment(256)
    assert memory.peak_gib(CPU) >= max(before, memory.used_gib(CPU)) + 100 * MIB
    assert memory.peak_gib(CPU) <= before + 400 * MIB


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count from a process's beginning")
def test_a_peak_that_is_forgotten_does_not_count():
    hold_for_a_moment(256)
    held = memory.peak_gib(CPU)
    memory.forget_peak(CPU)
    assert memory.peak_gib(CPU) < held - 100 * MIB
