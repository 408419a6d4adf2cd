"""Recipes: settings of a training under a name, the ready ones here, a person's own in TOML files."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.paths import training_dir
from sketchdesk.library.training.checkpoints import step_of

LONGEST_NAME = 60
PERSONAL = ("out_dir", "resume", "fork_from")
"""Fields that belong to one run and to no recipe."""


class Recipe(Struct, frozen=True, kw_only=True):
    """A ready recipe; what it does not name keeps TrainJob's default, model and data set stay as they are."""

    name: str
    title: str
    note: str
    values: dict[str, Any]


DEMO_SKETCH = Recipe(
    name="demo-sketch",
    title=N_("Demo sketch"),
    note=N_("Teaches the demo model to draw in black and white; some minutes on a processor."),
    values={
        "model": "demo-base",
        "dataset": "demo-sketch",
        "max_train_steps": 400,
        "train_batch_size": 16,
        "learning_rate": 2e-4,
        "lr_warmup_steps": 20,
        "lr_scheduler": "cosine",
        "optimizer": "adamw_8bit",
        "use_ema": True,
        "max_grad_norm": 1.0,
        "random_flip": False,  # pairs are named from left to right, and the base never saw a mirrored thing
        "checkpointing_steps": 100,
        "checkpoints_total_limit": 1,
        "validation_prompts": (
            "a black and white sketch of a zebra",
            "a black and white sketch of a castle at night",
            "a giraffe in a forest",
        ),
        "validation_steps": 50,
        "validation_share": 0.04,
        "seed": 0,
    },
)
REPORT_2024 = Recipe(
    name="report-2024",
    title=N_("Report 2024"),
    note=N_("Thirty steps at 256 pixels: how a student report taught Stable Diffusion 2 to sketch."),
    values={
        "resolution": 256,
        "center_crop": True,
        "random_flip": True,
        "max_train_steps": 30,
        "train_batch_size": 4,
        "gradient_accumulation_steps": 4,
        "gradient_checkpointing": True,
        "learning_rate": 3e-5,
        "lr_scheduler": "constant",
        "optimizer": "adamw_8bit",
        "use_ema": True,
        "max_grad_norm": 1.0,
        "precision": "fp16",
        "validation_prompts": ("a sketch of a zebra and a monkey in front of a mansion",),
        "validation_steps": 10,
        "checkpointing_steps": 10,
    },
)
SD2_6GB = Recipe(
    name="sd2-6gb",
    title=N_("Full SD2 in 6 GB"),
    note=N_("Tunes all of Stable Diffusion 2 at 512 px: weights in bf16, one gradient at a time. By the forecast a "
            "card of 6 GB does."),
    values={
        "resolution": 512,
        "center_crop": True,
        "random_flip": True,
        "max_train_steps": 3000,
        "train_batch_size": 1,
        "gradient_accumulation_steps": 1,  # none can be gathered: no gradient is kept
        "gradient_checkpointing": True,
        "learning_rate": 5e-6,
        "lr_scheduler": "constant_with_warmup",
        "lr_warmup_steps": 100,
        "optimizer": "adamw_8bit",
        "bf16_weights": True,
        "fused_step": True,
        "precision": "bf16",
        "use_ema": True,
        "ema_device": "cpu",
        "max_grad_norm": 1.0,
        "checkpointing_steps": 500,
    },
)
LORA_4GB = Recipe(
    name="lora-4gb",
    title=N_("LoRA in 4 GB"),
    note=N_("Teaches a style or a thing in a small file of its own, at 512 px; by the forecast a card of 4 GB does."),
    values={
        "resolution": 512,
        "center_crop": True,
        "random_flip": True,
        "max_train_steps": 2000,
        "train_batch_size": 1,
        "gradient_accumulation_steps": 4,
        "gradient_checkpointing": True,
        "learning_rate": 1e-4,
        "lr_scheduler": "cosine",
        "lr_warmup_steps": 50,
        "lora_rank": 16,
        "lora_targets": "attention_ff",
        "optimizer": "adamw_8bit",
        "precision": "fp16",
        "use_ema": False,
        "caption_dropout": 0.1,
        "snr_gamma": 5.0,
        "max_grad_norm": 1.0,
        "checkpointing_steps": 500,
    },
)
CPU_DEMO = Recipe(
    name="cpu-demo",
    title=N_("CPU demo"),
    note=N_("A LoRA that teaches the demo model to sketch; made for a processor."),
    values={
        "model": "demo-base",
        "dataset": "demo-sketch",
        "max_train_steps": 360,
        "train_batch_size": 16,
        "learning_rate": 1e-3,
        "lr_scheduler": "cosine",
        "lr_warmup_steps": 10,
        "lora_rank": 16,
        "lora_targets": "all",
        "optimizer": "adamw",
        "use_ema": False,
        "random_flip": False,  # as above
        "max_train_samples": 1200,
        "checkpointing_steps": 120,
        "checkpoints_total_limit": 1,
        "validation_prompts": DEMO_SKETCH.values["validation_prompts"],
        "validation_steps": 120,
        "validation_share": 0.04,
        "seed": 0,
    },
)
RECIPES = (DEMO_SKETCH, CPU_DEMO, REPORT_2024, SD2_6GB, LORA_4GB)


def ready_recipe(name: str) -> Recipe | None:
    """Return the ready recipe that goes by a name or a title, in English or the language in use; None for none."""
    wanted = name.strip().casefold()
    for recipe in RECIPES:
        if wanted in {each.casefold() for each in (recipe.name, recipe.title, _(recipe.title))}:
            return recipe
    return None


def with_recipe(job: TrainJob, recipe: Recipe) -> TrainJob:
    """Return the job by a recipe: its model, data set, device and folder stay unless the recipe names others."""
    kept = {name: getattr(job, name) for name in ("model", "dataset", "out_dir", "device", "num_threads")}
    if recipe.values.get("dataset", job.dataset) == job.dataset:
        kept["captions_file"] = job.captions_file
    return TrainJob(**(kept | recipe.values))


def write_recipe(path: Path, job: TrainJob) -> None:
    """Write recipe_text. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_text(path, recipe_text(job))


def recipe_text(job: TrainJob) -> str:
    """Return the settings that are not the defaults as TOML."""
    return toml_text(job, TrainJob(model="", dataset="", out_dir=""), PERSONAL)


def toml_text(job: Struct, plain: Struct, left_out: Collection[str]) -> str:
    """Return the settings in which a job differs from a `plain` one as TOML, but for those left out."""
    names = [
        name for name in job.__struct_fields__ if name not in left_out and getattr(job, name) != getattr(plain, name)
    ]
    return toml_lines(job, names)


def toml_lines(job: Struct, names: Iterable[str]) -> str:
    """Return the named settings of a job as lines of TOML, which has no word for None."""
    return "".join(f"{name} = {_toml(getattr(job, name))}\n" for name in names)


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, Struct):
        return "{" + ", ".join(f"{name} = {_toml(getattr(value, name))}" for name in value.__struct_fields__) + "}"
    if isinstance(value, str):
        # JSON's strings are TOML's, but for one character that JSON lets stand.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def folder_name(name: str) -> str:
    """Return a run's name as a folder's: letters and digits of any language, "-" for the rest, never empty."""
    composed = unicodedata.normalize("NFC", name)
    plain = re.sub(r"[^\w-]+", "-", composed).strip("-_")[:LONGEST_NAME].rstrip("-_")
    return plain or "training"


def free_out_dir(name: str, taken: Collection[str] = ()) -> Path:
    """Return the first folder name, name-2, name-3 … that is not there and that no run has been promised."""
    base, number = training_dir() / folder_name(name), 1
    folder = base
    while folder.exists() or str(folder) in taken:
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder


def fork_of(job: TrainJob, checkpoint: str = "") -> TrainJob:
    """Return the job as the start of a new one: nowhere to write yet, nothing to resume.

    It goes on from a checkpoint's folder where one is given: if that has all the steps done, it gets as many again.
    """
    steps = job.max_train_steps
    begun = (step_of(Path(checkpoint)) or 0) if checkpoint else 0
    return msgspec.structs.replace(
        job, out_dir="", resume=False, fork_from=checkpoint, max_train_steps=steps if begun < steps else begun + steps
    )
