"""Score images one batch after another: what the evaluate job, studies and the demo's main job have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from sketchdesk.contracts.events import ScoreReady
from sketchdesk.contracts.jobs import Precision
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.evaluation.blip import Captioner
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.journal import ScoreJournal
from sketchdesk.engine.evaluation.pictures import colourfulness, read_picture
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow, relative_to
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models import resolve_model


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


@dataclass(frozen=True)
class Scorers:
    """The loaded judges; None for a metric that was not asked for."""

    clip: ClipScorer | None
    blip: Captioner | None
    _captions: dict[Path, str] = field(default_factory=dict)
    """What was captioned already: a picture that stands in two variants is looked at once."""

    def captions(self, part: Sequence[tuple[Subject, Image.Image]]) -> list[str]:
        """Return a caption for each picture; "" where captions were not asked for."""
        if not self.blip:
            return [""] * len(part)
        new = {subject.path: picture for subject, picture in part if subject.path not in self._captions}
        if new:
            self._captions.update(zip(new, self.blip.captions(list(new.values())), strict=True))
        return [self._captions[subject.path] for subject, _picture in part]


def scoring_place(device: str, precision: Precision, num_threads: int | None) -> Placement:
    """Return where scoring runs. "auto" is fp32: scores are to be the same everywhere, and these models are small."""
    return place(device, "fp32" if precision == "auto" else precision, num_threads)


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
    for start in range(0, len(missing), batch_size):
        part: list[tuple[Subject, Image.Image]] = []
        for subject in missing[start : start + batch_size]:
            picture = read_picture(subject.path)
            if picture is None:
                reporter.notice(_("Left out, not a readable image: {file}").format(file=subject.path.name), "warning")
            else:
                part.append((subject, picture))
        scores = _score_batch(part, scorers, csv_dir)
        if journal:
            journal.add((one, subject.text) for (subject, _picture), one in zip(part, scores, strict=True))
        for (subject, _picture), one in zip(part, scores, strict=True):
            known[subject] = one
            values = {"colourfulness": one.colourfulness}
            if one.row.cosine is not None:
                values["cosine"] = one.row.cosine
            caption = one.row.caption if scorers.blip else None
            reporter.emit(ScoreReady(path=str(one.path), prompt=one.row.prompt, values=values, caption=caption))
        left = max(0, len(missing) - start - batch_size)
        reporter.step(len(subjects) - left, len(subjects))
    return [known[subject] for subject in subjects if subject in known]


def _known(journal: ScoreJournal | None, subject: Subject) -> Scored | None:
    return journal.known(subject.path, subject.experiment, subject.model, subject.text) if journal else None


def _score_batch(part: list[tuple[Subject, Image.Image]], scorers: Scorers, csv_dir: Path) -> list[Scored]:
    cosines: dict[int, float] = {}
    if scorers.clip:
        told = [number for number, (subject, _picture) in enumerate(part) if subject.prompt]
        texts = [part[number][0].text for number in told]
        values = scorers.clip.cosines([part[number][1] for number in told], texts)
        cosines = dict(zip(told, values.tolist(), strict=True))
    captions = scorers.captions(part)
    return [
        Scored(
            path=subject.path,
            row=ScoreRow(
                experiment=subject.experiment,
                model=subject.model,
                prompt=subject.prompt,
                seed=subject.seed,
                file=relative_to(csv_dir, subject.path),
                cosine=cosines.get(number),
                caption=captions[number],
            ),
            colourfulness=colourfulness(picture),
        )
        for number, (subject, picture) in enumerate(part)
    ]


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
