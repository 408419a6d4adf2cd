"""Time a study's models: every stage of every draw, one by one and in batches, after a warm-up that does not count."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import psutil
import torch

from sketchdesk.contracts.jobs import GenerateJob, StudyJob, StudyTiming
from sketchdesk.engine import generate
from sketchdesk.engine.device import Placement, device_name, place
from sketchdesk.engine.draw import draw_batch
from sketchdesk.engine.evaluation.drawing import Key, prompt_rows
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.out_of_memory import give_memory_back
from sketchdesk.engine.peak import peak_memory
from sketchdesk.engine.plan import Item, plan
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.evaluation.timings import Machine, TimedDraw, TimedWay, Timings
from sketchdesk.library.files.atomic import write_json

KEPT = "timed-with.json"
"""What was timed so far, so that a study that goes on does not time it again."""


def time_models(
    job: StudyJob, timing: StudyTiming, drawings: list[tuple[str, GenerateJob]], reporter: Reporter
) -> Timings | None:
    """Return the times of every model that draws; `drawings` are each model's name and how it draws.

    A model is loaded by itself, after what the one before held was given back. Half of the draws are taken in the order
    of the models and half in the opposite one, so that a machine that grows slower or busier meanwhile favours none.
    The draws take the study's prompts and seeds in turn. What was timed on this machine before is kept. Raises
    Cancelled between draws, and what drawing raises.
    """
    placement = place(job.device, job.precision, job.num_threads)
    kept = _Kept(Path(job.out_dir) / KEPT, _machine(placement), timing.warm_up)
    keys = [(prompt, seed) for seed in dict.fromkeys(job.seeds) for prompt in dict.fromkeys(job.prompts)]
    sizes = list(dict.fromkeys((1, timing.batch_size)))
    bench = _Bench(timing, placement, keys, kept, reporter, total=len(drawings) * len(sizes) * timing.runs)
    for draws, ordered in (((timing.runs + 1) // 2, drawings), (timing.runs, drawings[::-1])):
        for name, drawing in ordered:
            for size in sizes:
                bench.time(name, drawing, size, draws)
    generate.forget_models()
    return kept.timings([name for name, _drawing in drawings])


@dataclass
class _Bench:
    """Times one way after another, with one model loaded at a time."""

    timing: StudyTiming
    placement: Placement
    keys: list[Key]
    kept: _Kept
    reporter: Reporter
    total: int
    _loaded: str = ""

    def time(self, name: str, drawing: GenerateJob, size: int, draws: int) -> None:
        """Draw until a way has so many timed draws."""
        if self.kept.draws(name, size) >= draws:
            return
        model, items, most = self._ready(name, drawing)
        size = min(size, most or size)  # where memory is short
        begin = self.kept.draws(name, size)
        if begin < draws:
            self.kept.add(self._timed(name, model, items, size, range(begin, draws)))

    def _ready(self, name: str, drawing: GenerateJob) -> tuple[StableDiffusion, list[Item], int | None]:
        """Return a model, what it draws, and how many pictures together it may draw at most, None for any number."""
        if name != self._loaded:
            generate.forget_models()
            give_memory_back()
            self._loaded = name
        asked = msgspec.structs.replace(drawing, prompts=prompt_rows(self.keys))
        model, rung = generate.ready_model(asked, self.placement, self.reporter)
        one_by_one = "sequential_guidance" in rung.savings
        items = [
            replace(item, settings=replace(item.settings, sequential_guidance=one_by_one))
            for item in plan(asked, model)
        ]
        return model, items, rung.batch_size

    def _timed(self, name: str, model: StableDiffusion, items: list[Item], size: int, numbers: range) -> TimedWay:
        settings, before = items[0].settings, self.kept.draws()
        draws: list[TimedDraw] = []
        with _texts_read_anew(model):
            with peak_memory(model.device) as peak:
                for number in range(self.timing.warm_up):
                    _draw(model, _batch(items, number, size))
                    self.reporter.check_cancelled()
            with _others() as others:
                for number in numbers:
                    draws.append(_draw(model, _batch(items, number, size)))
                    self.reporter.step(before + len(draws), self.total)
                    self.reporter.check_cancelled()
        return TimedWay(
            model=name, batch_size=size, steps=settings.num_inference_steps, width_px=settings.width,
            height_px=settings.height, guidance_scale=settings.guidance_scale, draws=tuple(draws), peak_gib=peak.gib,
            others_cores=others.cores,
        )  # fmt: skip


def _batch(items: list[Item], number: int, size: int) -> list[Item]:
    """Return the pictures of the n-th draw: the next ones, from the first again after the last."""
    return [items[(number * size + place) % len(items)] for place in range(size)]


def _draw(model: StableDiffusion, items: list[Item]) -> TimedDraw:
    drawing = draw_batch(
        model, [item.full_prompt for item in items], [item.negative_prompt for item in items],
        [item.seed for item in items], items[0].settings,
    )  # fmt: skip
    return TimedDraw(text_s=drawing.text_s, denoise_s=drawing.denoise_s, decode_s=drawing.decode_s)


@contextmanager
def _texts_read_anew(model: StableDiffusion) -> Iterator[None]:
    """Let the model remember no text meanwhile: a prompt is read for every picture, as with a new one."""
    known, model.text_states = model.text_states, None
    try:
        yield
    finally:
        model.text_states = known


class _Load:
    """Filled in when the stretch is over."""

    cores = 0.0


@contextmanager
def _others() -> Iterator[_Load]:
    """Yield what will hold how many cores other programs kept busy, by the system's own counts of processor time."""
    found, own = _Load(), psutil.Process()
    started, busy, mine = time.perf_counter(), _busy_s(), _own_s(own)
    yield found
    elapsed = time.perf_counter() - started
    others = (_busy_s() - busy) - (_own_s(own) - mine)
    found.cores = max(0.0, others / elapsed) if elapsed > 0 else 0.0


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def _own_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _machine(placement: Placement) -> Machine:
    return Machine(
        device=str(placement.device), name=device_name(placement.device), precision=placement.precision,
        num_threads=placement.num_threads, cores=os.cpu_count() or 1, torch=str(torch.__version__),
        system=f"{platform.system()} {platform.release()}",
    )  # fmt: skip


class _Kept:
    """The ways that were timed, on disk after each; those of another machine or another warm-up do not count."""

    def __init__(self, path: Path, machine: Machine, warm_up: int) -> None:
        self._path, self._machine, self._warm_up = path, machine, warm_up
        self._ways: list[TimedWay] = []
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Timings)
        except (OSError, msgspec.DecodeError, UnicodeError):
            return
        if (found.machine, found.warm_up) == (machine, warm_up):
            self._ways = list(found.ways)

    def draws(self, model: str | None = None, batch_size: int | None = None) -> int:
        """Return how many draws of a way were timed; of all of them where none is named."""
        return sum(
            len(way.draws) for way in self._ways
            if model is None or (way.model, way.batch_size) == (model, batch_size)
        )  # fmt: skip

    def add(self, way: TimedWay) -> None:
        """Keep the draws of a way, after those it has already."""
        for number, one in enumerate(self._ways):
            if (one.model, one.batch_size) == (way.model, way.batch_size):
                self._ways[number] = msgspec.structs.replace(
                    one, draws=(*one.draws, *way.draws), peak_gib=max(one.peak_gib, way.peak_gib),
                    others_cores=max(one.others_cores, way.others_cores),
                )  # fmt: skip
                break
        else:
            self._ways.append(way)
        write_json(self._path, self._timings(self._ways))

    def timings(self, models: list[str]) -> Timings | None:
        """Return what is kept of these models, in their order; None for nothing."""
        ways = [way for way in self._ways if way.model in models]
        ways.sort(key=lambda way: (way.batch_size, models.index(way.model)))
        return self._timings(ways) if ways else None

    def _timings(self, ways: list[TimedWay]) -> Timings:
        return Timings(machine=self._machine, warm_up=self._warm_up, ways=tuple(ways))
