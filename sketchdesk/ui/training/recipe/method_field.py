"""What of the model is trained: its weights or small adapters, in the U-Net alone or in the text encoder as well."""

from __future__ import annotations

import msgspec

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.ui.training.recipe.choice_field import ChoiceField

METHODS = {
    "unet": N_("The whole U-Net"),
    "unet_text": N_("U-Net and text encoder"),
    "lora": N_("LoRA of the U-Net"),
    "lora_text": N_("LoRA, text encoder too"),
}


class MethodField(ChoiceField):
    """A choice that stands for two settings of a job: lora_rank, where it is 0 or not, and train_text_encoder."""

    def __init__(self) -> None:
        super().__init__("training_method", METHODS)

    @property
    def adapts(self) -> bool:
        """Whether adapters are trained, and so have a rank."""
        return self.value.startswith("lora")

    def show_job(self, job: TrainJob) -> None:
        """Choose what the job does."""
        self.set_value(("lora" if job.lora_rank else "unet") + ("_text" if job.train_text_encoder else ""))

    def applied(self, job: TrainJob) -> TrainJob:
        """Return the job, whose rank is the one to be used where adapters are, as chosen."""
        rank = job.lora_rank if self.adapts else 0
        return msgspec.structs.replace(job, lora_rank=rank, train_text_encoder=self.value.endswith("_text"))

    def retranslate(self) -> None:
        """Take the language in use."""
        super().retranslate()
        self.set_text(
            _("Method"), _("What is trained: all weights, or a LoRA, small adapters that take far less memory and disk")
        )
