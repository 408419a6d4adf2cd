"""Everything that can be done, collected from all panels: as menus, with shortcuts, for the palette and the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchdesk.contracts.text import N_, _
from sketchdesk.ui.actions import ActionSpec, MenuName
from sketchdesk.ui.mnemonics import distinct
from sketchdesk.ui.theme.icons import set_icon

MENUS: dict[MenuName, str] = {
    "file": N_("&File"),
    "edit": N_("&Edit"),
    "view": N_("&View"),
    "draw": N_("&Draw"),
    "image": N_("&Image"),
    "train": N_("&Training"),
    "study": N_("Eval&uation"),
    "queue": N_("&Queue"),
    "help": N_("&Help"),
}
"""The menus from left to right, and what they are called."""

_ROLES = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole,
          "settings": QAction.MenuRole.PreferencesRole}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One action on offer: what it is, and Qt's object for it."""

    spec: ActionSpec
    action: QAction
    group: str = ""
    """The submenu's name in English, "" for none."""

    @property
    def is_enabled(self) -> bool:
        """Whether it can be done now."""
        return self.spec.is_enabled is None or bool(self.spec.is_enabled())

    @property
    def title(self) -> str:
        """What it is called in the palette and the help, in the language in use."""
        text = plain(_(self.spec.text))
        return f"{_(self.group)}: {text}" if self.group else text

    @property
    def shortcut(self) -> str:
        """The keys that do it, as this system writes keys; "" for none."""
        keys = self.action.shortcuts()
        return "  ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


class ActionBook(QObject):
    """Makes a QAction of every ActionSpec and puts it into the window's menu bar.

    An action without an owner counts in the whole window; one with an owner where the owner, or a widget in it, has
    the keyboard. Whether an action can be done is asked when its menu opens and again when it is triggered, so that a
    shortcut never depends on a menu that was open long ago.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._entries: list[Entry] = []
        self._menus: dict[str, QMenu] = {}
        self._submenus: list[tuple[QMenu, str]] = []
        self._ends: dict[str, QAction] = {}
        """What a menu ends with, by the menu's name: the first of it."""
        for name in MENUS:
            menu = window.menuBar().addMenu("")
            menu.setObjectName(f"{name}_menu")
            menu.menuAction().setVisible(False)
            menu.aboutToShow.connect(self._refresh)
            menu.aboutToHide.connect(self._enable_all)
            self._menus[name] = menu

    @property
    def entries(self) -> list[Entry]:
        """Every action, in the order of the menus."""
        order = list(MENUS)
        return sorted(self._entries, key=lambda entry: order.index(entry.spec.menu))

    def add(self, specs: Sequence[ActionSpec], last: bool = False) -> None:
        """Add actions to their menus, set apart from those that are there.

        What comes later stands further down, but above those that were said to be the `last`.
        """
        for name in dict.fromkeys(spec.menu for spec in specs):
            menu, end = self._menus[name], self._ends.get(name)
            if end and menu.actions()[0] is end:  # nothing stands above it yet
                line, self._ends[name] = None, menu.insertSeparator(end)
                end = self._ends[name]
            else:
                line = None if menu.isEmpty() else self._separator(menu, end)
            added = [self._add_to(menu, spec, "", end) for spec in specs if spec.menu == name]
            if last:
                self._ends[name] = line or added[0]
            menu.menuAction().setVisible(True)

    def add_submenu(self, title: str, specs: Sequence[ActionSpec]) -> None:
        """Add a submenu, called `title` (English, marked with N_), with actions that all belong to one menu."""
        parent = self._menus[specs[0].menu]
        parent.menuAction().setVisible(True)
        menu = parent.addMenu("")
        menu.setObjectName(f"{specs[0].name.split('_')[0]}_menu")
        menu.aboutToShow.connect(self._refresh)
        self._submenus.append((menu, title))
        for spec in specs:
            self._add_to(menu, spec, title)

    def menu(self, name: str) -> QMenu:
        """Return a submenu made by add_submenu, by its objectName, so that a button can show it as well."""
        return next(menu for menu, _title in self._submenus if menu.objectName() == name)

    def retranslate(self) -> None:
        """Take the language in use; no two entries of a menu answer to the same letter."""
        for name, menu in self._menus.items():
            menu.setTitle(_(MENUS[name]))  # type: ignore[index]  # the keys are the menus' names
        for menu, title in self._submenus:
            menu.setTitle(_(title))
        for entry in self._entries:
            entry.action.setText(_(entry.spec.text))
        for place in (self._window.menuBar(), *self._menus.values(), *(menu for menu, _title in self._submenus)):
            actions = [action for action in place.actions() if not action.isSeparator()]
            for action, text in zip(actions, distinct([action.text() for action in actions]), strict=True):
                action.setText(text)
        self._refresh()
        self._enable_all()

    def run(self, entry: Entry) -> None:
        """Do it, if it can be done now."""
        if entry.is_enabled:
            entry.spec.run()
        self._show_checks()

    @staticmethod
    def _separator(menu: QMenu, before: QAction | None) -> QAction:
        return menu.insertSeparator(before) if before else menu.addSeparator()

    def _add_to(self, menu: QMenu, spec: ActionSpec, group: str, before: QAction | None = None) -> QAction:
        action = QAction(menu)
        menu.insertAction(before, action) if before else menu.addAction(action)
        action.setObjectName(f"{spec.name}_action")
        action.setCheckable(spec.is_checked is not None)
        action.setMenuRole(_ROLES.get(spec.name, QAction.MenuRole.NoRole))
        if spec.icon:
            set_icon(action, spec.icon, "muted")
        if spec.shortcut:
            action.setShortcuts(QKeySequence.listFromString(spec.shortcut, QKeySequence.SequenceFormat.PortableText))
        if spec.owner is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            spec.owner.addAction(action)
        else:
            self._window.addAction(action)
        entry = Entry(spec, action, group)
        self._entries.append(entry)
        action.triggered.connect(partial(self._on_triggered, entry))
        return action

    def _on_triggered(self, entry: Entry, _checked: bool = False) -> None:
        self.run(entry)

    def _refresh(self) -> None:
        for entry in self._entries:
            entry.action.setEnabled(entry.is_enabled)
        self._show_checks()

    def _show_checks(self) -> None:
        for entry in self._entries:
            if entry.spec.is_checked is not None:
                entry.action.setChecked(bool(entry.spec.is_checked()))

    def _enable_all(self) -> None:
        for entry in self._entries:
            entry.action.setEnabled(True)


def plain(text: str) -> str:
    """Return a menu text without its mnemonic and its dots."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…").rstrip()


def shortcut_groups(book: ActionBook) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each menu's name, in the language in use, with those of its actions that have a key."""
    for name, title in MENUS.items():
        entries = [entry for entry in book.entries if entry.spec.menu == name and entry.shortcut]
        if entries:
            yield plain(_(title)), entries
