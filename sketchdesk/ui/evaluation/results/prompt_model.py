"""The table of a variant: a row a prompt with both models' means, their difference and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import interval_text, model_name
from sketchdesk.library.evaluation.findings import Interval
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.wording.axis_marks import reach_of
from sketchdesk.library.wording.number_words import number, signed

INTERVAL_ROLE = Qt.ItemDataRole.UserRole
"""The Interval that is drawn in the column DIFFERENCE."""
PAIRS_ROLE = Qt.ItemDataRole.UserRole + 1
"""The files in the column PICTURES: a list of tuples, one a seed, base first."""
PROMPT_ROLE = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What stands in which column."""

    PROMPT = 0
    BASE = 1
    TUNED = 2
    DIFFERENCE = 3
    DRAWINGS = 4
    PICTURES = 5


@dataclass(frozen=True)
class PromptLine:
    """One row. Without a comparison `tuned` is the one model's mean and `found` its interval."""

    prompt: str
    model: str
    """The model of a row that compares nothing, "" where two are compared."""
    base: float | None
    tuned: float | None
    found: Interval | None
    called_drawings: int
    captioned: int
    pictures: tuple[tuple[Path, ...], ...]

    def sort_key(self, column: Column) -> Any:
        """Return what the row is sorted by, None for what is not known."""
        values = {
            Column.BASE: self.base,
            Column.TUNED: self.tuned,
            Column.DIFFERENCE: self.found.mean if self.found else None,
            Column.DRAWINGS: self.called_drawings / self.captioned if self.captioned else None,
            Column.PICTURES: float(len(self.pictures)),
        }
        if column is Column.PROMPT:
            return (self.prompt.casefold(), self.model)
        return values[column]


class PromptTable(QAbstractTableModel):
    """Shows one variant of a study, sorted as asked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[PromptLine] = []
        self._base, self._tuned = "", ""
        self.is_comparison = False
        self.scale = (0.0, 1.0)
        """The range all drawn intervals share; zero is in it where they are differences."""
        self._sorted_by: tuple[Column, Qt.SortOrder] | None = None

    def show_variant(self, study: Study, folder: Path, variant: VariantFindings) -> None:
        """Show a variant; `folder` is where the study lies."""
        self.beginResetModel()
        self.is_comparison = variant.cosine is not None
        self._base, self._tuned = study.pair.base, study.pair.tuned
        self._lines = lines_of(study, folder, variant)
        self.scale = reach_of([line.found for line in self._lines if line.found], self.is_comparison)
        if self._sorted_by:
            self._arrange(*self._sorted_by)
        self.endResetModel()

    def line(self, row: int) -> PromptLine:
        """Return a row."""
        return self._lines[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of prompts."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENTS[Column(section)]
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        compared = {
            Column.PROMPT: _("Prompt"),
            Column.BASE: _capital(model_name(self._base)),
            Column.TUNED: _capital(model_name(self._tuned)),
            Column.DIFFERENCE: _("Difference, 95 % interval"),
            Column.DRAWINGS: _("BLIP: drawing"),
            Column.PICTURES: _("Same seed: {base} → {tuned}").format(
                base=model_name(self._base), tuned=model_name(self._tuned)
            ),
        }
        alone = {
            Column.BASE: _("Model"),
            Column.TUNED: _("CLIP cosine"),
            Column.DIFFERENCE: _("95 % interval"),
            Column.PICTURES: _("Pictures"),
        }
        return (compared if self.is_comparison else compared | alone)[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        line, column = self._lines[index.row()], Column(index.column())
        found: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                found = self._text(line, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                found = _ALIGNMENTS[column]
            case Qt.ItemDataRole.ToolTipRole:
                found = self._tip(line, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                found = self._tip(line, column) or self._text(line, column)
            case _ if role == INTERVAL_ROLE and column is Column.DIFFERENCE:
                found = line.found
            case _ if role == PAIRS_ROLE and column is Column.PICTURES:
                found = line.pictures
            case _ if role == PROMPT_ROLE:
                found = line.prompt
        return found

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange the rows by a column; a negative one leaves them as they are."""
        if column < 0:
            return
        self.layoutAboutToBeChanged.emit()
        before = [self._lines[index.row()] for index in self.persistentIndexList()]
        old = self.persistentIndexList()
        self._sorted_by = (Column(column), order)
        self._arrange(*self._sorted_by)
        places = {id(line): row for row, line in enumerate(self._lines)}
        new = [self.index(places[id(line)], index.column()) for line, index in zip(before, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def _arrange(self, column: Column, order: Qt.SortOrder) -> None:
        known = [line for line in self._lines if line.sort_key(column) is not None]
        known.sort(key=lambda line: line.sort_key(column), reverse=order is Qt.SortOrder.DescendingOrder)
        self._lines = known + [line for line in self._lines if line.sort_key(column) is None]

    def _text(self, line: PromptLine, column: Column) -> str:
        match column:
            case Column.PROMPT:
                return line.prompt or _("Without a prompt")
            case Column.BASE:
                return _cosine(line.base) if self.is_comparison else model_name(line.model)
            case Column.TUNED:
                return _cosine(line.tuned)
            case Column.DIFFERENCE:
                return (signed if self.is_comparison else number)(line.found.mean) if line.found else "–"
            case Column.DRAWINGS:
                return f"{line.called_drawings} / {line.captioned}" if line.captioned else "–"
            case Column.PICTURES:
                return ""

    def _tip(self, line: PromptLine, column: Column) -> str:
        if column is Column.PROMPT:
            return line.prompt
        if column is Column.DIFFERENCE and line.found:
            return _("{interval} (95 %), over the seeds of this prompt").format(
                interval=interval_text(line.found, signed if self.is_comparison else number)
            )
        if column is Column.DRAWINGS and line.captioned:
            words = _("BLIP's caption says drawing, sketch or black and white for {count} of {total} pictures")
            return words.format(count=line.called_drawings, total=line.captioned)
        return ""


def lines_of(study: Study, folder: Path, variant: VariantFindings) -> list[PromptLine]:
    """Return a line a prompt where two models are compared, else one a prompt and model."""
    if variant.cosine is not None:
        return [_compared(study, folder, variant, prompt) for prompt in variant.prompts]
    return [
        _alone(folder, variant, prompt, model.name)
        for prompt in variant.prompts
        for model in variant.models
        if variant.images_of(prompt, model.name)
    ]


def _compared(study: Study, folder: Path, variant: VariantFindings, prompt: str) -> PromptLine:
    assert variant.cosine is not None
    base, tuned = (variant.images_of(prompt, model) for model in (study.pair.base, study.pair.tuned))
    of_base = {image.seed: image for image in base}
    pairs = [(of_base[image.seed], image) for image in tuned if image.seed in of_base]
    return PromptLine(
        prompt=prompt,
        model="",
        base=_mean(variant, study.pair.base, prompt),
        tuned=_mean(variant, study.pair.tuned, prompt),
        found=variant.cosine.by_prompt.get(prompt),
        called_drawings=sum(image.is_called_drawing for image in tuned),
        captioned=sum(bool(image.caption) for image in tuned),
        pictures=tuple(_files(folder, pair) for pair in pairs),
    )


def _alone(folder: Path, variant: VariantFindings, prompt: str, model: str) -> PromptLine:
    images = variant.images_of(prompt, model)
    own = variant.model(model)
    found = own.cosine_by_prompt.get(prompt) if own else None
    return PromptLine(
        prompt=prompt,
        model=model,
        base=None,
        tuned=found.mean if found else None,
        found=found,
        called_drawings=sum(image.is_called_drawing for image in images),
        captioned=sum(bool(image.caption) for image in images),
        pictures=tuple(_files(folder, [image]) for image in images),
    )


def _mean(variant: VariantFindings, model: str, prompt: str) -> float | None:
    own = variant.model(model)
    found = own.cosine_by_prompt.get(prompt) if own else None
    return found.mean if found else None


def _files(folder: Path, images: Sequence[StudyImage]) -> tuple[Path, ...]:
    return tuple(folder / image.file for image in images)


def _cosine(value: float | None) -> str:
    return "–" if value is None else number(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_ALIGNMENTS = {
    Column.PROMPT: Qt.AlignmentFlag.AlignLeft | _MIDDLE,
    Column.BASE: Qt.AlignmentFlag.AlignRight | _MIDDLE,
    Column.TUNED: Qt.AlignmentFlag.AlignRight | _MIDDLE,
    Column.DIFFERENCE: Qt.AlignmentFlag.AlignHCenter | _MIDDLE,
    Column.DRAWINGS: Qt.AlignmentFlag.AlignRight | _MIDDLE,
    Column.PICTURES: Qt.AlignmentFlag.AlignLeft | _MIDDLE,
}
