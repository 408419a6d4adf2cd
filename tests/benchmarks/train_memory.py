"""What a training's memory was forecast to be, and what it was: one training each, in a process of its own.

On the demo model unless --model names another one. Printed: likely forecast, measured peak of the whole job, their
ratio; the range is what the window shows. Not a test: python tests/benchmarks/train_memory.py --help.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

BASE: dict[str, Any] = {"optimizer": "adamw", "precision": "fp32", "use_ema": False, "train_batch_size": 4}
WAYS: dict[str, dict[str, Any]] = {
    "fp32, batch 4": {},
    "with the average": {"use_ema": True},
    "8-bit": {"optimizer": "adamw_8bit"},
    "bf16, 8-bit": {"optimizer": "adamw_8bit", "precision": "bf16"},
    "batch 16": {"train_batch_size": 16},
    "batch 16, checkpointing": {"train_batch_size": 16, "gradient_checkpointing": True},
    "bf16, batch 16": {"train_batch_size": 16, "precision": "bf16"},
    "bf16, batch 16, checkpointing": {"train_batch_size": 16, "precision": "bf16", "gradient_checkpointing": True},
    "bf16, batch 64": {"train_batch_size": 64, "precision": "bf16"},
    "step in backward, weights bf16": {"fused_step": True, "bf16_weights": True, "precision": "bf16"},
    "LoRA 8": {"lora_rank": 8},
    "LoRA 8, bf16, batch 16": {"lora_rank": 8, "precision": "bf16", "train_batch_size": 16},
    "text encoder too": {"train_text_encoder": True},
    "4 samples": {"validation_prompts": ["a ball", "a boat", "a cat", "a tree"]},
    "average, 8-bit, bf16, checkpointing": {
        "use_ema": True, "optimizer": "adamw_8bit", "precision": "bf16", "gradient_checkpointing": True,
    },
}  # fmt: skip
"""Each changed from BASE by this."""


def main() -> None:
    """Train each way, and print a table."""
    options = _options()
    if options.one is not None:
        print(json.dumps(_one(options, json.loads(options.one))))
        return
    print(f"{'':38}{'forecast':>9}{'range':>14}{'measured':>10}{'ratio':>7}", flush=True)
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        from train_speed import _pictures

        options.data = options.data or str(_pictures(Path(folder) / "pictures", options.pictures, options.resolution))
        for name, changes in WAYS.items():
            if options.only and not any(part in name for part in options.only):
                continue
            told = _in_a_process(options, changes, Path(folder))
            ratios[name] = told["forecast"] / told["measured"]
            span = f"{told['low']:.2f}–{told['high']:.2f}"
            print(
                f"{name:38}{told['forecast']:9.3f}{span:>14}{told['measured']:10.3f}{ratios[name]:7.2f}", flush=True
            )
            if options.verbose:
                print("   ", json.dumps(told), flush=True)
    worst = max(ratios, key=lambda name: max(ratios[name], 1 / ratios[name]))
    print(f"worst: {worst}, {ratios[worst]:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="demo-base")
    parser.add_argument("--data", default="", help="a folder of pictures with captions; drawn by chance unless given")
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", action="append", metavar="PART", help="only ways whose name has this in it")
    parser.add_argument("--verbose", action="store_true", help="the forecast's parts, and the peak after each part")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(options: argparse.Namespace, changes: dict[str, Any], folder: Path) -> dict[str, Any]:
    out = folder / f"{time.monotonic_ns()}"
    command = [
        sys.executable, __file__, "--model", options.model, "--data", options.data, "--device", options.device,
        "--resolution", str(options.resolution), "--steps", str(options.steps), "--one", json.dumps(changes),
        "--out", str(out),
    ]  # fmt: skip
    environment = os.environ | {"SKETCHDESK_HOME": str(out / "home")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _one(options: argparse.Namespace, changes: dict[str, Any]) -> dict[str, Any]:
    """Train one way as the engine does, and return what was forecast and what was measured."""
    from sketchdesk.engine.allocator import keep_memory

    keep_memory()
    import msgspec

    from sketchdesk.contracts.events import JobEnded, JobStarted, MetricLogged, StageChanged
    from sketchdesk.contracts.jobs import TrainJob
    from sketchdesk.engine import memory
    from sketchdesk.engine.device import place
    from sketchdesk.engine.reporter import Reporter
    from sketchdesk.engine.session import run_job
    from sketchdesk.library.models.facts import model_facts
    from sketchdesk.library.models.installed import resolve_model
    from sketchdesk.library.training.forecast import forecast_memory

    path = resolve_model(options.model)
    values: dict[str, Any] = {
        "model": str(path), "dataset": options.data, "out_dir": str(Path(options.out) / "run"),
        "resolution": options.resolution, "max_train_steps": options.steps, "checkpointing_steps": 10**6,
        "device": options.device, "learning_rate": 1e-5,
    } | BASE | changes  # fmt: skip
    job = msgspec.convert(values, TrainJob)
    device = place(job.device, job.precision, None).device
    forecast = forecast_memory(job, model_facts(path), str(device), options.pictures)
    peaks: dict[str, float] = {}
    stage = ["start"]

    def sink(event: object) -> None:
        if isinstance(event, JobStarted | StageChanged | MetricLogged | JobEnded):
            peaks[stage[-1]] = memory.peak_gib(device)
        if isinstance(event, StageChanged):
            stage.append(event.stage)

    ended = run_job(job, Reporter(sink))
    assert ended.state == "done", ended
    parts = {name: round(value, 3) for name, value in msgspec.structs.asdict(forecast).items()}
    return {
        "forecast": forecast.likely_gib, "low": forecast.low_gib, "high": forecast.high_gib,
        "measured": max(peaks.values()), "parts": parts,
        "peaks": {name: round(value, 3) for name, value in peaks.items()},
    }  # fmt: skip


if __name__ == "__main__":
    main()
