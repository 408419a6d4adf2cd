"""Doing a study again from what it left: which job a report names, and whether the same numbers came out."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import STUDY, Study, StudyImage, read_study

JOB_MARK = "sketchdesk-job"
"""The name of the meta element in which a report holds its job."""
MOST_HTML_BYTES = 200 * 2**20


class Repeated(Struct, frozen=True):
    """How a study done again compares with what it was."""

    same: int
    different: int
    missing: int
    """Pictures that only one of the two has."""


def job_of_report(path: Path) -> StudyJob | EvaluateJob:
    """Return the job of a study's folder, its study.json, or a report.html, wherever that was taken.

    Raises SketchDeskError(BAD_INPUT) for a file that names no job.
    """
    if path.is_dir():
        return read_study(path).job
    if path.name == STUDY:
        return read_study(path.parent).job
    finder = _JobFinder()
    try:
        with path.open(encoding="utf-8") as file:
            finder.feed(file.read(MOST_HTML_BYTES))
        job: StudyJob | EvaluateJob = reader(StudyJob | EvaluateJob).decode(finder.found or "")
        return job
    except (OSError, UnicodeError, msgspec.DecodeError) as error:
        message = _("“{file}” is no report that says how it was made.").format(file=path)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message, str(error)) from error


def study_beside(path: Path) -> Study | None:
    """Return the numbers a report was made of, where they lie beside it; None where they do not."""
    folder = path if path.is_dir() else path.parent
    try:
        return read_study(folder) if (folder / STUDY).is_file() else None
    except SketchDeskError:
        return None


def compared(before: Study, after: Study) -> Repeated:
    """Compare what was measured on each picture: the same to the last digit, or not."""
    first, second = _by_place(before), _by_place(after)
    both = first.keys() & second.keys()
    same = sum(_measured(first[key]) == _measured(second[key]) for key in both)
    return Repeated(same, len(both) - same, len(first.keys() ^ second.keys()))


def _by_place(study: Study) -> dict[tuple[object, ...], StudyImage]:
    found: dict[tuple[object, ...], StudyImage] = {}
    for variant in study.variants:
        for image in variant.images:
            name = Path(image.file).name if image.seed is None else ""
            found[variant.name, image.model, image.prompt, image.seed, name] = image
    return found


def _measured(image: StudyImage) -> StudyImage:
    """Return the picture without its place."""
    return msgspec.structs.replace(image, file="")


class _JobFinder(HTMLParser):
    """Finds the job in a report's head."""

    def __init__(self) -> None:
        super().__init__()
        self.found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the element's content."""
        values = dict(attrs)
        if tag == "meta" and values.get("name") == JOB_MARK:
            self.found = values.get("content")
