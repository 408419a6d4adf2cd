"""The line in which a picture is asked for."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget

from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.contracts.text import _
from sketchdesk.library.settings import Settings
from sketchdesk.ui.naming import describe, named

MODEL = "demo-base"
MAX_IMAGES = 64


class PromptBar(QWidget):
    """A prompt, how many images of it, and the two buttons.

    Signals:
        generate_requested(GenerateJob): The person wants these pictures.
        cancel_requested(): The person does not want them any more.
    """

    generate_requested = Signal(GenerateJob)
    cancel_requested = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._label = named(QLabel(), "prompt_label")
        self._prompt = named(QLineEdit(), "prompt_edit")
        self._label.setBuddy(self._prompt)
        self._count = named(QSpinBox(minimum=1, maximum=MAX_IMAGES, value=4), "count_box")
        self._generate = named(QPushButton(), "generate_button")
        self._cancel = named(QPushButton(), "cancel_button")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._label, self._prompt, self._count, self._generate, self._cancel):
            layout.addWidget(widget, 1 if widget is self._prompt else 0)
        self._prompt.textChanged.connect(self._update)
        self._prompt.returnPressed.connect(self._generate.click)
        self._generate.clicked.connect(self._request)
        self._cancel.clicked.connect(self.cancel_requested)
        self.set_working(False)
        self.retranslate()
        self._update()

    def value(self) -> GenerateJob:
        """Return the job as it stands in the form, with a new seed."""
        return GenerateJob(
            model=MODEL,
            prompts=(PromptRow(prompt=self._prompt.text().strip()),),
            out_dir=str(self._settings.images_folder),
            count=self._count.value(),
            seed=secrets.randbelow(2**32),
            device=self._settings.device,
            precision=self._settings.precision,
            num_threads=self._settings.num_threads,
        )

    def set_working(self, working: bool) -> None:
        """Offer Cancel while a drawing is waiting or under way."""
        self._cancel.setEnabled(working)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._label.setText(_("&Prompt:"))
        self._prompt.setPlaceholderText(_("a zebra and a monkey in front of a house"))
        self._generate.setText(_("&Generate"))
        self._cancel.setText(_("&Cancel"))
        describe(self._prompt, _("What the picture should show"))
        describe(self._count, _("Number of images"))
        describe(self._generate, _("Draw these images with the demo model"))
        describe(self._cancel, _("Stop the newest drawing"))

    def _update(self) -> None:
        self._generate.setEnabled(bool(self._prompt.text().strip()))

    def _request(self) -> None:
        self.generate_requested.emit(self.value())
