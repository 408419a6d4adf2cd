"""The model a training starts from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt

from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import SHIPPED, ModelEntry
from sketchdesk.library.training.checkpoints import title_of
from sketchdesk.ui.training.recipe.choice_field import ChoiceField

FAMILIES = ("stable_diffusion", "")
"""Families that can be tuned; "" where the files do not say."""


def short_name(name: str) -> str:
    """Return what a model is called in a list: a tuned one by its run's folder, others as they are."""
    path = Path(name)
    if not path.is_absolute():
        return name
    return title_of(path) or (path.parent.name if path.name == "model" else path.name)


class ModelField(ChoiceField):
    """A box with the models that can be tuned; one that is not (or no longer) here stays named and is marked."""

    def __init__(self, name: str = "training_model") -> None:
        super().__init__(name, {})
        self._known: set[str] = set()

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these."""
        usable = [model for model in models if self.can_use(model)]
        # A demo model that was built on this machine stands in for the shipped one, under its name.
        names = [model.path.name if model.path.name in SHIPPED else model.name for model in usable]
        self._known = set(names)
        self.set_choices({name: short_name(name) for name in names})
        for place in range(self._combo.count()):
            self._combo.setItemData(place, self._combo.itemData(place), Qt.ItemDataRole.ToolTipRole)
        self.check()

    def can_use(self, model: ModelEntry) -> bool:
        """Tell whether a model is offered."""
        return model.path.is_dir() and bool(model.prediction_type) and not model.problem and not model.inpaints

    def set_value(self, value: str) -> None:
        """Choose a model, by what resolve_model takes."""
        place = self._combo.findData(value)
        if place < 0:
            self._choices[value] = short_name(value)
            self._combo.addItem(short_name(value), value)
            place = self._combo.count() - 1
        self._combo.setCurrentIndex(place)
        self.check()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("Model"), _("The model that is taught"))
        self.check()

    def check(self) -> None:
        """Mark a model that is not here."""
        if not self._combo.count():
            self.set_problem(_("There is no model to teach yet; the Models tab tells how to get one."))
        elif self._known and self.value not in self._known:
            self.set_problem(_("This model is not on this machine."))
        else:
            self.set_problem("")
