"""The demo's tuned model made to draw in one step: settings that `sketchdesk demo` leaves beside its report.

The tuned model begins with what demo-flow learnt beyond demo-base, so that few pairs and few steps are enough.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.demo.flow import BASE, NAME
from sketchdesk.demo.vocabulary import STYLE_PREFIX
from sketchdesk.library.distillation.config import write_distill_job

FILE = "one-step.toml"
RECIPE = DistillJob(
    model="",  # write_recipe() fills it in
    out_dir="",
    start=NAME,
    start_base=BASE,
    dataset="demo-sketch",
    num_pairs=400,
    num_held_out_pairs=16,
    pairs_batch_size=32,
    num_inference_steps=12,
    sampler="dpmpp_2m",
    guidance_scale=3.0,
    reflow_steps=0,
    distil_steps=200,
    train_batch_size=16,
    learning_rate=1e-4,
    final_learning_rate=1e-5,
    lr_warmup_steps=10,
    ema_decay=0.98,
    validation_prompts=(f"{STYLE_PREFIX} a zebra", f"{STYLE_PREFIX} a castle at night", "a giraffe in a forest"),
    validation_steps=200,
    checkpointing_steps=100,
)


def write_recipe(folder: Path, tuned: str) -> Path:
    """Write the settings for a tuned model into a folder and return the file.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    write_distill_job(folder / FILE, msgspec.structs.replace(RECIPE, model=tuned))
    return folder / FILE
