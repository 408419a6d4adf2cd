"""Seconds and memory of a distillation's stages against what was forecast, in a process of its own.

    python tests/benchmarks/distill_step.py                                                   # demo-base
    python tests/benchmarks/distill_step.py FOLDER --resolution 256 --batch 1 --optimizer adamw_8bit --checkpointing
    python tests/benchmarks/distill_step.py FOLDER --phases reflow,matching --set student='"teacher"' --set lora_rank=64

The job is the real one up to its last step: few pairs, drawn by DDIM (a rectified flow wants --set sampler=null), none
held out, each phase begun as always; what follows the last step, saving, is left out. Told are the seconds of one pass
of the U-Net while pairs are drawn, and of a step of each phase: the median, without its first step, in which the
optimiser's state is made, where there are more. Peaks are of each stage alone. Beside them is the forecast: the
memory's range with what is likely in its middle, and the seconds of the later phases, reckoned from the first one's and
those of a pass as sketchdesk.library.distillation.time does.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

PHASES = {"reflow": "reflow_steps", "distillation": "distil_steps", "matching": "matching_steps"}
PAIRS, TEACHER_STEPS = 4, 2


def main() -> None:
    """Measure, and print all of it as JSON."""
    options = _options()
    if options.out:
        print(json.dumps(_measured(options)))
        return
    with tempfile.TemporaryDirectory(dir=options.work or None) as folder:
        command = [sys.executable, __file__, *sys.argv[1:], "--out", str(Path(folder) / "run")]
        environment = {**os.environ, "SKETCHDESK_HOME": str(Path(folder) / "home")}
        if options.threads:
            environment["OMP_NUM_THREADS"] = str(options.threads)
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    print(json.dumps(json.loads(done.stdout.splitlines()[-1]), indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="demo-base")
    parser.add_argument("--resolution", type=int)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--phases", default="reflow,distillation")
    parser.add_argument("--steps", type=int, default=3, help="of each phase")
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--optimizer", choices=("adamw", "adamw_8bit"), default="adamw")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="any other setting of the job")
    parser.add_argument("--work", help="where its files lie meanwhile; not in memory")
    parser.add_argument("--out", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    """Run the job as the engine does, and return what was forecast and what was measured."""
    from sketchdesk.engine.allocator import keep_memory

    keep_memory()
    from sketchdesk.engine.device import place
    from sketchdesk.engine.distillation import task
    from sketchdesk.engine.reporter import Reporter
    from sketchdesk.library.distillation.forecast import forecast_here

    job = _job(options)
    found = forecast_here(job)
    forecast = (found.memory_gib[0], found.memory_likely_gib, found.memory_gib[1])
    clock = Clock(place(job.device, job.precision, job.num_threads).device, job)
    with contextlib.suppress(Ended):
        task.run(job, Reporter(clock.hear))
    peak = max(clock.peaks.values())
    return {
        "settings": vars(options) | {"out": None, "work": None},
        "stages": clock.told(),
        "memory": {"measured": peak, "forecast": forecast, "ratio": [bound / peak for bound in forecast]},
        "reckoned_from_the_first_phase": _reckoned(job, clock),
    }


def _job(options: argparse.Namespace) -> Any:
    import msgspec

    from sketchdesk.contracts.jobs import DistillJob
    from sketchdesk.library.models.installed import resolve_model

    values: dict[str, Any] = {
        "model": str(resolve_model(options.model)), "out_dir": options.out, "prompts": ["a cat", "a dog in the forest"],
        "num_pairs": PAIRS * options.batch, "num_held_out_pairs": 0, "pairs_batch_size": options.batch,
        "num_inference_steps": TEACHER_STEPS, "sampler": "ddim", "resolution": options.resolution,
        "train_batch_size": options.batch,
        "precision": options.precision, "optimizer": options.optimizer, "device": options.device,
        "gradient_checkpointing": options.checkpointing, "num_threads": options.threads, "lr_warmup_steps": 0,
        "learning_rate": 1e-5, "final_learning_rate": 1e-5, "checkpointing_steps": 10**6,
        **{field: options.steps if name in options.phases.split(",") else 0 for name, field in PHASES.items()},
    }  # fmt: skip
    values |= {name: json.loads(value) for name, value in (each.split("=", 1) for each in options.set)}
    return msgspec.convert(values, DistillJob)


class Ended(Exception):  # noqa: N818 - the measurement's end, no error
    """The last step is done."""


class Clock:
    """Hears a distillation's events: when each step of a stage ended, and the most that a stage held."""

    def __init__(self, device: Any, job: Any) -> None:
        self.peaks: dict[str, float] = {}
        self._device, self._job, self._stage = device, job, ""
        self._marks: dict[str, list[tuple[float, float]]] = {}
        """Seconds of the clock, and of the processor, when a stage began and at each of its steps."""

    def hear(self, event: object) -> None:
        """Note the time. Raises Ended."""
        from sketchdesk.contracts.events import StageChanged, StepDone
        from sketchdesk.engine import memory

        if isinstance(event, StageChanged):
            self._end_stage()
            self._stage = event.stage
            memory.forget_peak(self._device)
            self._marks[event.stage] = [(time.perf_counter(), time.process_time())]
        elif isinstance(event, StepDone):
            self._marks[self._stage].append((time.perf_counter(), time.process_time()))
            if self._stage in PHASES and event.step == event.total:
                self._end_stage()
                raise Ended

    def seconds(self, stage: str, of_processor: bool = False) -> float:
        """Return the median of a stage's steps but the first, or the first where there is no other."""
        marks = [mark[of_processor] for mark in self._marks[stage]]
        steps = [later - sooner for sooner, later in pairwise(marks)]
        return statistics.median(steps[1:] or steps)

    def told(self) -> dict[str, dict[str, float]]:
        """Return seconds and peaks by stage."""
        found: dict[str, dict[str, float]] = {}
        for stage, peak in self.peaks.items():
            found[stage] = {"peak_gib": peak}
            if stage in PHASES:
                found[stage] |= {"s_a_step": self.seconds(stage), "processor_s": self.seconds(stage, True)}
            elif stage == "pairs":
                found[stage]["s_a_pass"] = self.pass_s
        return found

    @property
    def pass_s(self) -> float:
        """Seconds of one pass of the U-Net for one picture."""
        from sketchdesk.library.distillation.time import work_of

        passes: float = self._job.pairs_batch_size * work_of(self._job, "pairs", self.is_guided)
        return self.seconds("pairs") / passes

    @property
    def is_guided(self) -> bool:
        """Whether the teacher draws with guidance."""
        from sketchdesk.library.distillation.time import is_guided
        from sketchdesk.library.models.draw_facts import draw_facts

        return is_guided(self._job, draw_facts(Path(self._job.model)))

    def _end_stage(self) -> None:
        from sketchdesk.engine import memory

        if self._stage:
            self.peaks[self._stage] = memory.peak_gib(self._device)


def _reckoned(job: Any, clock: Clock) -> dict[str, dict[str, float]]:
    """Return what the later phases' steps are reckoned to take, were the first one's all that is known and a pass."""
    from sketchdesk.library.distillation.likeness_work import likeness_passes
    from sketchdesk.library.distillation.settings import phases_of
    from sketchdesk.library.distillation.time import work_of
    from sketchdesk.library.models.facts import model_facts

    first, *others = phases_of(job)
    facts, found = model_facts(Path(job.model)), {}
    likeness = likeness_passes(job, facts, job.resolution or facts.sample_size_px)
    for phase in others:
        asked, known = (work_of(job, each, clock.is_guided, likeness) for each in (phase, first))
        seconds = clock.seconds(first) + job.train_batch_size * (asked - known) * clock.pass_s
        found[phase] = {"s_a_step": seconds, "ratio": seconds / clock.seconds(phase)}
    return found


if __name__ == "__main__":
    main()
