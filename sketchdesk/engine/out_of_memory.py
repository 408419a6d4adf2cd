"""Memory that ran out: how it is recognised, and how what can be given back is given back. Imports no torch."""

from __future__ import annotations

import gc
import sys

_SAID_SO = (
    "out of memory", "can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED", "unable to find an engine to execute this computation",
)  # fmt: skip
"""By CUDA and MPS; by torch's allocator for the CPU on Linux and macOS, and on Windows; by cuBLAS; by cuDNN, the second
where no convolution fits into what is left (pytorch issue 108645)."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory ran out: Python's own error, torch's, or a RuntimeError of a backend that says so."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _SAID_SO)


def give_memory_back() -> None:
    """Free what nobody holds any more, so that what comes next starts with all there is."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
