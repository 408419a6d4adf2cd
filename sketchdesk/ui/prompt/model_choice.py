"""Which model draws: those that are here, broken ones told apart, and any other folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.models.called import called
from sketchdesk.library.models.families import DRAWABLE
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.training.checkpoints import title_of
from sketchdesk.ui.widgets.quiet import ComboBox

_CHOOSE = object()


def why_not(entry: ModelEntry) -> str:
    """Return why a model cannot draw, "" where it can."""
    if entry.problem:
        return entry.problem
    if entry.family not in DRAWABLE:
        return _("“{name}” is no model that draws here.").format(name=short_names([entry])[entry.name])
    return ""


def short_names(entries: Sequence[ModelEntry]) -> dict[str, str]:
    """Return each model's name as a list shows it: a folder's own name, with its parent's where two are alike."""
    return {entry.name: short for entry, short in zip(entries, _shortened([e.name for e in entries]), strict=True)}


def _shortened(names: Sequence[str]) -> list[str]:
    parts = [_telling_parts(name) for name in names]
    last = [own[-1] for own in parts]
    doubled = Counter(last)
    return ["/".join(own[-2:]) if doubled[short] > 1 else short for own, short in zip(parts, last, strict=True)]


def _telling_parts(name: str) -> list[str]:
    """Return the parts of a path; a training's "model" folder is called as the training, a checkpoint by its step."""
    if title := title_of(Path(name)):
        return [title]
    parts = [part for part in Path(name).parts if part not in ("/", "\\")]
    return parts[:-1] if len(parts) > 1 and parts[-1] == "model" else parts or [name]


class ModelChoice(ComboBox):
    """A combo box of models; its last entry asks for a folder.

    Signals:
        chosen(str): Another model was chosen; its name as jobs say it.
        folder_wanted(): The person wants a model that is not in the list.
    """

    chosen = Signal(str)
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxVisibleItems(16)
        self._entries: dict[str, ModelEntry] = {}
        self._added: dict[str, ModelEntry] = {}
        self._name = ""
        self._is_known = False
        self.activated.connect(self._on_activated)

    @property
    def name(self) -> str:
        """The model chosen, as a job names it; "" for none."""
        return self._name

    @property
    def entry(self) -> ModelEntry | None:
        """What is known of the model chosen."""
        return self._entries.get(self._name)

    def drawable(self) -> list[ModelEntry]:
        """Return the models that can draw."""
        return [entry for entry in self._entries.values() if not why_not(entry)]

    def problem(self) -> str:
        """Return why the model chosen cannot draw, "" where it can or nothing is known yet."""
        if not self._is_known:
            return ""
        if not self._name:
            return _("Choose a model.")
        entry = self.entry
        return why_not(entry) if entry else _("The model “{what}” is not here.").format(what=self._name)

    def set_models(self, entries: Sequence[ModelEntry]) -> None:
        """Offer the models that draw or should; without a choice yet the first that can draw is chosen."""
        wanted = [entry for entry in entries if entry.family in DRAWABLE or (entry.problem and not entry.family)]
        self._entries = {entry.name: entry for entry in wanted}
        self._entries |= {name: entry for name, entry in self._added.items() if name not in self._entries}
        self._is_known = True
        if not self._name:
            self._name = next((entry.name for entry in self.drawable()), "")
        self._fill()
        self.chosen.emit(self._name)

    def add(self, entry: ModelEntry) -> None:
        """Offer one model more, and choose it."""
        self._added[entry.name] = entry
        self._entries[entry.name] = entry
        self.choose(entry.name)

    def choose(self, name: str) -> None:
        """Choose a model by its name, its path or what it is called; one that is not here stays chosen and is told."""
        if name and name not in self._entries:
            here = {entry.path: entry.name for entry in self._entries.values()}
            meant = [path for path in here if str(path) == name] or called(name, here)
            name = here[meant[0]] if len(meant) == 1 else name
        self._name = name
        self._fill()
        self.chosen.emit(name)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._fill()

    def _fill(self) -> None:
        shown = list(self._entries.values())
        shorts = short_names(shown)
        self.blockSignals(True)
        self.clear()
        for entry in shown:
            self._add_item(shorts[entry.name], entry.name, entry.name, why_not(entry))
        if self._name not in self._entries:
            self._add_item(_shortened([self._name])[0] if self._name else "", self._name, self._name, "")
        self.insertSeparator(self.count())
        self.addItem(_("Choose a folder…"), _CHOOSE)
        self.setCurrentIndex(self.findData(self._name))
        self.blockSignals(False)

    def _add_item(self, text: str, name: str, tip: str, reason: str) -> None:
        self.addItem(text, name)
        row = self.count() - 1
        self.setItemData(row, reason or tip, Qt.ItemDataRole.ToolTipRole)
        model = self.model()
        if reason and isinstance(model, QStandardItemModel):
            model.item(row).setEnabled(False)

    def _on_activated(self, row: int) -> None:
        data = self.itemData(row)
        if data is _CHOOSE:
            self._fill()  # what was chosen stays so until a folder is
            self.folder_wanted.emit()
        elif data != self._name:
            self._name = data
            self.chosen.emit(data)
