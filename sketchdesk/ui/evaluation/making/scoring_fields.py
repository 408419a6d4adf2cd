"""How pictures are scored and where: metrics, scorer models, device. Part of both forms of the tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import Metric, MetricSources
from sketchdesk.contracts.text import _, pgettext
from sketchdesk.library.evaluation.metric_catalogue import needed
from sketchdesk.library.images.record import short_model
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.evaluation.making.metric_fields import MetricFields
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox


@dataclass(frozen=True)
class Scoring:
    """What the fields say, under the names both jobs have for it."""

    metrics: tuple[Metric, ...]
    clip_model: str
    blip_model: str
    device: str
    sources: MetricSources = field(default_factory=MetricSources)


class ScoringFields(QWidget):
    """CLIP and BLIP, which can be left out, each with its model; a device; and the other metrics, folded away.

    Signals:
        changed(): Something else is chosen.
    """

    changed = Signal()

    def __init__(self, name: str, of_study: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clip, self._blip = named(QCheckBox(), f"{name}_clip_box"), named(QCheckBox(), f"{name}_blip_box")
        self._clip_model, self._blip_model, self._device = ComboBox(), ComboBox(), ComboBox()
        self._clip_field = Field(f"{name}_clip_model", self._clip_model)
        self._blip_field = Field(f"{name}_blip_model", self._blip_model)
        self._device_field = Field(f"{name}_device", self._device)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(8)
        layout.addWidget(self._clip, 0, 0)
        layout.addWidget(self._blip, 0, 1)
        layout.addWidget(self._clip_field, 1, 0)
        layout.addWidget(self._blip_field, 1, 1)
        layout.addWidget(self._device_field, 1, 2)
        self._more = MetricFields(name, of_study)
        self._more.changed.connect(self._on_metric)
        layout.addWidget(self._more, 2, 0, 1, 3)
        for column in range(3):
            layout.setColumnStretch(column, 1)
        for box in (self._clip, self._blip):
            box.setChecked(True)
            box.toggled.connect(self._on_metric)
        for combo in (self._clip_model, self._blip_model, self._device):
            combo.currentIndexChanged.connect(self.changed)
        _offer(self._clip_model, ["demo-clip"], "demo-clip")
        _offer(self._blip_model, ["demo-blip"], "demo-blip")
        self.set_devices(())

    def value(self) -> Scoring:
        """Return what is chosen."""
        chosen: list[Metric] = []
        chosen += ["clip"] if self._clip.isChecked() else []
        chosen += ["blip"] if self._blip.isChecked() else []
        return Scoring(
            metrics=(*chosen, *self._more.metrics()),
            sources=self._more.sources(),
            clip_model=str(self._clip_model.currentData()),
            blip_model=str(self._blip_model.currentData()),
            device=str(self._device.currentData()),
        )

    def set_value(self, scoring: Scoring) -> None:
        """Show a choice; a model or device that is not here stays as it is named."""
        self._clip.setChecked("clip" in scoring.metrics)
        self._blip.setChecked("blip" in scoring.metrics)
        self._more.set_value(scoring.metrics, scoring.sources)
        _choose(self._clip_model, scoring.clip_model)
        _choose(self._blip_model, scoring.blip_model)
        _choose(self._device, scoring.device)

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer the models that can score and caption; what is chosen stays."""
        for combo, family in ((self._clip_model, "clip"), (self._blip_model, "blip")):
            names = [model.name for model in models if model.family == family and not model.problem]
            _offer(combo, names, str(combo.currentData()))

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer the devices that were found; what is chosen stays."""
        kept = str(self._device.currentData() or "auto")
        self._device.blockSignals(True)
        self._device.clear()
        self._device.addItem(pgettext("device", "automatic"), "auto")
        for found in devices:
            text = found.name if found.device == "cpu" else f"{found.device} · {found.name}"
            self._device.addItem(text, found.device)
        _choose(self._device, kept)
        self._device.blockSignals(False)

    def problem(self) -> str:
        """Return why nothing can be scored so, "" where it can."""
        return self._more.problem() if self.value().metrics else _("Choose at least one: CLIP or BLIP.")

    def show_problem(self) -> None:
        """Mark the problem at its field, or take the mark away."""
        self._clip_field.set_problem("" if self.value().metrics else self.problem())

    def retranslate(self) -> None:
        """Take the language in use."""
        self._clip.setText(_("Score with CLIP"))
        describe(self._clip, _("How well each picture fits its prompt, as a cosine"))
        self._blip.setText(_("Caption with BLIP"))
        describe(self._blip, _("What each picture shows, in words"))
        self._clip_field.set_text(_("CLIP model"), _("The model that scores; cosines of two models never compare"))
        self._blip_field.set_text(_("BLIP model"), _("The model that captions"))
        self._more.retranslate()
        self._device_field.set_text(_("Device"), _("Where to compute"))
        self._device.setItemText(0, pgettext("device", "automatic"))
        self.show_problem()

    @Slot()
    def _on_metric(self) -> None:
        self._show_models()
        self.changed.emit()

    @Slot()
    def _show_models(self) -> None:
        """A model can be chosen where it scores, for whichever metric."""
        needs = needed(self.value().metrics)
        self._clip_model.setEnabled("clip" in needs)
        self._blip_model.setEnabled("blip" in needs)


def _offer(combo: ComboBox, names: Sequence[str], kept: str) -> None:
    combo.blockSignals(True)
    combo.clear()
    for name in names:
        combo.addItem(short_model(name), name)
    _choose(combo, kept)
    combo.blockSignals(False)


def _choose(combo: ComboBox, value: str) -> None:
    if combo.findData(value) < 0:
        combo.addItem(short_model(value), value)
    combo.setCurrentIndex(combo.findData(value))
