"""Time whole pictures, ours against stock diffusers at its defaults (fp32), by turns in one run on this machine.

    python tests/benchmarks/draw_speed.py SCRATCH [--models sd2-base,instaflow] [--modes exact,fast] [--threads N]
                                          [--size 512] [--steps N] [--pairs 1]

The full-size models with random weights are written into SCRATCH, or used where they lie there (5 GB). A picture is
text, denoising and decoding; writing the PNG is left out on both sides. Every system is a process of its own: ours is
the program's engine as the window starts it, in the precision it chooses, drawing real jobs. The memory is each
process's high-water mark, loading included. Each draws one step first, which is not timed.

Modes: exact; fast (all shortcuts); tiny_decoder, guidance_cutoff, feature_caching; fp32 (exact, in full precision).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
from fullsize import KINDS, full_size
from machine_peak import measured_peak
from stock_diffusers import StockProcess
from work_of import Work, work_of

from sketchdesk.contracts.events import ImageSaved, JobEnded, StageChanged
from sketchdesk.contracts.jobs import FastPart, GenerateJob, PromptRow
from sketchdesk.contracts.wire import RunJob
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.models.notes import model_hash
from sketchdesk.library.paths import HOME_VARIABLE
from sketchdesk.workers.engine_process import EngineProcess

PROMPT = "black and white sketch of a zebra in the forest"
ALL: tuple[FastPart, ...] = get_args(FastPart)
MODES: dict[str, tuple[FastPart, ...]] = {"exact": (), "fp32": (), "fast": ALL, **{part: (part,) for part in ALL}}
STEPS = {"sd2-base": 20, "instaflow": 1}


@dataclass(frozen=True)
class Took:
    """The seconds of one picture; `start_s` is from the order to the first sampling step, None for stock."""

    text_s: float
    denoise_s: float
    decode_s: float
    start_s: float | None = None

    @property
    def total_s(self) -> float:
        """The whole picture."""
        return self.text_s + self.denoise_s + self.decode_s


@dataclass
class Ours:
    """Our engine, drawing with one model in one mode."""

    model: Path
    mode: str
    threads: int
    size: int
    out: Path
    number: int = 0
    engine: EngineProcess = field(init=False)

    def __post_init__(self) -> None:
        self.engine = EngineProcess()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.engine.pid

    def draw(self, steps: int) -> Took:
        """Draw a picture nobody has drawn, with the prompt of the one before: what is known of that may be used."""
        self.number += 1
        job = self.job(steps)
        run = self.out / f"run-{self.mode}-{self.number}"
        run.mkdir(parents=True)
        sent = time.time()
        events = list(self.engine.run(RunJob(job_id=str(self.number), job=job, run_dir=str(run))))
        ended = events[-1]
        if not isinstance(ended, JobEnded) or ended.state != "done":
            raise SystemExit(f"{self.mode}: {ended}")
        (saved,) = (event for event in events if isinstance(event, ImageSaved))
        record = read_record(Path(saved.path))
        assert record is not None
        began = next(event.time_s for event in events if isinstance(event, StageChanged) and event.stage == "drawing")
        return Took(record.text_s, record.denoise_s, record.decode_s, began + record.text_s - sent)

    def job(self, steps: int) -> GenerateJob:
        """Return the next picture's job."""
        return GenerateJob(
            model=str(self.model), prompts=(PromptRow(prompt=PROMPT),), out_dir=str(self.out / self.mode),
            seed=self.number, num_inference_steps=steps, width=self.size, height=self.size, num_threads=self.threads,
            device="cpu", precision="fp32" if self.mode == "fp32" else "auto", fast=MODES.get(self.mode, ()),
        )  # fmt: skip

    def close(self) -> None:
        """End the process."""
        self.engine.close()


@dataclass
class Stock:
    """Stock diffusers, as its documentation has it."""

    process: StockProcess
    size: int
    mode: str = "stock"

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.process.pid

    def draw(self, steps: int) -> Took:
        """Draw a picture."""
        return Took(*self.process.draw(PROMPT, steps, self.size))

    def close(self) -> None:
        """End the process."""
        self.process.close()


System = Ours | Stock


def high_water_gib(pid: int) -> float:
    """Return the most memory a process has held; what it holds now where the system keeps no such mark."""
    status = Path(f"/proc/{pid}/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    told = psutil.Process(pid).memory_info()
    return float(getattr(told, "peak_wset", told.rss) / 2**30)


def measure(kind: str, options: argparse.Namespace, out: Path, peaks: tuple[float, float]) -> None:
    """Time one model in every mode and print the tables."""
    folder = full_size(kind, options.scratch)
    model_hash(folder)  # noted once; it would be computed beside the first picture
    steps = options.steps or STEPS[kind]
    systems: list[System] = [Stock(StockProcess(folder, options.threads, guided=kind == "sd2-base"), options.size)]
    systems += [Ours(folder, mode, options.threads, options.size, out / kind) for mode in options.modes]
    try:
        first = {system.mode: system.draw(1) for system in systems}
        took: dict[str, list[Took]] = {system.mode: [] for system in systems}
        for pair in range(options.pairs):
            for system in systems if pair % 2 == 0 else reversed(systems):
                took[system.mode].append(system.draw(steps))
                print(f"  {system.mode}: {took[system.mode][-1].total_s:.2f} s", file=sys.stderr, flush=True)
        memory = {system.mode: high_water_gib(system.pid) for system in systems}
    finally:
        for system in systems:
            system.close()
    print(f"\n{kind}, {options.size} x {options.size}, {steps} steps, {options.threads} threads, {options.pairs} pairs")
    tell_seconds(took, memory, first)
    tell_rates({mode: took[mode] for mode in ("stock", "fp32", "exact") if mode in took},
               work_of(kind, options.size, steps), peaks)  # fmt: skip


def tell_seconds(took: dict[str, list[Took]], memory: dict[str, float], first: dict[str, Took]) -> None:
    """Print seconds and memory, and both as shares of stock's, pair by pair; the median of them."""
    print(f"{'':16}{'seconds':>9}{'text':>7}{'denoise':>9}{'decode':>8}{'faster':>8}"
          f"{'GiB':>7}{'of stock':>9}{'first start':>12}{'warm start':>11}")  # fmt: skip
    for mode, each in took.items():
        ratio = median(stock.total_s / one.total_s for stock, one in zip(took["stock"], each, strict=True))
        parts = [median(getattr(one, name) for one in each) for name in ("total_s", "text_s", "denoise_s", "decode_s")]
        warm = [one.start_s for one in each if one.start_s is not None]
        cold = first[mode].start_s
        print(f"{mode:16}{parts[0]:9.2f}{parts[1]:7.2f}{parts[2]:9.2f}{parts[3]:8.2f}{ratio:7.2f}x"
              f"{memory[mode]:7.2f}{memory[mode] / memory['stock']:9.2f}"
              f"{'' if cold is None else f'{cold:.2f} s':>12}"
              f"{f'{median(warm):.3f} s' if warm else '':>11}")  # fmt: skip


def tell_rates(took: dict[str, list[Took]], work: Work, peaks: tuple[float, float]) -> None:
    """Print the achieved GFLOP/s of each network, and their share of the machine's measured bf16 peak."""
    matrix, convolution = peaks
    print(f"peak in bf16: {matrix:.0f} GFLOP/s matrix product, {convolution:.0f} convolution")
    for mode, each in took.items():
        for name, flops, seconds in (
            ("U-Net", work.unet, median(one.denoise_s for one in each)),
            ("VAE", work.vae, median(one.decode_s for one in each)),
            ("text encoder", work.text, median(one.text_s for one in each)),
        ):
            if mode != "stock" and name == "text encoder":
                continue  # not run: the text is known from the picture before
            rate = flops / seconds / 1e9
            print(f"{mode:16}{name:14}{rate:7.0f} GFLOP/s{rate / matrix:7.0%}{rate / convolution:7.0%}")


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return float(statistics.median(values))


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(KINDS))
    parser.add_argument("--modes", type=lambda text: text.split(","), default=["exact", "fast"])
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False) or 1)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--pairs", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.modes) - MODES.keys() | set(options.models) - KINDS.keys():
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    options.scratch.mkdir(parents=True, exist_ok=True)
    options.scratch = options.scratch.resolve()
    os.environ[HOME_VARIABLE] = str(options.scratch / "home")
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    peaks = measured_peak(options.threads)
    with tempfile.TemporaryDirectory(dir=options.scratch) as out:
        for kind in options.models:
            measure(kind, options, Path(out), peaks)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
