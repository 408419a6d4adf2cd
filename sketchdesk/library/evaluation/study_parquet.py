"""A study as Parquet, for a data frame: every picture with what was measured on it, every draw that was timed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, StudyImage
from sketchdesk.library.evaluation.timings import DRAW_COLUMNS, draw_rows
from sketchdesk.library.evaluation.votes import NO_VOTES, Vote, Votes, chosen_model
from sketchdesk.library.files.atomic import replacing

_TEXTS = ("model", "device", "precision")
_WHOLE = ("batch_size", "draw", "steps", "width_px", "height_px", "num_threads")


def write_parquet(path: Path, study: Study, votes: Votes = NO_VOTES) -> Path:
    """Write every picture with what was measured on it, a row each, and return the path.

    What other metrics measured are columns of their own, where there are any; so is `vote` where there are votes: 1
    for a picture that was chosen, 0 for the other, 0.5 for both where they are equal. Raises
    SketchDeskError(DISK_FULL, NOT_WRITABLE).
    """
    import pyarrow as pa

    measured: dict[str, Any] = {}
    for variant in study.variants:
        for image in variant.images:
            for name, value in image.values.items():
                measured[name] = pa.string() if isinstance(value, str) else pa.float64()
    rows = [
        {
            "variant": variant.name, "model": image.model, "prompt": image.prompt, "seed": image.seed,
            "file": image.file, "cosine": image.cosine, "colourfulness": image.colourfulness,
            "caption": image.caption, "is_called_drawing": image.is_called_drawing, **image.values,
            "vote": _vote(image, votes.get(variant.name, {})),
        }
        for variant in study.variants for image in variant.images
    ]  # fmt: skip
    columns = [
        ("variant", pa.string()), ("model", pa.string()), ("prompt", pa.string()), ("seed", pa.uint64()),
        ("file", pa.string()), ("cosine", pa.float64()), ("colourfulness", pa.float64()), ("caption", pa.string()),
        ("is_called_drawing", pa.bool_()), *measured.items(),
    ]  # fmt: skip
    if any(votes.values()):
        columns.append(("vote", pa.float64()))
    return _write(path, rows, columns)


def write_times_parquet(path: Path, study: Study) -> Path:
    """Write every timed draw, a row each, and return the path.

    Raises SketchDeskError: BAD_INPUT for a study that timed nothing, DISK_FULL, NOT_WRITABLE.
    """
    import pyarrow as pa

    if study.timings is None:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("This study did not time its models."))
    rows = [dict(zip(DRAW_COLUMNS, row, strict=True)) for row in draw_rows(study.timings)]
    kinds = {name: pa.string() for name in _TEXTS} | {name: pa.int64() for name in _WHOLE}
    return _write(path, rows, [(name, kinds.get(name, pa.float64())) for name in DRAW_COLUMNS])


def _vote(image: StudyImage, votes: Mapping[tuple[str, int | None], Vote]) -> float | None:
    vote = votes.get((image.prompt, image.seed))
    if vote is None or image.model not in (vote.left, vote.right):
        return None
    chosen = chosen_model(vote)
    return 0.5 if chosen is None else float(chosen == image.model)


def _write(path: Path, rows: list[dict[str, Any]], columns: Sequence[tuple[str, Any]]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet

    with replacing(path) as temporary:
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows, pa.schema(list(columns))), temporary)
    return path
