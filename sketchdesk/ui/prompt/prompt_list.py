"""The prompt list as a Qt model: rows that can be edited, moved and taken back, without any view."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.files.loose import items, mapping
from sketchdesk.library.models.samplers import display_name
from sketchdesk.ui.prompt.typed import Typed, changed, clean, copied, typed

ROWS_MIME = "application/x-sketchdesk-prompt-rows"
UNDO_DEPTH = 200
OVERRIDES = ("negative_prompt", "seed", "num_inference_steps", "guidance_scale", "width", "height", "sampler")
"""What a row may say for itself beside its count."""

Index = QModelIndex | QPersistentModelIndex
Rows = tuple[PromptRow, ...]


class Role(IntEnum):
    """What can be asked of a row beyond its text."""

    COUNT = Qt.ItemDataRole.UserRole
    """How many images it asks for: its own count or the form's."""
    OWN_COUNT = Qt.ItemDataRole.UserRole + 1
    """Whether the count is its own."""
    OVERRIDES = Qt.ItemDataRole.UserRole + 2
    """Its own settings in words, one a line; "" for none."""


class PromptList(QAbstractListModel):
    """The rows, and every state they were in before.

    Signals:
        rows_changed(): They are different now, by whatever way.
        lines_unclear(list): Lines were added as they stand; a SketchDeskError each says why.
    """

    rows_changed = Signal()
    lines_unclear = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Rows = ()
        self._count = 1
        self._past: list[Rows] = []
        self._future: list[Rows] = []
        self._token = uuid.uuid4().hex  # tells rows dragged within this list from those of another

    # --- Qt's questions ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of prompts."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be edited and dragged; what is dropped goes between them."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren
        )  # fmt: skip

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a row shows."""
        row = self._rows[index.row()]
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: row.prompt,
            Qt.ItemDataRole.EditRole: lambda: row.prompt,
            Qt.ItemDataRole.ToolTipRole: lambda: "\n".join(filter(None, (row.prompt, overrides_text(row)))),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._spoken(row),
            Role.COUNT: lambda: row.count or self._count,
            Role.OWN_COUNT: lambda: row.count is not None,
            Role.OVERRIDES: lambda: overrides_text(row),
        }
        return answers[role]() if role in answers else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change a prompt's text; an empty one takes the row out. False: nothing changed."""
        place, text = index.row(), clean(str(value))
        if role != Qt.ItemDataRole.EditRole or text == self._rows[place].prompt:
            return False
        if not text:
            self.remove([place])
        else:
            self._become((*self._rows[:place], changed(self._rows[place], text), *self._rows[place + 1 :]))
        return True

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows are moved, text from elsewhere is copied."""
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        """What can be dropped between the rows."""
        return [ROWS_MIME, "text/plain"]

    def mimeData(self, indexes: Iterable[Index]) -> QMimeData:
        """Rows as they are dragged: their places here, and their text for other programs."""
        places = sorted({index.row() for index in indexes})
        data = QMimeData()
        data.setText(copied([self._rows[place] for place in places]))
        data.setData(ROWS_MIME, json.dumps({"list": self._token, "rows": places}).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Move rows of this list to before `row`, or add text from elsewhere there. False: there was nothing."""
        before = row if row >= 0 else parent.row() if parent.isValid() else len(self._rows)
        places = self.dragged(data)
        if places:
            self.move(places, before)
        return bool(places) or bool(self.take(typed(data.text()), before))

    def dragged(self, data: QMimeData) -> list[int]:
        """Return the places of this list's own rows in what is dragged; [] where it comes from elsewhere."""
        try:
            told = mapping(json.loads(bytes(data.data(ROWS_MIME).data())))
        except ValueError:
            return []
        places = items(told.get("rows")) if told.get("list") == self._token else []
        return [place for place in places if place < len(self._rows)]

    # --- the rows ------------------------------------------------------------------------------------------------

    def rows(self) -> Rows:
        """Return the rows."""
        return self._rows

    def restore(self, rows: Sequence[PromptRow]) -> None:
        """Begin with these rows; there is nothing to undo."""
        self._past, self._future = [], []
        self._show(tuple(rows))

    def set_rows(self, rows: Sequence[PromptRow]) -> None:
        """Put these rows in place of all others."""
        self._become(tuple(rows))

    def set_count(self, count: int) -> None:
        """Set the form's count, for the rows that have none of their own."""
        if count != self._count:
            self._count = count
            self._touch(0, len(self._rows) - 1)

    def add(self, rows: Sequence[PromptRow], before: int | None = None) -> int:
        """Add rows, at the end unless a place is given; return how many."""
        place = len(self._rows) if before is None else before
        if rows:
            self._become((*self._rows[:place], *rows, *self._rows[place:]))
        return len(rows)

    def take(self, found: Typed, before: int | None = None) -> int:
        """Add what was typed, pasted or dropped, and tell of lines that are not understood; return how many rows."""
        rows, problems = found
        added = self.add(rows, before)
        if problems:
            self.lines_unclear.emit(problems)
        return added

    def remove(self, places: Iterable[int]) -> None:
        """Take rows out."""
        gone = set(places)
        self._become(tuple(row for place, row in enumerate(self._rows) if place not in gone))

    def duplicate(self, places: Iterable[int]) -> list[int]:
        """Put a copy after the last of some rows; return where the copies are."""
        chosen = sorted(set(places))
        if not chosen:
            return []
        self.add([self._rows[place] for place in chosen], chosen[-1] + 1)
        return list(range(chosen[-1] + 1, chosen[-1] + 1 + len(chosen)))

    def move(self, places: Iterable[int], before: int) -> list[int]:
        """Move rows, in their order, to before a row; return where they are then."""
        chosen = sorted(set(places))
        moved = set(chosen)
        rest = [place for place in range(len(self._rows)) if place not in moved]
        at = sum(place < before for place in rest)
        order = [*rest[:at], *chosen, *rest[at:]]
        self._become(tuple(self._rows[place] for place in order))
        return list(range(at, at + len(chosen)))

    def shift(self, places: Iterable[int], by: int) -> list[int]:
        """Move rows one up (-1) or down (+1); return where they are then."""
        chosen = sorted(set(places))
        if not chosen:
            return []
        before = max(0, chosen[0] - 1) if by < 0 else min(len(self._rows), chosen[-1] + 2)
        return self.move(chosen, before)

    def set_own_count(self, places: Iterable[int], count: int | None) -> None:
        """Give rows a count of their own, or (None) the form's."""
        self._replace(places, count=count)

    def clear_overrides(self, places: Iterable[int]) -> None:
        """Take from rows every setting of their own, the count too."""
        self._replace(places, count=None, **dict.fromkeys(OVERRIDES))

    # --- undo ----------------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a state was taken back."""
        return bool(self._future)

    def undo(self) -> None:
        """Go back to the state before the last change."""
        if self._past:
            self._future.append(self._rows)
            self._show(self._past.pop())

    def redo(self) -> None:
        """Take the last undo back."""
        if self._future:
            self._past.append(self._rows)
            self._show(self._future.pop())

    # --- how it goes on ------------------------------------------------------------------------------------------

    def _spoken(self, row: PromptRow) -> str:
        count = row.count or self._count
        text = ngettext("{prompt}, {count} image", "{prompt}, {count} images", count)
        return text.format(prompt=row.prompt, count=count)

    def _replace(self, places: Iterable[int], **values: Any) -> None:
        chosen = set(places)
        self._become(
            tuple(
                msgspec.structs.replace(row, **values) if place in chosen else row
                for place, row in enumerate(self._rows)
            )
        )

    def _become(self, rows: Rows) -> None:
        """Change to these rows, and remember those before."""
        if rows == self._rows:
            return
        self._past = [*self._past[-UNDO_DEPTH + 1 :], self._rows]
        self._future = []
        self._show(rows)

    def _show(self, rows: Rows) -> None:
        """Tell the views of no more than what is different: what stands before and after it keeps its place."""
        old = self._rows
        shorter = min(len(old), len(rows))
        head = next((n for n in range(shorter) if old[n] is not rows[n]), shorter)
        tail = next((n for n in range(shorter - head) if old[-1 - n] is not rows[-1 - n]), shorter - head)
        gone, new = len(old) - head - tail, len(rows) - head - tail
        # First the rows that are others now, then those that are too many or too few.
        both = head + min(gone, new)
        self._rows = (*rows[:both], *old[both:])
        self._touch(head, both - 1)
        if gone > new:
            self.beginRemoveRows(QModelIndex(), both, head + gone - 1)
            self._rows = rows
            self.endRemoveRows()
        elif new > gone:
            self.beginInsertRows(QModelIndex(), both, head + new - 1)
            self._rows = rows
            self.endInsertRows()
        self.rows_changed.emit()

    def _touch(self, first: int, last: int) -> None:
        if first <= last:
            self.dataChanged.emit(self.index(first), self.index(last))


def overrides_text(row: PromptRow) -> str:
    """Return a row's own settings in words, one a line; "" for none."""
    size = f"{row.width or '–'} × {row.height or '–'}" if row.width or row.height else None
    told = (
        (_("Negative prompt: {value}"), row.negative_prompt),
        (_("Seed: {value}"), row.seed),
        (_("Steps: {value}"), row.num_inference_steps),
        (_("Guidance: {value}"), row.guidance_scale),
        (_("Size: {value}"), size),
        (_("Sampler: {value}"), display_name(row.sampler) if row.sampler else None),
    )
    return "\n".join(text.format(value=value) for text, value in told if value is not None)
