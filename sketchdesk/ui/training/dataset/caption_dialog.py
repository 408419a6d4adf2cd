"""Which pictures BLIP writes captions for, and how they begin."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QRadioButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import CaptionJob, TrainJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.images.record import short_model
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox

WIDTH_PX = 460


class CaptionDialog(QDialog):
    """A form over CaptionJob: the chosen pictures or those without a caption, a beginning, a model.

    Signals:
        started(CaptionJob): Captions are wanted.
    """

    started = Signal(object)

    def __init__(
        self, job: TrainJob, captions_file: str, chosen: Sequence[str], without: int, models: Sequence[ModelEntry],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Offer the `chosen` pictures, by their keys, and all of those `without` a caption, so many."""
        super().__init__(parent)
        self.setObjectName("caption_dialog")
        self._job, self._file, self._keys, self._without = job, captions_file, tuple(chosen), without
        self._chosen, self._missing = (named(QRadioButton(), f"caption_{name}") for name in ("chosen", "missing"))
        self._chosen.setEnabled(bool(chosen))
        self._missing.setEnabled(bool(without))
        (self._chosen if len(chosen) > 1 or not without else self._missing).setChecked(True)
        self._prefix = Field("caption_prefix", QLineEdit())
        self._combo = ComboBox()
        default = CaptionJob(dataset="", captions_file="").blip_model
        names = [model.name for model in models if model.family == "blip" and not model.problem]
        for name in dict.fromkeys([default, *names]):
            self._combo.addItem(short_model(name), name)
        self._model = Field("caption_model", self._combo)
        self._note = named(QLabel(), "caption_note")
        set_role(self._note, "small")
        self._note.setWordWrap(True)
        self._write, self._cancel = named(QPushButton(), "caption_write"), named(QPushButton(), "caption_cancel")
        self._build()
        self._write.clicked.connect(self._on_write)
        self._cancel.clicked.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self.retranslate()

    def _build(self) -> None:
        which = QVBoxLayout()
        which.setSpacing(8)
        which.addWidget(self._chosen)
        which.addWidget(self._missing)
        set_role(self._write, "primary")
        self._write.setDefault(True)
        self._write.setEnabled(bool(self._keys or self._without))
        fill_dialog(
            self, [which, self._prefix, self._model, self._note], foot_row([], [self._cancel, self._write])
        )
        self.setMinimumWidth(WIDTH_PX)

    def value(self) -> CaptionJob:
        """Return the job as it is chosen."""
        return CaptionJob(
            dataset=self._job.dataset,
            captions_file=self._file,
            pictures=self._keys if self._chosen.isChecked() else (),
            prefix=" ".join(self._line.text().split()),
            blip_model=str(self._combo.currentData()),
            device=self._job.device,
            image_column=self._job.image_column,
            caption_column=self._job.caption_column,
            streaming=self._job.streaming,
        )

    @property
    def _line(self) -> QLineEdit:
        assert isinstance(self._prefix.control, QLineEdit)
        return self._prefix.control

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Write captions"))
        count = len(self._keys)
        chosen = ngettext("The {count} chosen picture", "The {count} chosen pictures", count)
        self._chosen.setText(chosen.format(count=number_text(count)))
        describe(self._chosen, _("Write new captions for the pictures chosen in the table, in place of theirs"))
        without = ngettext(
            "The {count} picture without a caption", "The {count} pictures without a caption", self._without
        )
        self._missing.setText(without.format(count=number_text(self._without)))
        describe(self._missing, _("Write captions only where there is none; no caption is replaced"))
        self._prefix.set_text(_("Beginning"), _("Words that every caption begins with, such as the style's name"))
        self._line.setPlaceholderText(_("None"))
        self._model.set_text(_("BLIP model"), _("The model that captions"))
        self._note.setText(
            _("The captions are kept with your settings; the set's own files stay as they are. Undo takes them back.")
        )
        self._write.setText(_("Write captions"))
        describe(self._write, _("Put the work into the queue; the table fills as the captions come"))
        self._cancel.setText(_("Cancel"))
        describe(self._cancel, _("Write none"))

    @Slot()
    def _on_write(self) -> None:
        self.started.emit(self.value())
        self.accept()
