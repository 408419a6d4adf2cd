"""Where a job computes and in which precision: chosen once, by what the machine can really do."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.engine import bf16, memory
from sketchdesk.engine.reporter import Reporter

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_PRECISIONS = {dtype: name for name, dtype in DTYPES.items()}
_NATIVE_BF16 = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")
"""CPU capabilities under which bf16 is computed in hardware rather than slowly imitated."""


@dataclass(frozen=True)
class Placement:
    """The device, the precision and the number of CPU threads a job runs with."""

    device: torch.device
    dtype: torch.dtype
    num_threads: int

    @property
    def precision(self) -> str:
        """The precision's short name: fp32, bf16 or fp16."""
        return _PRECISIONS[self.dtype]


def place(device: str, precision: str, num_threads: int | None = None) -> Placement:
    """Choose where a job runs and set torch's thread count for it.

    "auto" takes the first CUDA device, else Apple's GPU, else the CPU; and the first precision of `precisions`.

    Raises:
        SketchDeskError: DEVICE_MISSING, PRECISION_UNSUPPORTED.
    """
    target = _find_device(device)
    if precision == "auto":
        precision = precisions(target)[0]
    elif precision not in (allowed := _allowed(target)):
        raise SketchDeskError(ErrorKind.PRECISION_UNSUPPORTED, precision, f"device {target} offers {allowed}")
    torch.set_num_threads(num_threads or _default_threads())
    return Placement(target, DTYPES[precision], torch.get_num_threads())


def precisions(device: torch.device) -> tuple[str, ...]:
    """Return the precisions a device computes in natively, the preferred one first.

    On a CPU that is bf16 only where it was measured to be faster, not where the processor merely says it can.
    """
    if device.type == "cuda":
        return ("bf16", "fp16", "fp32") if _card_has_bf16(device) else ("fp16", "fp32")
    if device.type == "mps":
        return ("fp16", "fp32")
    if not _cpu_has_bf16():
        return ("fp32",)
    return ("bf16", "fp32") if bf16.is_faster() else ("fp32", "bf16")


@contextmanager
def matmul_precision(device: torch.device, allow_tf32: bool) -> Iterator[None]:
    """Run a block in which a CUDA device may multiply fp32 matrices with TF32's 10 bits of fraction, or may not.

    Other devices are left alone: on some CPUs the same switch would change fp32 results.
    """
    if device.type != "cuda":
        yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if allow_tf32 else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _allowed(device: torch.device) -> tuple[str, ...]:
    """Return the precisions one may ask for. A CPU that must imitate bf16 is allowed to: it halves the memory."""
    return ("fp32", "bf16") if device.type == "cpu" else precisions(device)


def devices() -> list[torch.device]:
    """Return every device of this machine, the one "auto" takes first."""
    found = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(torch.device("mps"))
    return [*found, torch.device("cpu")]


def probe(job: ProbeJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Try each device in each precision with a small product and say what works. The engine's task for ProbeJob."""
    found = devices()
    reporter.stage("probing", total=len(found))
    for index, device in enumerate(found):
        working = tuple(name for name in precisions(device) if _computes(device, DTYPES[name]))
        if working:
            reporter.emit(
                DeviceFound(
                    device=str(device),
                    name=device_name(device),
                    memory_gib=round(memory.total_gib(device), 2),
                    precisions=working,
                    preferred=working[0],
                )
            )
        reporter.step(index + 1, len(found))
    chosen = place("auto", "auto")
    return {"devices": len(found), "device": str(chosen.device), "precision": chosen.precision}


def _find_device(name: str) -> torch.device:
    """Return the device called `name`. Raises SketchDeskError(DEVICE_MISSING) for one that is not here."""
    found = devices()
    if name == "auto":
        return found[0]
    wanted = "cuda:0" if name == "cuda" else name
    for device in found:
        if str(device) == wanted:
            return device
    raise SketchDeskError(ErrorKind.DEVICE_MISSING, name, f"found: {', '.join(map(str, found))}")


def device_name(device: torch.device) -> str:
    """Return what a GPU, or the processor, calls itself."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return bf16.cpu_name()


def _computes(device: torch.device, dtype: torch.dtype) -> bool:
    """Return whether a small matrix product in `dtype` on `device` gives the right numbers."""
    try:
        ones = torch.ones(8, 8, device=device, dtype=dtype)
        return bool(((ones @ ones).float() == 8).all())
    except RuntimeError:
        return False


def _card_has_bf16(device: torch.device) -> bool:
    """Ask the very card: torch's is_bf16_supported tells of the current one, whatever is meant."""
    return torch.version.hip is not None or torch.cuda.get_device_capability(device) >= (8, 0)


def _cpu_has_bf16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in _NATIVE_BF16)


@functools.cache
def _default_threads() -> int:
    """Return torch's own choice, read before anything changed it, so that a job's setting ends with the job."""
    return torch.get_num_threads()
