"""Score images one batch after another: what the evaluate job, studies and the demo's main job have in common.

A picture is read and looked at once, however many texts it is compared with. Batches of pictures and of texts are the
same in however many processes, and so are the scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from sketchdesk.contracts.events import ScoreReady
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.blip import Captioner
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.journal import ScoreJournal
from sketchdesk.engine.evaluation.pictures import colourfulness, read_picture
from sketchdesk.engine.evaluation.preparing import Pixels
from sketchdesk.engine.evaluation.read_ahead import AHEAD, ReadAhead, in_parts
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow, relative_to
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import ALONE, Ranks
from sketchdesk.library.models.installed import resolve_model

SHOWN_CHARACTERS = 80
"""What a message shows of a prompt."""


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
    """What was taken from a picture before any judge sees it; None for a judge that is not asked."""

    colourfulness: float
    clip: Pixels | None
    blip: Pixels | None


@dataclass
class Scorers:
    """The loaded judges; None for a metric that was not asked for."""

    clip: ClipScorer | None
    blip: Captioner | None
    embeddings: dict[Path, NDArray[np.float32]] = field(default_factory=dict)
    """What CLIP made of each picture; metrics use it again."""
    waited_s: float = 0.0
    """How long the judges had to wait for pictures to be read and prepared."""
    _texts: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def look(self, path: Path) -> Looked | None:
        """Read a picture and prepare it for the judges; None where it is none. Any thread may do it."""
        picture = read_picture(path)
        if picture is None:
            return None
        return Looked(
            colourfulness=colourfulness(picture),
            clip=self.clip.prepare(picture) if self.clip else None,
            blip=self.blip.prepare(picture) if self.blip else None,
        )

    def read(self, texts: Iterable[str], reporter: Reporter, batch_size: int, ranks: Ranks = ALONE) -> None:
        """Let CLIP read the texts that pictures will be compared with, each once. Raises Cancelled."""
        if not self.clip:
            return
        made: dict[str, NDArray[np.float32]] = {}
        for part in ranks.own(list(in_parts(dict.fromkeys(texts), batch_size))):
            made.update(zip(part, self.clip.text_embeddings(part).cpu().numpy(), strict=True))
            reporter.check_cancelled()
        for known in ranks.gathered(made):
            self.clip.remember(known)
            self._texts |= {text: found.astype(np.float64) for text, found in known.items()}

    def see(self, looked: Mapping[Path, Looked]) -> dict[Path, str]:
        """Embed pictures, which cosine() needs, and return their captions; "" where none were asked for."""
        if self.clip:
            made = self.clip.embed([one.clip for one in looked.values() if one.clip is not None]).cpu().numpy()
            self.embeddings.update(zip(looked, made, strict=True))
        if not self.blip:
            return dict.fromkeys(looked, "")
        said = self.blip.describe([one.blip for one in looked.values() if one.blip is not None])
        return dict(zip(looked, said, strict=True))

    def cosine(self, subject: Subject) -> float | None:
        """Return the cosine of a picture that was seen with a text that was read; None without a prompt or CLIP."""
        if not self.clip or not subject.prompt:
            return None
        return float((self.embeddings[subject.path] * self._texts[subject.text]).sum())


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
    ranks: Ranks = ALONE,
) -> list[Scored]:
    """Score every image that can be read, say each score as it is ready, and name what was left out.

    Files are written into the rows relative to `csv_dir`. What `journal` holds is not scored again, and what is scored
    goes into it batch by batch; of several processes, which need one, each takes its share and all return everything.
    Raises Cancelled between batches.
    """
    _warn_of_long_prompts(subjects, scorers, reporter)
    known = _known(journal, subjects)
    ranks.wait()  # all begin with the same journal
    missing = _by_picture(subject for subject in subjects if subject not in known)
    parts = ranks.own(list(in_parts(missing, batch_size)))
    ahead = ReadAhead([path for part in parts for path in part], scorers.look, max(batch_size, AHEAD))
    pictures = iter(ahead)  # they are read while the texts are
    scorers.read((one.text for path in missing for one in missing[path] if one.prompt), reporter, batch_size, ranks)
    before, done = len(known), 0
    for part in parts:
        looked = {path: found for path, found in islice(pictures, len(part)) if found is not None}
        known.update(_score_part(looked, missing, scorers, csv_dir, reporter, journal))
        done += sum(len(missing[path]) for path in part)
        reporter.step(min(before + done * ranks.count, len(subjects)), len(subjects))
    scorers.waited_s += ahead.waited_s
    if journal and ranks.count > 1:
        for embeddings in ranks.gathered(scorers.embeddings):
            scorers.embeddings |= embeddings
        journal.read()
        known = _known(journal, subjects)
    for path in dict.fromkeys(subject.path for subject in subjects if subject not in known):
        reporter.notice(_("Left out, not a readable image: {file}").format(file=path.name), "warning")
    return [known[subject] for subject in subjects if subject in known]


def _by_picture(subjects: Iterable[Subject]) -> dict[Path, list[Subject]]:
    found: dict[Path, list[Subject]] = {}
    for subject in dict.fromkeys(subjects):
        found.setdefault(subject.path, []).append(subject)
    return found


def _known(journal: ScoreJournal | None, subjects: Iterable[Subject]) -> dict[Subject, Scored]:
    """Return what was scored before; a picture that says no seed may stand at another one now."""
    found = {}
    for one in subjects if journal else ():
        if journal and (scored := journal.known(one.path, one.experiment, one.model, one.prompt, one.text)):
            row = msgspec.structs.replace(scored.row, seed=one.seed)
            found[one] = Scored(path=one.path, row=row, colourfulness=scored.colourfulness)
    return found


def _score_part(
    looked: Mapping[Path, Looked],
    subjects: Mapping[Path, Sequence[Subject]],
    scorers: Scorers,
    csv_dir: Path,
    reporter: Reporter,
    journal: ScoreJournal | None,
) -> dict[Subject, Scored]:
    """Score pictures together, write them down, and say each."""
    if not looked:
        return {}
    scored = {}
    captions = scorers.see(looked)
    for subject in (subject for path in looked for subject in subjects[path]):
        row = ScoreRow(
            experiment=subject.experiment, model=subject.model, prompt=subject.prompt, seed=subject.seed,
            file=relative_to(csv_dir, subject.path), cosine=scorers.cosine(subject), caption=captions[subject.path],
        )  # fmt: skip
        scored[subject] = Scored(path=subject.path, row=row, colourfulness=looked[subject.path].colourfulness)
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
    """Say once how many texts CLIP does not read to their end: their scores are those of the beginning alone."""
    if not scorers.clip:
        return
    prompts = {subject.text: subject.prompt for subject in subjects if subject.prompt}
    overflow = scorers.clip.token_overflow(list(prompts))
    cut = [(prompt, lost) for prompt, lost in zip(prompts.values(), overflow, strict=True) if lost]
    if cut:
        (first, lost), limit = cut[0], scorers.clip.max_tokens
        shown = first if len(first) <= SHOWN_CHARACTERS else f"{first[:SHOWN_CHARACTERS]}…"
        message = ngettext(
            "CLIP reads {limit} tokens; the end of {count} prompt does not count. It loses {lost}: {prompt}",
            "CLIP reads {limit} tokens; the ends of {count} prompts do not count. The first loses {lost}: {prompt}",
            len(cut),
        )
        reporter.notice(message.format(limit=limit, lost=lost, count=len(cut), prompt=shown), "warning")
