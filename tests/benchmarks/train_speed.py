"""Training speed and memory against the reference script's own loop: same model, batch, resolution and precision.

    python tests/benchmarks/train_speed.py                          # demo-base, 128 px, batch 16
    python tests/benchmarks/train_speed.py --model FOLDER --resolution 256 --batch 1 --checkpointing --steps 2

The plain loop is train_text_to_image.py's as written down in plain_training.py: every step reads its pictures, encodes
them with the VAE and their captions with the text encoder, and trains the U-Net as diffusers loads it. Ours is the
train job, which encodes everything once beforehand: those seconds are told apart. Each runs in a process of its own,
in turns; a pair's ratio is of the same turn. Peak memory is the process's own, loading and encoding included.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}
WARM_UP = 1
"""Steps that are not counted: the optimiser's state is made in the first."""


def main() -> None:
    """Measure pairs and print their medians and ratios as JSON."""
    options = _options()
    if options.side:
        print(json.dumps(_one(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        options.data = options.data or str(_pictures(Path(folder) / "pictures", options.pictures, options.resolution))
        rounds = []
        for number in range(options.rounds):
            order = ("plain", "ours") if number % 2 == 0 else ("ours", "plain")
            rounds.append({side: _in_a_process(side, options, Path(folder) / f"{side}-{number}") for side in order})
            print(json.dumps(rounds[-1]), file=sys.stderr)
    told = {
        side: {key: statistics.median(each[side][key] for each in rounds) for key in ("steps_per_s", "peak_gib")}
        for side in ("plain", "ours")
    }
    told["ours"] |= {key: rounds[-1]["ours"][key] for key in ("prepare_s", "waiting_share")}
    speed = [each["ours"]["steps_per_s"] / each["plain"]["steps_per_s"] for each in rounds]
    memory = [each["ours"]["peak_gib"] / each["plain"]["peak_gib"] for each in rounds]
    ratios = {"speed": speed, "speed_median": statistics.median(speed), "memory_median": statistics.median(memory)}
    print(json.dumps({"settings": vars(options) | {"data": None}, **told, "ratios": ratios}, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="demo-base")
    parser.add_argument("--data", default="", help="a folder of pictures with captions; drawn by chance unless given")
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=8, help="counted, after one to warm up")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", choices=("fp32", "bf16", "fp16"), default="bf16")
    parser.add_argument("--optimizer", choices=("adamw", "adamw_8bit"), default="adamw_8bit")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--ema", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: where others use the cores too")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=JSON", help="for ours alone, e.g. fused_step=true"
    )
    parser.add_argument("--side", choices=("plain", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(side: str, options: argparse.Namespace, out: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, *sys.argv[1:], "--side", side, "--out", str(out), "--data", options.data]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "SKETCHDESK_HOME": str(out / "home")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _one(options: argparse.Namespace) -> dict[str, Any]:
    """Train one side and return what was measured; ours takes memory from the system as the engine does."""
    if options.side == "ours":
        from sketchdesk.engine.allocator import keep_memory

        keep_memory()
    from plain_training import plain_training

    from sketchdesk.contracts.jobs import TrainJob
    from sketchdesk.library.models.installed import resolve_model

    job = TrainJob(
        model=str(resolve_model(options.model)), dataset=options.data, out_dir=str(Path(options.out) / "run"),
        resolution=options.resolution, max_train_steps=options.steps + WARM_UP, train_batch_size=options.batch,
        gradient_checkpointing=options.checkpointing, optimizer=options.optimizer, use_ema=options.ema,
        precision=options.precision, device=options.device, num_threads=options.threads, learning_rate=1e-5,
        checkpointing_steps=10**6,
    )  # fmt: skip
    clock = CLOCKS[options.clock]
    told: dict[str, Any] = {}
    if options.side == "plain":
        marks = plain_training(job, clock)
    else:
        marks, told = _ours(job, dict(each.split("=", 1) for each in options.set), clock)
    steps = [later - sooner for sooner, later in zip(marks, marks[1:], strict=False)][WARM_UP:]
    return {"steps_per_s": 1 / statistics.median(steps), "peak_gib": _peak_gib(options.device), **told}


def _ours(job: Any, changes: dict[str, str], clock: Callable[[], float]) -> tuple[list[float], dict[str, float]]:
    """Return when each step ended, the first mark being the training's begin, and what only ours is asked."""
    import msgspec

    from sketchdesk.contracts.events import StageChanged
    from sketchdesk.contracts.jobs import TrainJob
    from sketchdesk.engine.reporter import Reporter
    from sketchdesk.engine.training import task
    from sketchdesk.engine.training.loop import Trainer

    values = msgspec.to_builtins(job) | {key: json.loads(value) for key, value in changes.items()}
    values.pop("type", None)
    job = msgspec.convert(values, TrainJob)
    began, waited = clock(), [0.0]
    marks: list[float] = []

    class Ended(Exception):  # noqa: N818 - the measurement's end, no error: what follows the last step is saving
        pass

    def sink(event: object) -> None:
        if isinstance(event, StageChanged) and event.stage == "training":
            marks.append(clock())

    batch, update = Trainer.batch, Trainer._update

    def timed_batch(self: Trainer, number: int) -> Any:
        before = clock()
        try:
            return batch(self, number)
        finally:
            waited[0] += clock() - before

    def marked_update(self: Trainer, *losses: Any) -> float:
        norm = update(self, *losses)
        marks.append(clock())
        if self.step == self.job.max_train_steps:
            raise Ended
        return norm

    Trainer.batch, Trainer._update = timed_batch, marked_update  # type: ignore[method-assign,assignment]
    with contextlib.suppress(Ended):
        task.run(job, Reporter(sink))
    return marks, {"prepare_s": marks[0] - began, "waiting_share": waited[0] / (marks[-1] - marks[0])}


def _peak_gib(device: str) -> float:
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_reserved() / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _pictures(folder: Path, count: int, side: int) -> Path:
    """Write pictures a little larger than the training's, as JPEG, each with a caption beside it."""
    import numpy as np
    from PIL import Image

    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(generator.integers(0, 255, (8, 8, 3), dtype=np.uint8))
        coarse.resize((side * 5 // 4, side * 3 // 2), Image.Resampling.BICUBIC).save(folder / f"{number:04d}.jpg")
        (folder / f"{number:04d}.txt").write_text(f"a sketch of thing number {number}", encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
