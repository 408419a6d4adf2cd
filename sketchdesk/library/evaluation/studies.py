"""Studies on disk: study.json holds everything the window shows of one, and the run folders tell which there are."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.findings import Comparison, Interval, Pair, SetScore, Standing, Verdict
from sketchdesk.library.evaluation.timings import Timings
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.images.metadata import image_files
from sketchdesk.library.models.families import DRAWABLE
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.paths import home
from sketchdesk.library.runs.runs import Run, list_runs, status_of
from sketchdesk.library.runs.state import RunState

STUDY, SCORES, SUMMARY, REPORT = "study.json", "scores.csv", "summary.csv", "report.html"

log = logging.getLogger(__name__)


class StudyImage(Struct, frozen=True, kw_only=True):
    """One picture and what was measured on it. What was not measured is None, or "" for the caption."""

    model: str
    prompt: str
    seed: int | None
    file: str
    """Relative to the study's folder, with forward slashes."""
    cosine: float | None
    colourfulness: float
    caption: str = ""
    is_called_drawing: bool = False
    """Whether the caption calls it a drawing."""
    values: dict[str, float | str] = {}
    """What other metrics measured, by library.evaluation.metric_catalogue's names."""


class ModelFindings(Struct, frozen=True, kw_only=True):
    """One model in one variant."""

    name: str
    images: int
    cosine: Interval | None
    colourfulness: Interval | None
    captioned: int
    called_drawings: int
    cosine_by_prompt: dict[str, Interval] = {}
    metrics: dict[str, Interval] = {}
    """What other metrics measured on its pictures, by library.evaluation.metric_catalogue's names."""


class VariantFindings(Struct, frozen=True, kw_only=True):
    """One variant: its models, the comparison of the first two, and every picture."""

    name: str
    title: str
    generator_prefix: str
    scorer_prefix: str
    models: tuple[ModelFindings, ...]
    cosine: Comparison | None
    """None where the pair has no two scored pictures of the same prompt and seed."""
    colourfulness: Comparison | None
    verdict: Verdict | None
    """The cosine comparison's, for those who read the file without this program."""
    win_rate: float | None
    images: tuple[StudyImage, ...]
    leaderboards: dict[str, tuple[Standing, ...]] = {}
    """Metric → the models in their order, the best first; there where more than one model was measured."""
    choices: tuple[Standing, ...] = ()
    """The models to choose from by the cosine, the best first: all but the pair's base, tested among themselves."""
    comparisons: dict[str, Comparison] = {}
    """Metric → the comparison of the first two models by it, where it was measured on both."""
    sets: tuple[SetScore, ...] = ()
    """Numbers about all pictures of a model together."""

    @property
    def prompts(self) -> list[str]:
        """The prompts, in the order met."""
        return list(dict.fromkeys(image.prompt for image in self.images))

    def model(self, name: str) -> ModelFindings | None:
        """Return what was found of one model; None where it has no picture here."""
        return next((model for model in self.models if model.name == name), None)

    def images_of(self, prompt: str, model: str) -> list[StudyImage]:
        """Return a model's pictures of a prompt, by seed."""
        found = [image for image in self.images if (image.prompt, image.model) == (prompt, model)]
        return sorted(found, key=lambda image: -1 if image.seed is None else image.seed)


class Study(Struct, frozen=True, kw_only=True):
    """What study.json holds. Fields a newer version added are ignored when read."""

    version: int = 1
    title: str
    created: str
    """ISO 8601 time in UTC."""
    app_version: str = ""
    pair: Pair
    """The two models that are compared, by their names in the variants."""
    job: StudyJob | EvaluateJob
    """What was asked, to be asked again."""
    device: str = ""
    precision: str = ""
    timings: Timings | None = None
    """How long the models take; None where nothing was timed."""
    variants: tuple[VariantFindings, ...]


class StudyEntry(Struct, frozen=True, kw_only=True):
    """A study or a scored folder, as a list shows it."""

    run: Run
    state: RunState
    since: float
    """When it came into this state, Unix time in seconds."""
    folder: Path
    """Where study.json is or will be."""
    is_readable: bool
    """Whether study.json lies there."""


def write_study(folder: Path, study: Study) -> None:
    """Write study.json, whole. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    write_json(folder / STUDY, study)


def read_study(folder: Path) -> Study:
    """Read a folder's study.json. Raises SketchDeskError(BAD_INPUT) where there is none or it is damaged."""
    try:
        return reader(Study).decode((folder / STUDY).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        message = _("The results in “{folder}” could not be read.").format(folder=folder)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message, str(error)) from error


def list_studies() -> list[StudyEntry]:
    """Return the data folder's studies and scored folders, newest first, whatever state they are in."""
    return sorted(_entries(), key=lambda entry: entry.run.created, reverse=True)


def _entries() -> Iterator[StudyEntry]:
    for run in list_runs():
        if isinstance(run.job, StudyJob | EvaluateJob):
            yield entry_of(run)


def entry_of(run: Run) -> StudyEntry:
    """Return the list's entry of a run. Raises TypeError for a run that is neither a study nor a scored folder."""
    if not isinstance(run.job, StudyJob | EvaluateJob):
        raise TypeError(f"{run.id} is no study")
    status, folder = status_of(run), Path(run.job.out_dir)
    return StudyEntry(
        run=run, state=status.state, since=status.since, folder=folder, is_readable=(folder / STUDY).is_file()
    )


def new_study_folder(title: str) -> Path:
    """Return a folder of the data folder that is not there yet, named after the time and the title."""
    slug = re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:40].strip("-")
    stem = "-".join(part for part in (datetime.now().strftime("%Y%m%d-%H%M%S"), slug) if part)
    folder, number = home() / "studies" / stem, 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"{stem}-{number}")
    return folder


def now() -> str:
    """Return the time as study.json writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def draws(model: ModelEntry) -> bool:
    """Tell whether a model makes pictures from words and can be used."""
    return not model.problem and not model.inpaints and model.family in DRAWABLE


def newest_tuned(models: list[ModelEntry]) -> ModelEntry | None:
    """Return the model trained last on this machine, None where there is none."""
    own = [model for model in models if model.origin == "own" and draws(model)]
    return max(own, key=lambda model: _changed(model.path), default=None)


def _changed(path: Path) -> float:
    index = path / "model_index.json"
    try:
        return (index if index.is_file() else path).stat().st_mtime
    except OSError:
        return 0.0


def drawn_before(folder: Path, time_s: float) -> int:
    """Return how many pictures of a study were drawn before a Unix time, by an earlier start of it."""
    count = 0
    for file in image_files(folder / "images"):
        with suppress(OSError):
            count += file.stat().st_mtime < time_s
    return count


def image_count(job: StudyJob) -> int:
    """Return how many pictures a study scores."""
    return len(job.prompts) * len(job.models) * len(job.seeds) * len(job.variants)


def drawing_count(job: StudyJob) -> int:
    """Return how many pictures a study draws: variants that draw alike share theirs."""
    ways = {variant.generator_prefix for variant in job.variants}
    return len(job.prompts) * len(job.models) * len(job.seeds) * len(ways)
