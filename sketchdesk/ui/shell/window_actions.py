"""What the window itself can do: pages, theme, language, help. The panels add what they can."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from sketchdesk.contracts.text import N_
from sketchdesk.library.paths import home
from sketchdesk.ui import language
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.desktop import open_folder
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.frame import GALLERY, Frame
from sketchdesk.ui.shell.top_bar import NAMES, TABS
from sketchdesk.ui.shell.window_dialogs import WindowDialogs

LANGUAGE, THEME = N_("Language"), N_("Theme")
THEMES = {"system": (N_("As the system"), "monitor"), "light": (N_("Light"), "sun"), "dark": (N_("Dark"), "moon")}


class WindowWishes(Protocol):
    """What the window itself must offer."""

    def show_palette(self) -> object:
        """Open the command palette."""

    def close(self) -> object:
        """Quit, perhaps after a question."""


def page_specs(frame: Frame) -> list[ActionSpec]:
    """Return the actions that show a page or a panel."""
    icons = ("images", "graduation-cap", "flask-conical", "box")
    pages = [
        ActionSpec(f"show_{name}", text, "view", partial(frame.show_page, number), f"Ctrl+{number + 1}", icon=icon,
                   is_checked=partial(_is_page, frame, number))
        for number, (name, text, icon) in enumerate(zip(NAMES, TABS, icons, strict=True))
    ]  # fmt: skip
    return [
        *pages,
        ActionSpec("toggle_prompt", N_("Prompt panel"), "view", frame.toggle_prompt, "Ctrl+B", icon="panel-left",
                   is_checked=partial(_prompt_is_open, frame)),
    ]  # fmt: skip


def theme_specs(store: SettingsStore) -> list[ActionSpec]:
    """Return the choice of themes."""
    return [_choice(store, "theme", value, text, icon) for value, (text, icon) in THEMES.items()]


def language_specs(store: SettingsStore) -> list[ActionSpec]:
    """Return the choice of languages, each in its own words."""
    names = {"system": N_("As the system")} | language.NAMES
    return [_choice(store, "language", value, text, "") for value, text in names.items()]


def window_specs(window: WindowWishes, dialogs: WindowDialogs) -> list[ActionSpec]:
    """Return the rest: settings, folders, palette, help, quitting."""
    return [
        ActionSpec("settings", N_("Settings…"), "file", dialogs.show_settings, "Ctrl+,", icon="settings"),
        ActionSpec("open_home", N_("Open the data folder"), "file", _open_home, icon="folder-open"),
        ActionSpec("quit", N_("&Quit"), "file", window.close, "Ctrl+Q", icon="power"),
        ActionSpec("palette", N_("Search everything…"), "view", window.show_palette, "Ctrl+K", icon="search"),
        ActionSpec("guide", N_("Guide"), "help", dialogs.show_guide, "F1", icon="circle-help"),
        ActionSpec("help", N_("Keyboard shortcuts"), "help", dialogs.show_help, "?", icon="keyboard"),
        ActionSpec("welcome", N_("Welcome"), "help", dialogs.show_welcome, icon="sparkles"),
        ActionSpec("about", N_("&About SketchDesk"), "help", dialogs.show_about, icon="info"),
    ]


def _choice(store: SettingsStore, setting: str, value: str, text: str, icon: str) -> ActionSpec:
    change: Callable[[], Any] = partial(store.change, **{setting: value})
    return ActionSpec(
        f"{setting}_{value}", text, "view", change, icon=icon, is_checked=partial(_is_set, store, setting, value)
    )


def _is_set(store: SettingsStore, setting: str, value: str) -> bool:
    return bool(getattr(store.value, setting) == value)


def _is_page(frame: Frame, number: int) -> bool:
    return frame.page == number


def _prompt_is_open(frame: Frame) -> bool:
    return frame.page == GALLERY and frame.prompt_is_shown


def _open_home() -> None:
    open_folder(home())
