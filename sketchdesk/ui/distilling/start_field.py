"""What a student begins as: its teacher, or the teacher with what a few-step model of the same base has learnt."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.installed import SHIPPED, ModelEntry
from sketchdesk.ui.training.recipe.choice_field import ChoiceField, Words
from sketchdesk.ui.training.recipe.model_field import short_name

FLOW = "instaflow"
TEACHER = ""


class StartField(ChoiceField):
    """Offers the models of one step whose cards say what they were made from, each with its licence."""

    def __init__(self) -> None:
        super().__init__("few_step_begins", {TEACHER: N_("its teacher")})
        self._bases: dict[str, str] = {}

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer those among these."""
        known = {model.name for model in models} | set(SHIPPED)
        usable = [
            model for model in models if model.family == FLOW and model.teacher in known and not model.problem
        ]
        self._bases = {model.name: model.teacher for model in usable}
        words: dict[str, Words] = {TEACHER: N_("its teacher")}
        for model in usable:
            words[model.name] = short_name(model.name) + (f" ({model.licence})" if model.licence else "")
        self.set_choices(words)

    def applied(self, job: DistillJob) -> DistillJob:
        """Return the job that begins so; what its start was made from stays where the start does."""
        if self.value == job.start:
            return job
        return msgspec.structs.replace(job, start=self.value, start_base=self._bases.get(self.value, ""))

    def retranslate(self) -> None:
        """Take the language in use."""
        super().retranslate()
        self.set_text(
            _("Begins as"),
            _("Its teacher, or the teacher with what a one-step model of the same base has learnt; the licence of that "
              "one then holds too"),
        )  # fmt: skip
