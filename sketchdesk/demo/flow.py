"""demo-flow: demo-base made to draw in one step by our own distillation, as any model is.

Its U-Net alone is new. What ships is that U-Net in fp16 with its scheduler and card; VAE, text encoder and tokenizer
are demo-base's (library.models.whole_models).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.demo.base import halve
from sketchdesk.demo.captions import caption
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.fit import Say, saying
from sketchdesk.demo.vocabulary import NOUNS, article
from sketchdesk.engine.distillation import task
from sketchdesk.engine.distillation.student import MODEL
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models.whole_models import write_base

NAME, BASE = "demo-flow", "demo-base"
SETTINGS = PAIRS = 400
"""So many captions of one noun in a setting, and of two nouns."""
OF_BASE = ("vae", "text_encoder", "tokenizer")
"""The parts that are not its own."""


def captions() -> tuple[str, ...]:
    """Return what its pairs are drawn of: every noun in three wordings, settings and pairs that training may show."""
    single = (wording for noun in NOUNS for wording in (article(noun), f"the {noun}", f"one {noun}"))
    return (*single, *islice(_said(1, True), SETTINGS), *islice(_said(2, False), PAIRS))


def _said(nouns: int, in_setting: bool) -> Iterator[str]:
    """Yield different captions of scenes with so many nouns, without end."""
    told = set()
    for scene in scenes("train", 7, 0.0):
        if len(scene.nouns) == nouns and bool(scene.setting) == in_setting and (said := caption(scene)) not in told:
            told.add(said)
            yield said


RECIPE = DistillJob(
    model=BASE,
    out_dir="",  # build() fills it in, and the captions
    num_pairs=3000,
    num_held_out_pairs=64,
    pairs_batch_size=64,
    num_inference_steps=12,
    sampler="dpmpp_2m",
    guidance_scale=3.0,
    reflow_steps=800,
    distil_steps=600,
    train_batch_size=32,
    learning_rate=4e-4,
    final_learning_rate=5e-5,
    feature_weight=0.1,
    ema_decay=0.995,
    validation_prompts=("a cat", "a zebra", "a rocket", "a cat and a dog", "a fox in the forest", "a guitar"),
    validation_steps=400,
    checkpointing_steps=100,
    precision="bf16",
)


def build(work: Path, models: Path, say: Say, recipe: DistillJob = RECIPE) -> Path:
    """Make demo-flow, going on with what is in `work`, and write it into `models`, whole and in fp16.

    A recipe without prompts takes `captions`. What ships of it, `pack` makes.
    """
    run_dir = work / NAME  # which its card takes for its name
    run_dir.mkdir(parents=True, exist_ok=True)
    job = msgspec.structs.replace(recipe, out_dir=str(run_dir), prompts=recipe.prompts or captions(), resume=True)
    task.run(job, Reporter(saying(say), run_dir=run_dir))
    return halve(run_dir / MODEL, models / NAME)


def pack(model: Path, folder: Path, base: str = BASE) -> Path:
    """Write what ships of a model that was distilled from the shipped `base`: its own parts in fp16; return `folder`.

    A folder that is there is replaced. Raises OSError, SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    halve(model, temporary)
    for part in OF_BASE:
        shutil.rmtree(temporary / part)
    write_base(temporary, base)
    shutil.rmtree(folder, ignore_errors=True)
    return temporary.rename(folder)
