"""The prompts: the list, the line that adds to it, and what can be done with both."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.paths import resource
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.prompt_list import PromptList
from sketchdesk.ui.prompt.prompt_view import PromptView
from sketchdesk.ui.prompt.typed import Typed, changed, clean, typed, typed_rows
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

SAMPLES = {
    "report.txt": N_("The report's prompts"),
    "animals.txt": N_("Animals"),
    "scenes.txt": N_("Two things in one picture"),
    "things.txt": N_("Things"),
}
"""The lists that ship in resources/prompts."""
BUTTON_PX = 24
COUNTS = (1, 2, 4, 6, 8, 12, 16)


class EntryLine(QLineEdit):
    """Enter, or a line end in what is pasted, hands over what is written.

    Signals:
        lines_entered(object): What to add, as ui.prompt.typed reads it.
    """

    lines_entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(False)
        self.textChanged.connect(self._on_text)

    def hand_over(self) -> None:
        """Hand over what is written, if anything is; a comment alone is not."""
        found = typed(self.text())
        if found[0]:
            self.clear()
            self.lines_entered.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter hands over; with Ctrl it is the window's."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            self.hand_over()

    def _on_text(self, text: str) -> None:
        if "\n" in text or "\u2029" in text:
            self.hand_over()


class PromptEditor(QWidget):
    """Heading, list, entry line.

    Signals:
        changed(): The prompts, or the line being written, are different now.
        open_wanted(): The person wants to open a list.
        save_wanted(): The person wants to save the list.
        sample_wanted(object): The person wants a list that ships with SketchDesk; its Path.
    """

    changed = Signal()
    open_wanted = Signal()
    save_wanted = Signal()
    sample_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_editor")
        self.model = PromptList(self)
        self.view = PromptView(self.model)
        self.entry = named(EntryLine(), "prompt_entry")
        self._caption = named(QLabel(), "prompt_caption")
        self._note = named(QLabel(), "prompt_note")
        self._open = named(QToolButton(), "prompt_open_button")
        self._more = named(QToolButton(), "prompt_more_button")
        set_role(self._caption, "caption")
        set_role(self._note, "small")
        for button, icon in ((self._open, "folder-open"), (self._more, "ellipsis")):
            set_icon(button, icon, "muted")
            set_role(button, "flat")
            button.setFixedSize(BUTTON_PX, BUTTON_PX)
        self._menu = named(QMenu(self), "prompt_menu")
        self._menu.aboutToShow.connect(self._fill_menu)
        self._typing: dict[int, str] = {}
        self._build()
        self._connect()

    def rows(self) -> tuple[PromptRow, ...]:
        """Return the prompts that would be drawn: the list, and the line that was not added yet."""
        return (*self.model.rows(), *typed_rows(self.entry.text()))

    def draft_rows(self) -> tuple[PromptRow, ...]:
        """Return the list as it is on screen, a row that is being typed included."""
        if not self._typing:
            return self.model.rows()
        rows = list(self.model.rows())
        for place, text in self._typing.items():
            if place < len(rows) and clean(text):
                rows[place] = changed(rows[place], clean(text))
        return tuple(rows)

    def commit(self) -> None:
        """Add the line that is being written."""
        self.entry.hand_over()

    def write(self) -> None:
        """Go to the line where a prompt is written."""
        self.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.entry.selectAll()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._caption.setText(_("Prompts"))
        self.entry.setPlaceholderText(_("Write a prompt, Enter adds it"))
        told = _("A prompt to add; several pasted lines are several prompts; --s 30 behind one sets its own steps")
        describe(self.entry, told)
        describe(self._open, _("Open a prompt list: .txt, .csv, .json or .jsonl"))
        describe(self._more, _("More to do with the prompts"))
        self.view.retranslate()
        self._tell_count()

    # --- how it is made ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._caption)
        head.addWidget(self._note, 1, Qt.AlignmentFlag.AlignRight)
        head.addWidget(self._open)
        head.addWidget(self._more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.entry)

    def _connect(self) -> None:
        self.entry.lines_entered.connect(self._on_lines)
        self.entry.textChanged.connect(self.changed)
        self.model.rows_changed.connect(self._on_rows)
        self.view.typing.connect(self._on_typing)
        self.view.itemDelegate().closeEditor.connect(self._on_editor_closed)
        self.view.customContextMenuRequested.connect(self._on_context_menu)
        self._open.clicked.connect(self.open_wanted)
        self._more.clicked.connect(self._on_more)

    def _on_lines(self, found: Typed) -> None:
        self.model.take(found)
        self.view.choose([self.model.rowCount() - 1])

    def _on_rows(self) -> None:
        self._tell_count()
        self.changed.emit()

    def _on_typing(self, place: int, text: str) -> None:
        self._typing = {place: text}
        self.changed.emit()

    def _on_editor_closed(self) -> None:
        self._typing = {}
        self.changed.emit()

    def _tell_count(self) -> None:
        count = self.model.rowCount()
        text = ngettext("{count} prompt", "{count} prompts", count).format(count=count)
        self._note.setText(text if count else _("drop .txt .csv .json"))

    def _on_more(self) -> None:
        self._menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _on_context_menu(self, position: QPoint) -> None:
        self._menu.popup(self.view.viewport().mapToGlobal(position))

    # --- the menu ------------------------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        self._menu.clear()
        chosen = self.view.chosen()
        model, view = self.model, self.view
        self._add(_("Open a list…"), self.open_wanted.emit, "folder-open")
        self._add(_("Save the list…"), self.save_wanted.emit, "save", enabled=model.rowCount() > 0)
        samples = self._submenu(_("Sample lists"), "file-text")
        for file, title in SAMPLES.items():
            self._add(_(title), partial(self.sample_wanted.emit, resource(f"prompts/{file}")), menu=samples)
        self._menu.addSeparator()
        self._add(_("Change the text"), view.edit_current, "pencil", "F2", bool(chosen))
        self._add(_("Duplicate"), view.duplicate_chosen, "copy", "Ctrl+D", bool(chosen))
        self._add(_("Move up"), lambda: view.shift_chosen(-1), "arrow-up", "Alt+Up", bool(chosen))
        self._add(_("Move down"), lambda: view.shift_chosen(1), "arrow-down", "Alt+Down", bool(chosen))
        counts = self._submenu(_("Images of it"), "images", bool(chosen))
        self._add(_("As the form says"), lambda: model.set_own_count(chosen, None), menu=counts)
        for count in COUNTS:
            self._add(f"×{count}", partial(model.set_own_count, chosen, count), menu=counts)
        own = any(model.rows()[place] != PromptRow(prompt=model.rows()[place].prompt) for place in chosen)
        self._add(_("Clear its own settings"), lambda: model.clear_overrides(chosen), "sliders-horizontal", enabled=own)
        self._add(_("Remove"), view.remove_chosen, "trash-2", "Del", bool(chosen))
        self._menu.addSeparator()
        self._add(_("Undo"), model.undo, "undo-2", "Ctrl+Z", model.can_undo)
        self._add(_("Redo"), model.redo, "redo-2", "Ctrl+Shift+Z", model.can_redo)
        self._add(_("Empty the list"), lambda: model.set_rows(()), "x", enabled=model.rowCount() > 0)

    def _submenu(self, title: str, icon: str, enabled: bool = True) -> QMenu:
        menu = self._menu.addMenu(title)
        set_icon(menu.menuAction(), icon, "muted")
        menu.setEnabled(enabled)
        return menu

    def _add(
        self, text: str, run: Callable[[], object], icon: str = "", keys: str = "", enabled: bool = True,
        menu: QMenu | None = None,
    ) -> None:  # fmt: skip
        # The keys are shown only: the list itself hears them.
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        action = (menu or self._menu).addAction(f"{text}\t{shown}" if shown else text)
        action.setEnabled(enabled)
        if icon:
            set_icon(action, icon, "muted")
        action.triggered.connect(lambda _checked=False: run())


def sample_rows_path() -> Path:
    """Return the list a first start begins with."""
    return resource("prompts/report.txt")
