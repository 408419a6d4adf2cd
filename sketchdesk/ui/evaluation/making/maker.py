"""How studies are made: at one click, from a form, or again as one was before."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import draws, new_study_folder, newest_tuned
from sketchdesk.library.evaluation.study_making import MADE, MadeName, made_study
from sketchdesk.library.evaluation.study_presets import PresetName, preset_job
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.evaluation.making.folder_form import FolderForm
from sketchdesk.ui.evaluation.making.form_dialog import FormDialog
from sketchdesk.ui.evaluation.making.study_form import StudyForm
from sketchdesk.ui.message import Message
from sketchdesk.workers.background import Background

DEMO_BASE = "demo-base"


class StudyMaker(QObject):
    """Asks for what a study needs, in dialogs over `window`, and gives it a folder of its own.

    Signals:
        requested(object): A StudyJob or EvaluateJob to be put into the queue.
        message(Message): Something to be told.
        training_wanted(): A study needs a tuned model, and there is none yet.
    """

    requested = Signal(object)
    message = Signal(Message)
    training_wanted = Signal()

    def __init__(self, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._background = window, background
        self._models: list[ModelEntry] = []
        self._devices: tuple[DeviceFound, ...] = ()
        self.newest_folder = ""
        """Of the study that was asked for last."""

    def set_models(self, models: list[ModelEntry]) -> None:
        """Offer these models from now on."""
        self._models = models

    def set_devices(self, devices: tuple[DeviceFound, ...]) -> None:
        """Offer these devices from now on."""
        self._devices = devices

    def pair(self) -> tuple[str, str] | None:
        """Return the base and the newest tuned model; None where there is nothing to compare."""
        base, tuned = self._base(), newest_tuned(self._models)
        return (base, tuned.name) if base and tuned and base != tuned.name else None

    def start_preset(self, name: PresetName) -> None:
        """Start one of the studies that are one click away; without a tuned model say so and offer to train one."""
        models = self.pair()
        if models is None:
            text = _("There is no tuned model yet to compare with the base.")
            self.message.emit(
                Message(
                    text, _("Train one first; it takes part in the next study by itself."), level="warning",
                    action_text=_("Go and train"), action=self.training_wanted.emit,
                )
            )  # fmt: skip
            return
        self._request(preset_job(name, *models))

    @Slot(str)
    def start_made(self, name: MadeName) -> None:
        """Make a study of what is here. A short one starts; the form of another opens, to be looked at first."""
        self._background.do(partial(_made, name), partial(self._on_made, name))

    def _on_made(self, name: MadeName, found: StudyJob | SketchDeskError) -> None:
        made = next(made for made in MADE if made.name == name)
        if isinstance(found, SketchDeskError):
            wanted = (
                _("Make one on the Training tab, or fetch one, or a LoRA for few steps, on the Models tab.")
                if name == "few_steps"
                else _("A training that holds out some of its captions gives the best answer.")
            )
            self.message.emit(
                Message(
                    found.message, wanted, level="warning", action_text=_("Go and train"),
                    action=self.training_wanted.emit,
                )
            )  # fmt: skip
        elif made.is_short:
            self._request(found)
        else:
            self.ask(found)

    def start(self, job: StudyJob) -> None:
        """Start a study as it is, in a folder of its own."""
        self._request(job)

    def start_first(self) -> None:
        """Start what an empty page offers: the two experiments, or first the training of a model for them."""
        if self.pair() is None:
            self.training_wanted.emit()
        else:
            self.start_preset("both")

    def new_study(self) -> None:
        """Open the form of a study."""
        base, tuned = self.pair() or (self._base() or "", "")
        self.ask(preset_job("both", base, tuned))

    def score_folder(self, folder: Path | None = None) -> None:
        """Open the form that scores a folder, this one if one is given."""
        self.ask(EvaluateJob(images_dir=str(folder or ""), out_dir=""))

    def ask(self, job: StudyJob | EvaluateJob) -> None:
        """Open the form that fits a job, filled in with it."""
        form: StudyForm | FolderForm
        if isinstance(job, StudyJob):
            form = StudyForm()
            self._open(form)
            form.set_value(job)
        else:
            form = FolderForm()
            self._open(form)
            form.set_value(job)

    def retranslate(self) -> None:
        """Take the language in use in every form that is open."""
        for dialog in self._window.findChildren(FormDialog):
            dialog.retranslate()

    def _open(self, form: StudyForm | FolderForm) -> None:
        form.set_models(self._models)
        form.set_devices(self._devices)
        dialog = FormDialog(form, self._window)
        dialog.started.connect(self._request)
        dialog.message.connect(self.message)
        dialog.open()

    def _base(self) -> str | None:
        names = [model.name for model in self._models if draws(model)]
        return DEMO_BASE if DEMO_BASE in names else next(iter(names), None)

    @Slot(object)
    def _request(self, job: StudyJob | EvaluateJob) -> None:
        title = job.title if isinstance(job, StudyJob) else Path(job.images_dir).name
        self.newest_folder = str(new_study_folder(title))
        self.requested.emit(msgspec.structs.replace(job, out_dir=self.newest_folder))


def _made(name: MadeName) -> StudyJob | SketchDeskError:
    """Make the study; a failure is what comes of it then."""
    try:
        return made_study(name)
    except SketchDeskError as error:
        return error
