"""Draw what a comparison needs, and keep what lies there already and was drawn as asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import ALONE, Ranks
from sketchdesk.library.drawing.forecast import strength_of
from sketchdesk.library.drawing.source_picture import file_hash
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.images.metadata import ImageRecord, image_files, read_record

Key = tuple[str, int]
"""A prompt and a seed."""


def draw_missing(
    job: GenerateJob, wanted: Sequence[Key], reporter: Reporter, ranks: Ranks = ALONE
) -> dict[Key, Path]:
    """Return (prompt, seed) → picture in the job's folder; what is missing there is drawn as the job says.

    The job's own prompts do not count. What cannot be found even then is left out. Of several processes each draws its
    share and all return everything. Raises what drawing raises.
    """
    found = drawn_so(job)
    ranks.wait()  # all have looked before one draws
    rows = prompt_rows(key for key in wanted if key not in found)
    if rows:
        generate.run(msgspec.structs.replace(job, prompts=rows), reporter, ranks, again_from_trash=True)
        ranks.wait()
        found = drawn_so(job)
    return {key: found[key] for key in wanted if key in found}


def prompt_rows(missing: Iterable[Key]) -> tuple[PromptRow, ...]:
    """Return prompt rows that draw exactly these; seeds in sequence share a row."""
    rows: list[PromptRow] = []
    for prompt, seed in missing:
        last = rows[-1] if rows else None
        if last and last.prompt == prompt and last.seed is not None and last.count and last.seed + last.count == seed:
            rows[-1] = PromptRow(prompt=prompt, seed=last.seed, count=last.count + 1)
        else:
            rows.append(PromptRow(prompt=prompt, seed=seed, count=1))
    return tuple(rows)


def drawn_so(job: GenerateJob) -> dict[Key, Path]:
    """Return the pictures that lie in the job's folder and say that they were drawn as the job asks.

    Raises SketchDeskError(BAD_INPUT) where the picture that the job draws from, or its mask, cannot be read.
    """
    found = {}
    for file in image_files(Path(job.out_dir)):
        record = read_record(file)
        if record and record.seed is not None and _fits(record, job):
            found[record.prompt, record.seed] = file
    return found


def _fits(record: ImageRecord, job: GenerateJob) -> bool:
    """Compare what decides a picture; what the job leaves to the model fits whatever it is."""
    return (
        record.style_prefix == job.style_prefix
        and record.style_suffix == job.style_suffix
        and record.negative_prompt == job.negative_prompt
        and record.num_inference_steps == job.num_inference_steps
        and (job.guidance_scale is None or _guiding(job.guidance_scale) == _guiding(record.guidance_scale or 0.0))
        and job.sampler in (None, record.sampler)
        and job.width in (None, record.width)
        and job.height in (None, record.height)
        and record.clip_skip == job.clip_skip
        and record.guidance_rescale == job.guidance_rescale
        and (record.prompt_weighting == job.prompt_weighting or not record.has_brackets)
        and record.embeddings == job.embeddings
        and _has_source_of(record, job)
    )


def _guiding(scale: float) -> float:
    """Return the guidance a scale amounts to: at 1 or below there is none, and pictures say 0 (settings_for)."""
    return scale if scale > 1 else 0.0


def _has_source_of(record: ImageRecord, job: GenerateJob) -> bool:
    """Tell whether the record's picture was drawn from the one that the job draws from, as it is now, as far."""
    if (record.init_image, record.mask_image) != (job.init_image or "", job.mask_image or ""):
        return False
    if job.init_image is None:
        return True
    return (
        record.strength == strength_of(job)
        and record.unmasked_kept == (job.mask_image is not None and job.keep_unmasked)
        and record.init_hash == file_hash(Path(job.init_image))
        and (job.mask_image is None or record.mask_hash == file_hash(Path(job.mask_image)))
    )


def claim_folder(manifest: Path, settings: object, refusal: str) -> None:
    """Write down the settings that decide the pictures. Raises BAD_INPUT(refusal) where others were written before.

    Going on with other settings would mix two experiments in one comparison.
    """
    wanted = msgspec.json.decode(msgspec.json.encode(settings))  # as it reads back
    try:
        found = msgspec.json.decode(manifest.read_bytes())
    except FileNotFoundError:
        write_json(manifest, wanted)
        return
    except (OSError, msgspec.DecodeError):
        found = None
    if found != wanted:
        raise SketchDeskError(ErrorKind.BAD_INPUT, refusal)


def fingerprint(model: Path) -> str:
    """Return a short mark of a model's files: it changes when the weights do, and reading it takes no time.

    Of each file the name, the size and the last 64 KiB count; training moves every weight.
    """
    digest = hashlib.sha256()
    files = [model] if model.is_file() else sorted(file for file in model.rglob("*.safetensors") if file.is_file())
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.relative_to(model.parent).as_posix()} {size}".encode())
        with file.open("rb") as stream:
            stream.seek(max(0, size - 65536))
            digest.update(stream.read())
    return digest.hexdigest()[:16]
