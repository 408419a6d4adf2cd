"""What other panels put into the prompt panel: a model; a picture, its settings, its prompt, its seed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Slot

from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.prompt.prompt_panel import PromptPanel
from sketchdesk.ui.shell.frame import Frame

if TYPE_CHECKING:
    from sketchdesk.library.distillation.ways import StudentDrawing


class PromptDesk(QObject):
    """Fills the prompt panel and brings it to the front."""

    def __init__(self, frame: Frame, prompt: PromptPanel) -> None:
        super().__init__(frame)
        self._frame, self._prompt = frame, prompt

    def serve(self, gallery: GalleryTab) -> None:
        """Take what the gallery's pictures give."""
        gallery.settings_requested.connect(self.use_record)
        gallery.prompt_requested.connect(self.use_prompt)
        gallery.seed_requested.connect(self.use_seed)
        gallery.doings.start_wished.connect(self.start_from)

    @Slot(str)
    def use_model(self, name: str) -> None:
        """Choose a model by its name."""
        self._frame.show_prompt()
        self._prompt.set_model(name)

    @Slot(str, str)
    def use_lora(self, model: str, lora: str) -> None:
        """Choose a model by its name, and this LoRA at weight 1 in place of all others: they may not fit the model."""
        self.use_job(msgspec.structs.replace(self._prompt.value(), model=model, loras=(LoraUse(path=lora),)))

    @Slot(object)
    def use_student(self, drawing: StudentDrawing) -> None:
        """Choose what draws in a few steps, with the settings it wants: its steps, no guidance."""
        fields = {name: getattr(drawing, name) for name in drawing.__struct_fields__}
        self.use_job(msgspec.structs.replace(self._prompt.value(), **fields))

    @Slot(object)
    def use_record(self, record: ImageRecord) -> None:
        """Take everything a picture says of how it was made."""
        self._frame.show_prompt()
        self._prompt.use_record(record)

    @Slot(object)
    def use_prompt(self, record: ImageRecord) -> None:
        """Take only the words of a picture."""
        self.use_job(
            msgspec.structs.replace(
                self._prompt.value(),
                prompts=(PromptRow(prompt=record.prompt),),
                style_prefix=record.style_prefix,
                style_suffix=record.style_suffix,
                negative_prompt=record.negative_prompt,
            )
        )

    @Slot(object)
    def use_seed(self, seed: int) -> None:
        """Take only the seed of a picture."""
        self.use_job(msgspec.structs.replace(self._prompt.value(), seed=seed))

    @Slot(object)
    def start_from(self, path: Path) -> None:
        """Draw from a picture."""
        self._frame.show_prompt()
        self._prompt.start_from(path)

    def use_job(self, job: GenerateJob) -> None:
        """Show a whole job."""
        self._frame.show_prompt()
        self._prompt.set_value(job)

    def draw_first(self) -> None:
        """Draw what the panel holds."""
        self._frame.show_prompt()
        self._prompt.generate()
