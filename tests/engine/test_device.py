from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.engine import bf16, memory
from sketchdesk.engine.device import devices, place, precisions, probe
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.paths import bf16_file

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def cpu_flags() -> str:
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            return file.read()
    except FileNotFoundError:
        pytest.skip("the processor's flags are read from /proc")


@pytest.fixture
def native() -> bool:
    return any(flag in cpu_flags() for flag in ("avx512_bf16", "amx_bf16", "svebf16", " bf16"))


def measured(monkeypatch, speedup: float) -> None:
    """Let the processor have been measured before, with this result."""
    monkeypatch.delenv(bf16.PROBE_VARIABLE)
    write_json(bf16_file(), bf16.Finding(cpu=bf16.cpu_name(), torch=str(torch.__version__), speedup=speedup))


@pytest.mark.parametrize(
    ("speedup", "order"), [(1.8, ("bf16", "fp32")), (1.0, ("fp32", "bf16")), (0.01, ("fp32", "bf16"))]
)
def test_the_cpu_prefers_bf16_only_where_it_was_measured_to_be_faster(monkeypatch, native, speedup, order):
    measured(monkeypatch, speedup)
    assert precisions(CPU) == (order if native else ("fp32",))
    assert place("cpu", "auto").precision == (order[0] if native else "fp32")


def test_without_a_measurement_the_cpu_computes_in_fp32(native):
    assert precisions(CPU)[0] == "fp32"
    assert not bf16_file().exists()


def test_the_processor_is_measured_once_and_again_when_it_is_another(monkeypatch):
    monkeypatch.delenv(bf16.PROBE_VARIABLE)
    first = bf16.finding()
    assert first.speedup > 0
    assert bf16.is_faster() == (first.speedup >= bf16.FASTER)
    monkeypatch.setattr(bf16, "measure", lambda: 7.0)
    assert bf16.finding() == first
    monkeypatch.setattr(bf16, "cpu_name", lambda: "another processor")
    assert bf16.finding().speedup == 7.0
    bf16_file().write_bytes(b"{broken")
    assert bf16.is_faster()


def working(clock: list[float], *seconds: float):
    """Work that takes so long, one time after the other, by a clock of its own."""
    left = list(seconds)

    def work() -> None:
        clock[0] += left.pop(0)

    return work


def test_what_else_the_machine_does_and_the_first_try_do_not_count(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(bf16, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    assert bf16.ratio(working(clock, 9, 8, 8, 4, 5, 5), working(clock, 20, 9, 9, 2, 3, 8)) == 2.0


def test_a_processor_on_which_bf16_is_hopeless_is_not_kept_busy(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(bf16, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    assert bf16.ratio(working(clock, 1), working(clock, 499)) == 1 / 499


def test_auto_takes_the_first_device_and_its_first_precision():
    placement = place("auto", "auto")
    assert placement.device == devices()[0]
    assert placement.precision == precisions(placement.device)[0]


def test_apples_gpu_is_taken_before_the_cpu_and_in_fp16(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert [str(device) for device in devices()] == ["mps", "cpu"]
    assert place("auto", "auto").device == torch.device("mps")
    assert place("mps", "auto").precision == "fp16"
    assert place("cpu", "auto").device == CPU
    with pytest.raises(SketchDeskError):
        place("mps", "bf16")


@pytest.mark.parametrize(("name", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_named_precision_is_what_one_gets(name, dtype):
    placement = place("cpu", name)
    assert (placement.dtype, placement.precision, placement.device) == (dtype, name, CPU)


def test_half_precision_is_refused_on_a_cpu():
    with pytest.raises(SketchDeskError) as caught:
        place("cpu", "fp16")
    assert caught.value.kind == ErrorKind.PRECISION_UNSUPPORTED
    assert "fp16" in caught.value.message
    assert "slowly or not at all" in caught.value.next_step


@pytest.mark.parametrize("name", ["cuda:99", "tpu", "", "cpu:3"])
def test_a_device_that_is_not_here_is_named(name):
    with pytest.raises(SketchDeskError) as caught:
        place(name, "auto")
    assert caught.value.kind == ErrorKind.DEVICE_MISSING
    assert f"“{name}”" in caught.value.message


def test_threads_are_set_for_one_job_and_not_for_the_next():
    own = place("cpu", "fp32").num_threads
    assert place("cpu", "fp32", own + 1).num_threads == torch.get_num_threads() == own + 1
    assert place("cpu", "fp32").num_threads == torch.get_num_threads() == own


def test_the_probe_reports_every_device_with_what_works_on_it():
    said: list = []
    result = probe(ProbeJob(), Reporter(said.append))
    found = [event for event in said if isinstance(event, DeviceFound)]
    assert [event.device for event in found] == [str(device) for device in devices()]
    assert all(event.preferred == event.precisions[0] and event.memory_gib > 0 for event in found)
    assert "fp32" in found[-1].precisions
    assert result["devices"] == len(found)
    assert result["device"] == found[0].device


def test_used_memory_grows_by_what_is_allocated():
    before = memory.used_gib(CPU)
    block = torch.ones(2**26)  # 256 MiB, touched
    grown = memory.used_gib(CPU) - before
    del block
    assert grown == pytest.approx(0.25, abs=0.05)
    assert memory.used_gib(CPU) < memory.total_gib(CPU)
