"""Score images one batch after another: what the evaluate job, studies and the demo's main job have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchdesk.contracts.events import ScoreReady
from sketchdesk.contracts.jobs import Precision
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.evaluation.blip import Captioner
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.journal import ScoreJournal
from sketchdesk.engine.evaluation.pictures import colourfulness, read_picture
from sketchdesk.engine.evaluation.preparing import Pixels
from sketchdesk.engine.evaluation.read_ahead import AHEAD, ReadAhead
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow, relative_to
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models import locate, resolve_model
from sketchdesk.library.weights import SAFE_SUFFIX

FULL_SIZE_BYTES = 100 * 2**20
"""Models from here on score in the device's fastest precision; the shipped ones are far below."""


@dataclass(frozen=True)
class Subject:
    """An image to be scored and what is known of it. Without a prompt it gets a caption but no cosine."""

    path: Path
    prompt: str = ""
    seed: int | None = None
    model: str = ""
    experiment: str = ""
    scorer_prefix: str = ""
    """Stands before the prompt where CLIP reads it."""

    @property
    def text(self) -> str:
        """What CLIP compares the image with."""
        return f"{self.scorer_prefix.strip()} {self.prompt}".strip()


class Looked(NamedTuple):
    """What was taken from a picture before any judge sees it; None where a judge is not asked, or knows it."""

    colourfulness: float
    clip: Pixels | None
    blip: Pixels | None


@dataclass
class Scorers:
    """The loaded judges; None for a metric that was not asked for."""

    clip: ClipScorer | None
    blip: Captioner | None
    embeddings: dict[Path, NDArray[np.float32]] = field(default_factory=dict)
    """What CLIP made of each picture: one that stands in two variants is looked at once, and metrics use it again."""
    waited_s: float = 0.0
    """How long the judges had to wait for pictures to be read and prepared."""
    _captions: dict[Path, str] = field(default_factory=dict)

    def look(self, subject: Subject) -> Looked | None:
        """Read a picture and prepare it for the judges; None where it is none. Any thread may do it."""
        picture = read_picture(subject.path)
        if picture is None:
            return None
        return Looked(
            colourfulness=colourfulness(picture),
            clip=self.clip.prepare(picture) if self.clip and subject.path not in self.embeddings else None,
            blip=self.blip.prepare(picture) if self.blip and subject.path not in self._captions else None,
        )

    def cosines(self, part: Sequence[tuple[Subject, Looked]]) -> list[float | None]:
        """Return each picture's cosine with its text; None without a prompt, or where no cosine was asked for."""
        if not self.clip:
            return [None] * len(part)
        new = {subject.path: looked.clip for subject, looked in part if looked.clip is not None}
        if new:
            self.embeddings.update(zip(new, self.clip.embed(list(new.values())).cpu().numpy(), strict=True))
        texts = self.clip.text_embeddings([subject.text for subject, _looked in part]).cpu().numpy()
        images = np.stack([self.embeddings[subject.path] for subject, _looked in part])
        found = (images * texts).sum(axis=1, dtype=np.float32)
        return [float(cosine) if one.prompt else None for (one, _looked), cosine in zip(part, found, strict=True)]

    def captions(self, part: Sequence[tuple[Subject, Looked]]) -> list[str]:
        """Return a caption for each picture; "" where captions were not asked for."""
        if not self.blip:
            return [""] * len(part)
        new = {subject.path: looked.blip for subject, looked in part if looked.blip is not None}
        if new:
            self._captions.update(zip(new, self.blip.describe(list(new.values())), strict=True))
        return [self._captions[subject.path] for subject, _looked in part]


def scoring_place(
    device: str, precision: Precision, num_threads: int | None, models: Iterable[str] = ()
) -> Placement:
    """Return where scoring runs. "auto" is fp32 for small models: their scores are to be the same everywhere.

    Where one of `models` is of full size, it is the precision that was measured to be the fastest here.
    """
    if precision == "auto" and not any(_is_full_size(name) for name in models):
        precision = "fp32"
    return place(device, precision, num_threads)


def _is_full_size(name: str) -> bool:
    found = locate(name)
    files = found.glob(f"*{SAFE_SUFFIX}") if found and found.is_dir() else ()
    return sum(file.stat().st_size for file in files) >= FULL_SIZE_BYTES


def load_scorers(
    placement: Placement, clip_model: str | None, blip_model: str | None, batch_size: int = 16
) -> Scorers:
    """Load the judges by name; None loads none. Raises SketchDeskError for a model that is missing or unreadable."""
    return Scorers(
        clip=ClipScorer.load(resolve_model(clip_model), placement, batch_size) if clip_model else None,
        blip=Captioner.load(resolve_model(blip_model), placement, batch_size) if blip_model else None,
    )


def score_images(
    subjects: Sequence[Subject],
    scorers: Scorers,
    csv_dir: Path,
    reporter: Reporter,
    batch_size: int = 16,
    journal: ScoreJournal | None = None,
) -> list[Scored]:
    """Score every image that can be read, say each score as it is ready, and name what was left out.

    Files are written into the rows relative to `csv_dir`. What `journal` holds is not scored again, and what is scored
    goes into it batch by batch. Raises Cancelled between batches.
    """
    _warn_of_long_prompts(subjects, scorers, reporter)
    known = {subject: one for subject in subjects if (one := _known(journal, subject))}
    missing = [subject for subject in subjects if subject not in known]
    ahead = ReadAhead(missing, scorers.look, max(batch_size, AHEAD))
    part: list[tuple[Subject, Looked]] = []
    for done, (subject, looked) in enumerate(ahead, 1):
        if looked is None:
            reporter.notice(_("Left out, not a readable image: {file}").format(file=subject.path.name), "warning")
        else:
            part.append((subject, looked))
        if len(part) < batch_size and done < len(missing):
            continue
        if part:
            known.update(_score_batch(part, scorers, csv_dir, reporter, journal))
        part = []
        reporter.step(len(subjects) - len(missing) + done, len(subjects))
    scorers.waited_s += ahead.waited_s
    return [known[subject] for subject in subjects if subject in known]


def _known(journal: ScoreJournal | None, subject: Subject) -> Scored | None:
    return journal.known(subject.path, subject.experiment, subject.model, subject.text) if journal else None


def _score_batch(
    part: list[tuple[Subject, Looked]],
    scorers: Scorers,
    csv_dir: Path,
    reporter: Reporter,
    journal: ScoreJournal | None,
) -> dict[Subject, Scored]:
    """Score pictures together, write them down, and say each."""
    scored = {}
    for (subject, looked), cosine, caption in zip(part, scorers.cosines(part), scorers.captions(part), strict=True):
        row = ScoreRow(
            experiment=subject.experiment, model=subject.model, prompt=subject.prompt, seed=subject.seed,
            file=relative_to(csv_dir, subject.path), cosine=cosine, caption=caption,
        )  # fmt: skip
        scored[subject] = Scored(path=subject.path, row=row, colourfulness=looked.colourfulness)
    if journal:
        journal.add((one, subject.text) for subject, one in scored.items())
    for one in scored.values():
        values = {"colourfulness": one.colourfulness}
        if one.row.cosine is not None:
            values["cosine"] = one.row.cosine
        said = one.row.caption if scorers.blip else None
        reporter.emit(ScoreReady(path=str(one.path), prompt=one.row.prompt, values=values, caption=said))
    return scored


def _warn_of_long_prompts(subjects: Sequence[Subject], scorers: Scorers, reporter: Reporter) -> None:
    """Say which texts CLIP does not read to their end: their scores are those of the beginning alone."""
    if not scorers.clip:
        return
    prompts = {subject.text: subject.prompt for subject in subjects if subject.prompt}
    overflow = scorers.clip.token_overflow(list(prompts))
    for prompt, lost in zip(prompts.values(), overflow, strict=True):
        if lost:
            message = _("CLIP reads {limit} tokens; the last {lost} of this prompt do not count: {prompt}")
            reporter.notice(message.format(limit=scorers.clip.max_tokens, lost=lost, prompt=prompt), "warning")
