"""A LoRA that is made for few steps brings its sampler, steps and guidance along; one click takes them back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.text import _
from sketchdesk.library.models.families import draws_alone
from sketchdesk.library.models.few_steps import FewSteps, few_steps_of
from sketchdesk.ui.message import Message
from sketchdesk.ui.prompt.job_building import number_text
from sketchdesk.ui.prompt.prompt_form import PromptForm
from sketchdesk.workers.background import Background

Settings = tuple[str, int, str]
"""Sampler, "" for the model's own; steps; guidance as it is typed."""


class FewStepsOffer(QObject):
    """Watches which LoRAs a person adds.

    Signals:
        message(Message): What was set, with a button that takes it back.
    """

    message = Signal(Message)

    def __init__(self, form: PromptForm, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._form, self._background = form, background
        form.loras.added.connect(self._on_added)

    @Slot(str)
    def _on_added(self, path: str) -> None:
        self._background.do(partial(few_steps_of, path), partial(self._offer, path))

    def _offer(self, path: str, wanted: FewSteps | None) -> None:
        form = self._form
        entry = form.model.entry
        alone = entry is not None and draws_alone(entry.family, entry.variant)
        if wanted is None or alone or path not in form.loras.paths():
            return
        before = self._settings()
        self._set((wanted.sampler, wanted.num_inference_steps, number_text(wanted.guidance_scale)))
        if self._settings() != before:
            undo = partial(self._set, before)
            self.message.emit(Message(wanted.sentence, action_text=_("Undo"), action=undo))

    def _settings(self) -> Settings:
        form = self._form
        return form.sampler.currentData() or "", form.steps.value(), form.guidance.text()

    def _set(self, settings: Settings) -> None:
        form = self._form
        sampler, steps, guidance = settings
        form.sampler.setCurrentIndex(max(0, form.sampler.findData(sampler)))
        form.steps.setValue(steps)
        form.guidance.set_text(guidance)
