"""Which scenes the demo trains on and which it never shows: random scenes minus held-out combinations."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from sketchdesk.contracts.jobs import CaptionJob, DistillJob, EvaluateJob, StudyJob, TrainJob, TrialJob
from sketchdesk.demo.captions import caption
from sketchdesk.demo.scenes import Scene, draw
from sketchdesk.demo.sprites import Style
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS
from sketchdesk.library.dataset.layout import Example, write_metadata
from sketchdesk.library.dataset.tables import METADATA
from sketchdesk.library.paths import home

Split = Literal["train", "held-out"]
SetJob = TypeVar("SetJob", bound=TrainJob | TrialJob | CaptionJob | DistillJob | EvaluateJob | StudyJob)

HELD_OUT_SHARE = 0.1
NAMED_SETS: dict[str, float] = {"demo-sketch": 1.0, "demo-colour": 0.0}
"""The data sets a training may name → their share of sketches."""
NAMED_COUNT = 1500
NAMED_STYLE_WORDS_SHARE = 0.5
"""Half the sketches are captioned plainly, so that a model tuned on them sketches with and without the style words."""
REPORT_COMBINATIONS = {("giraffe", "forest"), ("man riding a bike", "road"), ("monkey", "zebra")}
"""What the reports' prompts show: held out as well, so that drawing them is composition."""


def _held_out(*parts: str) -> bool:
    return tuple(parts) in REPORT_COMBINATIONS or zlib.crc32("|".join(parts).encode()) % 1000 < 1000 * HELD_OUT_SHARE


def is_held_out(scene: Scene) -> bool:
    """Tell whether a scene shows a noun pair, or a noun in a setting, that training never sees."""
    pair = len(scene.nouns) == 2 and _held_out(*sorted(scene.nouns))
    return pair or any(_held_out(noun, scene.setting) for noun in scene.nouns if scene.setting)


def scenes(split: Split, seed: int, sketch_share: float) -> Iterator[Scene]:
    """Yield random scenes without end; the same arguments give the same scenes.

    In training four of ten show one noun, three a pair, two a noun in a setting and one a pair in a setting. Held-out
    scenes are pairs and settings only: every single noun is seen in training.
    """
    rng = random.Random(f"{split} {seed}")
    nouns, settings = list(NOUNS), list(SETTINGS)
    while True:
        roll = rng.random()
        count = 1 if roll < 0.4 or 0.7 <= roll < 0.9 else 2
        setting = rng.choice(settings) if roll >= 0.7 else None
        style: Style = "sketch" if rng.random() < sketch_share else "colour"
        scene = Scene(tuple(rng.sample(nouns, count)), setting, style, rng.randrange(2**31))
        if is_held_out(scene) == (split == "held-out"):
            yield scene


def export(folder: Path, count: int, seed: int, sketch_share: float, style_words_share: float = 1.0) -> Path:
    """Draw `count` training scenes into an imagefolder (PNG + metadata.jsonl) and return it; done once.

    A sketch's caption gets the style words with probability `style_words_share`.
    """
    if (folder / METADATA[0]).is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    examples = []
    for number, scene in enumerate(islice(scenes("train", seed, sketch_share), count)):
        path = folder / f"{number:05d}.png"
        draw(scene).save(path)
        style_words = scene.style == "sketch" and rng.random() < style_words_share
        examples.append(Example(path, caption(scene, rng, style_words)))
    write_metadata(folder, examples)  # last: a folder with metadata is whole
    return folder


def with_drawn_dataset(job: SetJob) -> SetJob:
    """Return a job whose data set, or training set to measure by, lies on disk: NAMED_SETS are drawn at first use."""
    if isinstance(job, EvaluateJob | StudyJob):
        folder = drawn_dataset(job.sources.training_set)
        sources = msgspec.structs.replace(job.sources, training_set=str(folder)) if folder else job.sources
        return msgspec.structs.replace(job, sources=sources)
    if isinstance(job, TrialJob):
        return msgspec.structs.replace(job, training=with_drawn_dataset(job.training))
    folder = drawn_dataset(job.dataset)
    return msgspec.structs.replace(job, dataset=str(folder)) if folder else job


def drawn_dataset(name: str) -> Path | None:
    """Return the folder of one of NAMED_SETS, drawn at its first use; None for another name."""
    if name not in NAMED_SETS:
        return None
    folder = home() / "datasets" / name
    return export(folder, NAMED_COUNT, 1, sketch_share=NAMED_SETS[name], style_words_share=NAMED_STYLE_WORDS_SHARE)
