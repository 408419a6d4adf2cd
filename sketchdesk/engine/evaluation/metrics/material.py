"""What metrics are made of: the scored pictures, their embeddings, and what they are compared with. Each made once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import MetricSources
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.inception_features import InceptionFeatures, clean_resize
from sketchdesk.engine.evaluation.metrics.training_set import TrainingSet
from sketchdesk.engine.evaluation.pictures import read_picture
from sketchdesk.engine.evaluation.read_ahead import ReadAhead, in_parts
from sketchdesk.engine.evaluation.scores import Scored, Value
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import ALONE, Ranks
from sketchdesk.library.evaluation.findings import Interval, Pair, SetScore
from sketchdesk.library.evaluation.metric_catalogue import BY_NAME
from sketchdesk.library.images.metadata import image_files, read_record
from sketchdesk.library.models.installed import resolve_model

Embeddings = NDArray[np.float32]
Group = tuple[str, str]
"""An experiment and a model: one set of pictures."""


class OfSet(NamedTuple):
    """A number about a set, as findings.SetScore has it."""

    value: float
    deviation: float | None = None
    interval: Interval | None = None


@dataclass
class Measured:
    """What a metric found: columns with a value for each scored picture, and numbers of whole sets."""

    columns: dict[str, Sequence[Value | None]] = field(default_factory=dict)
    sets: list[SetScore] = field(default_factory=list)


@dataclass
class Material:
    """The scored pictures, and everything a metric may ask of them. Nothing is computed before it is asked for."""

    scored: Sequence[Scored]
    texts: Sequence[str]
    """What CLIP compares each picture with: the scorer's prefix and the prompt."""
    sources: MetricSources
    placement: Placement
    reporter: Reporter
    clip_model: str
    clip: ClipScorer | None = None
    """Loaded already, where the pictures were scored with it."""
    pair: Pair | None = None
    """A study's two models; None where a folder was scored."""
    batch_size: int = 16
    known: dict[Path, Embeddings] = field(default_factory=dict)
    """CLIP embeddings made already."""
    ranks: Ranks = ALONE
    """The processes that look at pictures together."""
    _features: dict[Path, Embeddings] = field(default_factory=dict)

    @cached_property
    def judge(self) -> ClipScorer:
        """The CLIP model that scores. Raises SketchDeskError where it cannot be loaded."""
        return self.clip or ClipScorer.load(resolve_model(self.clip_model), self.placement, self.batch_size)

    @cached_property
    def inception(self) -> InceptionFeatures:
        """The Inception network. Raises SketchDeskError where its weights are not there."""
        return InceptionFeatures.load(self.sources.inception_weights, self.placement, self.batch_size)

    @cached_property
    def groups(self) -> dict[Group, NDArray[np.int64]]:
        """The sets: (experiment, model) → the numbers of its pictures among the scored, in their order."""
        found: dict[Group, list[int]] = {}
        for number, one in enumerate(self.scored):
            found.setdefault((one.row.experiment, one.row.model), []).append(number)
        return {group: np.array(numbers) for group, numbers in found.items()}

    @cached_property
    def embeddings(self) -> Embeddings:
        """[N, D] CLIP embeddings of the scored pictures, of length one."""
        return self._of_files([one.path for one in self.scored], self.known, self.judge.prepare, self._embed)

    @cached_property
    def features(self) -> Embeddings:
        """[N, 2048] Inception features of the scored pictures."""
        return self._of_files(
            [one.path for one in self.scored], self._features, clean_resize, self.inception.features
        )

    @cached_property
    def reference(self) -> list[Path]:
        """The readable files of the reference folder. Raises SketchDeskError(NO_IMAGES)."""
        files = image_files(Path(self.sources.reference))
        if not files:
            raise SketchDeskError(ErrorKind.NO_IMAGES, self.sources.reference)
        return files

    @cached_property
    def reference_embeddings(self) -> Embeddings:
        """[M, D] CLIP embeddings of the reference folder's pictures that can be read."""
        return self._of_readable(self.reference, self.known, self.judge.prepare, self._embed)

    @cached_property
    def reference_features(self) -> Embeddings:
        """[M, 2048] Inception features of the reference folder's pictures that can be read."""
        return self._of_readable(self.reference, self._features, clean_resize, self.inception.features)

    @cached_property
    def training(self) -> TrainingSet:
        """The training set, its pictures embedded. Raises SketchDeskError (DATASET_UNREADABLE, NO_IMAGES)."""
        return TrainingSet.read(self.sources.training_set, self.judge, self.reporter, self.batch_size, self.ranks)

    def partners(self) -> list[int | Path | None]:
        """Return each picture's counterpart: a number among the scored, a file of the reference folder, or None.

        In a study the first model's picture of the same prompt and seed. In a folder the reference's file of the same
        name, else its one picture that says the same prompt and seed.
        """
        rows = [one.row for one in self.scored]
        if self.pair and not self.sources.reference:
            base = self.pair.base
            firsts = {(r.experiment, r.prompt, r.seed): n for n, r in enumerate(rows) if r.model == base}
            return [None if r.model == base else firsts.get((r.experiment, r.prompt, r.seed)) for r in rows]
        by_name = _once((path.name, path) for path in self.reference)
        records = ((read_record(path), path) for path in self.reference)
        by_record = _once(((record.prompt, record.seed), path) for record, path in records if record)
        return [
            by_name.get(one.path.name) or (by_record.get((row.prompt, row.seed)) if row.seed is not None else None)
            for one, row in zip(self.scored, rows, strict=True)
        ]

    def embeddings_of(self, files: Sequence[Path]) -> Embeddings:
        """Return [M, D] CLIP embeddings of files; a row of nought for one that cannot be read."""
        return self._of_files(files, self.known, self.judge.prepare, self._embed)

    def text_embeddings(self, texts: Sequence[str]) -> Embeddings:
        """Return [M, D] CLIP embeddings of texts, of length one."""
        return np.asarray(self.judge.text_embeddings(texts).cpu().numpy())

    def is_too_small(self, metric: str, drawn: int, real: int, least: int) -> bool:
        """Tell whether a set, or what it is compared with, has too few pictures for a metric; that is said too."""
        if min(drawn, real) >= least:
            return False
        words = _("{title} needs {least} pictures, here are {drawn}, and {real} to compare with: it is left out.")
        title = _(BY_NAME[metric].title)
        self.reporter.notice(words.format(title=title, least=least, drawn=drawn, real=real), "warning")
        return True

    def told(self, values: Sequence[float]) -> list[float | None]:
        """Return one value a picture, None for those without a prompt."""
        return [float(value) if one.row.prompt else None for one, value in zip(self.scored, values, strict=True)]

    def of_sets(
        self, name: str, value_of: Callable[[NDArray[np.int64]], OfSet | None], most: int = 0
    ) -> list[SetScore]:
        """Return a number for each set that has one; `value_of` gives it from the numbers of the set's pictures.

        `most` is how many of the pictures count, 0 for all.
        """
        found = []
        for (experiment, model), numbers in self.groups.items():
            self.reporter.check_cancelled()
            if (value := value_of(numbers)) is not None:
                found.append(
                    SetScore(experiment=experiment, model=model, metric=name, **value._asdict(),
                             images=min(len(numbers), most or len(numbers)))
                )  # fmt: skip
        return found

    def _embed(self, prepared: Sequence[Any]) -> Embeddings:
        return np.asarray(self.judge.embed(prepared).cpu().numpy())

    def _of_files(
        self, files: Sequence[Path], known: dict[Path, Embeddings], prepare: Callable[[Image.Image], Any],
        embed: Callable[[Sequence[Any]], Embeddings],
    ) -> Embeddings:  # fmt: skip
        self._look(files, known, prepare, embed)
        width = len(next(iter(known.values()))) if known else 0
        nothing = np.zeros(width, dtype=np.float32)
        return self._stacked([(path, known.get(path, nothing)) for path in files], known)

    def _of_readable(
        self, files: Sequence[Path], known: dict[Path, Embeddings], prepare: Callable[[Image.Image], Any],
        embed: Callable[[Sequence[Any]], Embeddings],
    ) -> Embeddings:  # fmt: skip
        self._look(files, known, prepare, embed)
        readable = [path for path in files if path in known]
        if not readable:
            raise SketchDeskError(ErrorKind.NO_IMAGES, self.sources.reference, "none of the files could be read")
        return self._stacked([(path, known[path]) for path in readable], known)

    def _stacked(self, rows: Sequence[tuple[Path, Embeddings]], known: dict[Path, Embeddings]) -> Embeddings:
        """Return the rows as one array, of which those that are known are parts then: nothing lies in memory twice."""
        stacked = np.stack([row for _path, row in rows])
        known.update((path, row) for (path, _old), row in zip(rows, stacked, strict=True) if path in known)
        return stacked

    def _look(
        self, files: Sequence[Path], known: dict[Path, Embeddings], prepare: Callable[[Image.Image], Any],
        embed: Callable[[Sequence[Any]], Embeddings],
    ) -> None:  # fmt: skip
        """Embed what is not known yet; what cannot be read is told, and stays unknown."""

        def read(path: Path) -> Any:
            picture = read_picture(path)
            return None if picture is None else prepare(picture)

        missing = [path for path in dict.fromkeys(files) if path not in known]
        parts = self.ranks.own(list(in_parts(missing, self.batch_size)))
        pictures = iter(ReadAhead([path for part in parts for path in part], read))
        own: dict[Path, Embeddings] = {}
        for place, part in enumerate(parts, 1):
            readable = {path: prepared for path, prepared in islice(pictures, len(part)) if prepared is not None}
            if readable:
                own.update(zip(readable, embed(list(readable.values())), strict=True))
            self.reporter.step(place, len(parts))
        for found in self.ranks.gathered(own):
            known.update(found)
        for path in (path for path in missing if path not in known):
            self.reporter.notice(_("Left out, not a readable image: {file}").format(file=path.name), "warning")


def _once(pairs: Any) -> Mapping[Hashable, Path]:
    """Return key → path for the keys that come once; what comes twice tells nothing."""
    found: dict[Hashable, Path] = {}
    twice = set()
    for key, path in pairs:
        if key in found:
            twice.add(key)
        found[key] = path
    return {key: path for key, path in found.items() if key not in twice}
