"""The settings as a form: one control each, checked as they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import Precision
from sketchdesk.contracts.text import _, pgettext
from sketchdesk.library.settings import Settings
from sketchdesk.ui import language
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.widgets.ask_folder import ask_folder
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox, DoubleSpinBox, SpinBox

THREADS_MAX = 256
MEMORY_MAX_GIB = 4096.0


class SettingsForm(QWidget):
    """Images folder, language, theme, device, precision, threads, memory kept by an engine.

    Signals:
        value_changed(): Something is different; `problem` tells whether it is possible.
    """

    value_changed = Signal()

    def __init__(
        self, settings: Settings, devices: Sequence[DeviceFound] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._devices = devices
        self._folder = QLineEdit()
        self._browse = named(QPushButton(), "settings_browse_button")
        set_icon(self._browse, "folder-open", "muted")
        self._language, self._theme, self._device, self._precision, self._format = (
            ComboBox() for _number in range(5)
        )
        self._threads = SpinBox(0, THREADS_MAX, 0)
        self._memory = DoubleSpinBox(0.0, MEMORY_MAX_GIB, 0.0, 1)
        controls: dict[str, QWidget] = {
            "folder": self._folder, "language": self._language, "theme": self._theme, "device": self._device,
            "precision": self._precision, "threads": self._threads, "memory": self._memory,
            "format": self._format,
        }  # fmt: skip
        self._fields = {name: Field(f"settings_{name}", control) for name, control in controls.items()}
        self._build_layout()
        self.retranslate()
        self.set_value(settings)
        self._connect()

    @property
    def problem(self) -> str:
        """Why the settings are not possible, "" where they are."""
        return self._fields["folder"].problem

    def value(self) -> Settings:
        """Return the settings as they stand in the form."""
        return msgspec.structs.replace(
            self._settings,
            images_dir=self._folder.text().strip(),
            language=self._language.currentData(),
            theme=self._theme.currentData(),
            device=self._device.currentData(),
            precision=self._precision.currentData(),
            image_format=self._format.currentData(),
            num_threads=self._threads.value() or None,
            engine_memory_gib=max(self._memory.value(), 0.5) if self._memory.value() else None,
        )

    def set_value(self, settings: Settings) -> None:
        """Show other settings."""
        self._settings = settings
        self._folder.setText(settings.images_dir)
        _choose(self._language, settings.language)
        _choose(self._theme, settings.theme)
        if self._device.findData(settings.device) < 0:
            self._device.addItem(settings.device, settings.device)
        _choose(self._device, settings.device)
        _choose(self._precision, settings.precision)
        _choose(self._format, settings.image_format)
        self._threads.setValue(settings.num_threads or 0)
        self._memory.setValue(settings.engine_memory_gib or 0.0)
        self._check()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._memory.setLocale(QLocale())
        texts = {
            "folder": (_("Images folder"), _("Where drawn images go; empty for SketchDesk's own folder")),
            "language": (_("Language"), _("The language of the window")),
            "theme": (_("Theme"), _("Light, dark, or as the system")),
            "device": (_("Device"), _("What the forms begin with: where images are drawn and models trained")),
            "precision": (_("Precision"), _("What the forms begin with: how finely numbers are computed")),
            "format": (
                _("Save images as"),
                _("PNG keeps every bit; JPEG and WebP are smaller. How an image was made is written into all of them"),
            ),
            "threads": (_("Processor threads"), _("How many threads an engine may work with")),
            "memory": (_("Memory kept by an engine, GiB"), _("How much an engine may keep loaded between jobs")),
        }
        for name, (label, sentence) in texts.items():
            self._fields[name].set_text(label, sentence)
        self._folder.setPlaceholderText(str(Settings().images_folder))
        self._browse.setText(_("Choose…"))
        describe(self._browse, _("Choose the images folder"))
        self._threads.setSpecialValueText(pgettext("threads", "all"))
        self._memory.setSpecialValueText(pgettext("memory", "automatic"))
        as_system = {"system": _("As the system")}
        _fill(self._language, as_system | language.NAMES)
        _fill(self._theme, as_system | {"light": _("Light"), "dark": _("Dark")})
        names = {found.device: f"{found.device} · {found.name}" for found in self._devices}
        _fill(self._device, {"auto": pgettext("device", "Automatic")} | (names or {"cpu": "cpu"}))
        precisions = {name: name for name in get_args(Precision)}
        _fill(self._format, {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"})
        _fill(self._precision, precisions | {"auto": pgettext("precision", "Automatic")})

    def _build_layout(self) -> None:
        self._fields["folder"].add_beside(self._browse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._fields["folder"])
        layout.addWidget(self._fields["format"])
        for pair in (("language", "theme"), ("device", "precision"), ("threads", "memory")):
            row = QHBoxLayout()
            row.setSpacing(16)
            for name in pair:
                row.addWidget(self._fields[name], 1)
            layout.addLayout(row)

    def _connect(self) -> None:
        self._browse.clicked.connect(self._on_browse)
        self._folder.textChanged.connect(self._on_changed)
        for box in (self._language, self._theme, self._device, self._precision, self._format):
            box.currentIndexChanged.connect(self._on_changed)
        self._threads.valueChanged.connect(self._on_changed)
        self._memory.valueChanged.connect(self._on_changed)

    @Slot()
    def _on_changed(self, _value: Any = None) -> None:
        self._check()
        self.value_changed.emit()

    def _check(self) -> None:
        self._fields["folder"].set_problem(_folder_problem(self._folder.text().strip()))

    @Slot()
    def _on_browse(self) -> None:
        title, begin = _("Choose the images folder"), str(self.value().images_folder)
        ask_folder(self, "settings_folder_dialog", title, self._folder.setText, begin)


def _folder_problem(text: str) -> str:
    """Return why a folder cannot hold images, "" where it can; it need not be there yet."""
    if not text:
        return ""
    try:
        folder = Path(text).expanduser()
        if not folder.is_absolute():
            return _("Write the whole path, from the root of the disk.")
        if folder.exists() and not folder.is_dir():
            return _("This is a file, not a folder.")
        if not any(parent.is_dir() for parent in folder.parents):
            return _("There is no such disk.")
    except (OSError, RuntimeError, ValueError):
        return _("This is not a path.")
    return ""


def _fill(box: ComboBox, items: dict[str, str]) -> None:
    """Give a box its lines, by value, and keep what was chosen."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for value, text in items.items():
        box.addItem(text, value)
    if chosen is not None and chosen not in items:
        box.addItem(chosen, chosen)
    if chosen is not None:
        _choose(box, chosen)
    box.blockSignals(False)


def _choose(box: ComboBox, value: str) -> None:
    box.setCurrentIndex(max(0, box.findData(value)))
