"""A table of the images: every setting and every score, one row an image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sketchdesk.library.export.outcome import Exported, check_any, no_progress, path_text
from sketchdesk.library.files.csv_rows import Cell, write_table
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress

COLUMNS = (
    "file", "prompt", "style_prefix", "style_suffix", "negative_prompt", "model", "model_hash", "loras", "lora_hashes",
    "embeddings", "embedding_hashes", "decoder_hash", "own_sampler", "scheduler", "seed", "num_inference_steps",
    "guidance_scale", "guidance_rescale", "clip_skip", "prompt_weighting", "sampler", "width", "height", "init_image",
    "init_hash", "strength", "mask_image", "mask_hash", "unmasked_kept", "device", "precision", "num_threads",
    "memory_savings", "fast", "batch_size", "batch_index", "batch_seeds", "text_s", "denoise_s", "decode_s",
    "seconds_per_image", "steps_taken", "steps_per_s", "created", "app_version", "run", "starred", "tags", "caption",
)  # fmt: skip
"""What every table has; a column a score follows. text_s, denoise_s and decode_s are those of the whole batch."""


def export_table(images: Sequence[GalleryImage], target: Path, progress: Progress = no_progress) -> Exported:
    """Write the table `target`, a CSV file that is safe to open in a spreadsheet, whole or not at all.

    Raises SketchDeskError: BAD_INPUT (no images), DISK_FULL, NOT_WRITABLE.
    """
    check_any(images)
    scores = sorted({name for image in images for name in image.scores})
    rows = []
    for number, image in enumerate(images, start=1):
        rows.append([*_cells(image), *(image.scores.get(name) for name in scores)])
        progress(number, len(images))
    write_table(target, [*COLUMNS, *scores], rows)
    return Exported(target=target, files=(target,), images=len(images))


def _cells(image: GalleryImage) -> list[Cell]:
    values: dict[str, Cell] = {
        "file": path_text(image.path),
        "run": image.run,
        "starred": int(image.starred),
        "tags": "; ".join(image.tags),
        "caption": image.caption,
        **(_recorded(image.record) if image.record else {}),
    }
    return [values.get(column) for column in COLUMNS]


def _recorded(record: ImageRecord) -> dict[str, Cell]:
    values: dict[str, Cell] = {name: getattr(record, name) for name in COLUMNS if name in record.__struct_fields__}
    return values | {
        "loras": "; ".join(f"{lora.path} ({lora.weight:g})" for lora in record.loras),
        "lora_hashes": "; ".join(record.lora_hashes),
        "embeddings": "; ".join(record.embeddings),
        "embedding_hashes": "; ".join(record.embedding_hashes),
        "own_sampler": int(record.own_sampler),
        "unmasked_kept": int(record.unmasked_kept) if record.mask_image else None,
        "batch_seeds": "; ".join(map(str, record.batch_seeds)),
        "seconds_per_image": _seconds_per_image(record),
        "steps_taken": record.steps_taken or None,
        "steps_per_s": record.steps_per_s,
        "scheduler": json.dumps(record.scheduler, ensure_ascii=False) if record.scheduler else "",
        "memory_savings": "; ".join(record.memory_savings),
        "fast": "; ".join(record.fast),
        "prompt_weighting": int(record.prompt_weighting),
        "strength": record.strength if record.init_image else None,
    }


def _seconds_per_image(record: ImageRecord) -> float | None:
    """Return an image's share of its batch's time; None where that is not known."""
    seconds = record.text_s + record.denoise_s + record.decode_s
    return seconds / record.batch_size if seconds and record.batch_size > 0 else None
