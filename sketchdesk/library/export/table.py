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
    "init_hash", "strength", "mask_image", "mask_hash", "device", "precision", "memory_savings", "fast", "text_s",
    "denoise_s", "decode_s", "created", "app_version", "run", "starred", "caption",
)  # fmt: skip
"""What every table has; a column a score follows."""


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
        "scheduler": json.dumps(record.scheduler, ensure_ascii=False) if record.scheduler else "",
        "memory_savings": "; ".join(record.memory_savings),
        "fast": "; ".join(record.fast),
        "prompt_weighting": int(record.prompt_weighting),
        "strength": record.strength if record.init_image else None,
    }
