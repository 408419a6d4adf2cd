"""A study taken elsewhere: one of its files, or all of it as a folder or a zip that needs nothing from here."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.report_votes import with_votes
from sketchdesk.library.evaluation.studies import REPORT, SCORES, STUDY, SUMMARY, Study, read_study
from sketchdesk.library.evaluation.timings import TIMINGS
from sketchdesk.library.evaluation.votes import VOTES
from sketchdesk.library.files.atomic import disk_errors, replacing, write_bytes

IMAGES = "images"


def export_file(folder: Path, name: str, target: Path) -> Path:
    """Copy one of a study's files to `target`, whole, and return that.

    Raises SketchDeskError: BAD_INPUT where the study has no such file, DISK_FULL, NOT_WRITABLE.
    """
    source = folder / name
    if not source.is_file():
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{file}” is not there any more.").format(file=source))
    if name == REPORT:
        write_bytes(target, _report(folder))
        return target
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
    return target


def _report(folder: Path) -> bytes:
    """Return a study's report with what was voted since it was written."""
    with disk_errors(folder / REPORT):
        return with_votes((folder / REPORT).read_text(encoding="utf-8", errors="surrogateescape"), folder).encode(
            errors="surrogateescape"
        )


def export_folder(folder: Path, into: Path) -> Path:
    """Copy a study with its pictures into a new folder under `into` and return that; raises as export_file does."""
    target = _free(into / folder.name)
    with disk_errors(target):
        target.mkdir(parents=True)
    for name, data in _members(folder):
        if isinstance(data, bytes):
            write_bytes(target / name, data)
            continue
        with replacing(target / name) as temporary:
            shutil.copyfile(data, temporary)
    return target


def export_zip(folder: Path, target: Path) -> Path:
    """Write a study with its pictures into a zip, whole, and return that; raises as export_file does."""
    members = _members(folder)
    with replacing(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            place = f"{folder.name}/{name}"
            if isinstance(data, bytes):
                archive.writestr(place, data)
            else:
                archive.write(data, place, zipfile.ZIP_STORED)  # PNG is packed already
    return target


def _members(folder: Path) -> Iterator[tuple[str, bytes | Path]]:
    """Yield each file's place in the copy, and where it lies or what it holds. Pictures that are gone are left out.

    Raises SketchDeskError(BAD_INPUT) where study.json cannot be read.
    """
    study = read_study(folder)
    places = _places(study)
    pictures = ((place, folder / file) for file, place in places.items())
    tables = (name for name in (SUMMARY, TIMINGS, REPORT, VOTES) if (folder / name).is_file())
    yield STUDY, msgspec.json.format(msgspec.json.encode(_moved(study, places)), indent=2)
    if (folder / SCORES).is_file():
        yield SCORES, _moved_scores((folder / SCORES).read_bytes(), places)
    for name in tables:
        yield name, _report(folder) if name == REPORT else folder / name
    for place, picture in pictures:
        if picture.is_file():
            yield place, picture


def _places(study: Study) -> dict[str, str]:
    """Return where each picture lies in the copy; those from outside the study's folder get a place under images/."""
    places: dict[str, str] = {}
    for variant in study.variants:
        for image in variant.images:
            inside = not Path(image.file).is_absolute() and ".." not in Path(image.file).parts
            number = f"{len(places):05d}-{Path(image.file).name}"
            places.setdefault(image.file, image.file if inside else f"{IMAGES}/{number}")
    return places


def _moved(study: Study, places: dict[str, str]) -> Study:
    variants = tuple(
        msgspec.structs.replace(
            variant,
            images=tuple(msgspec.structs.replace(image, file=places[image.file]) for image in variant.images),
        )
        for variant in study.variants
    )
    return msgspec.structs.replace(study, variants=variants)


def _moved_scores(data: bytes, places: dict[str, str]) -> bytes:
    """Return scores.csv with its column of files as the copy has them."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    if not rows or "file" not in rows[0]:
        return data
    column = rows[0].index("file")
    for row in rows[1:]:
        if len(row) > column:
            row[column] = places.get(row[column], row[column])
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _free(folder: Path) -> Path:
    candidate, number = folder, 1
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name} ({number})")
    return candidate
