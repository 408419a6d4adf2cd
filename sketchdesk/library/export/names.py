"""File names for exported images: their own, or made of what the images remember, and good on every system."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.images.record import short_model
from sketchdesk.library.index.index import GalleryImage

FIELDS = ("name", "number", "model", "prompt", "seed", "steps", "run", "score")
"""What a pattern may have in braces."""
LONGEST_FIELD, LONGEST_NAME_BYTES = 60, 200

_FIELD = re.compile(r"\{([^{}]*)\}")
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_names(images: Sequence[GalleryImage], pattern: str = "") -> list[str]:
    """Return a file name for every image, no two alike, whatever counts as alike on the system.

    An empty pattern keeps their own names; else it is text with FIELDS in braces, as "{model}-{prompt}-{seed}".
    Raises SketchDeskError(BAD_INPUT) that names a field there is not.
    """
    check_pattern(pattern)
    taken: set[str] = set()
    names = []
    for number, image in enumerate(images, start=1):
        stem = _filled(pattern, _values(image, number)) if pattern else image.path.stem
        names.append(_untaken(clean(stem), image.path.suffix.lower(), taken))
    return names


def check_pattern(pattern: str) -> None:
    """Raise SketchDeskError(BAD_INPUT) that names a field there is not."""
    for field in _FIELD.findall(pattern):
        if field not in FIELDS:
            message = _("There is no field “{field}” for file names; there are {fields}.")
            fields = ", ".join(f"{{{name}}}" for name in FIELDS)
            raise SketchDeskError(ErrorKind.BAD_INPUT, message.format(field=field, fields=fields))


def clean(text: str) -> str:
    """Return the text without what file systems refuse, short enough for all of them."""
    text = _plain(text).encode()[:LONGEST_NAME_BYTES].decode(errors="ignore")
    text = text.lstrip(".").strip(" .")  # a dot in front hides a file; Windows drops those at the end
    return f"_{text}" if _RESERVED.fullmatch(text) else text


def _filled(pattern: str, values: dict[str, str]) -> str:
    return _FIELD.sub(lambda field: values[field[1]], pattern)


def _values(image: GalleryImage, number: int) -> dict[str, str]:
    record = image.record
    score = image.scores.get("cosine")
    return {
        "name": image.path.stem,
        "number": f"{number:04d}",
        "model": _short(short_model(record.model_label)) if record else "",
        "prompt": _short(record.prompt) if record else "",
        "seed": "" if record is None or record.seed is None else str(record.seed),
        "steps": str(record.num_inference_steps or "") if record else "",
        "run": _short(image.run),
        "score": "" if score is None else f"{score:.3f}",
    }


def _short(text: str) -> str:
    return _plain(text)[:LONGEST_FIELD].rstrip()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _REFUSED.sub("-", text)).strip(" -")


def _untaken(stem: str, suffix: str, taken: set[str]) -> str:
    stem = stem or "image"
    name, number = f"{stem}{suffix}", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number}){suffix}"
    taken.add(name.casefold())
    return name
