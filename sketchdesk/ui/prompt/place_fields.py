"""Where and how exactly to compute: the device and the precision, of what works on this machine."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.text import _
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox

AUTO = "auto"
ALL_PRECISIONS = ("fp32", "bf16", "fp16")
CPU_PRECISIONS = ("fp32", "bf16")
"""bf16 is imitated where the processor lacks it: slow, but half the memory. fp16 is not possible there."""


class PlaceFields(QWidget):
    """Two combo boxes side by side.

    Signals:
        changed(): Another device or precision was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[DeviceFound, ...] = ()
        self._device = ComboBox()
        self._precision = ComboBox()
        self._device_field = Field("prompt_device_combo", self._device)
        self._precision_field = Field("prompt_precision_combo", self._precision)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._device_field, 1)
        layout.addWidget(self._precision_field, 1)
        self._fill_devices(AUTO)
        self._fill_precisions(AUTO)
        self._device.currentIndexChanged.connect(self._on_device)
        self._precision.currentIndexChanged.connect(self.changed)

    @property
    def device(self) -> str:
        """The device chosen: "auto", "cpu", "cuda:0" …"""
        return str(self._device.currentData())

    @property
    def precision(self) -> str:
        """The precision chosen: "auto", "fp32" …"""
        return str(self._precision.currentData())

    @property
    def meant(self) -> DeviceFound | None:
        """The device that will compute, "auto" resolved; None where it is not known."""
        name = "cuda:0" if self.device == "cuda" else self.device
        return next((found for found in self._found if name in (AUTO, found.device)), None)

    @property
    def meant_precision(self) -> str:
        """The precision that will be used, "auto" resolved; "auto" where it is not known."""
        meant = self.meant
        return meant.preferred if self.precision == AUTO and meant else self.precision

    def problem(self) -> str:
        """Return why the device cannot be used, "" where it can or nothing is known yet."""
        if not self._found or self.meant:
            return ""
        return _("The device “{what}” is not available on this machine.").format(what=self.device)

    def show_problem(self) -> None:
        """Mark the device where it cannot be used."""
        self._device_field.set_problem(self.problem())

    def set_devices(self, found: tuple[DeviceFound, ...]) -> None:
        """Offer what works here, the best first: that is what "auto" takes."""
        self._found = found
        self.set_place(self.device, self.precision)

    def set_place(self, device: str, precision: str) -> None:
        """Choose a device and a precision; one that the device does not have becomes "auto"."""
        self._fill_devices(device)
        self._fill_precisions(precision)
        self.changed.emit()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._device_field.set_text(_("Device"), _("What draws: the graphics card or the processor"))
        self._precision_field.set_text(_("Precision"), _("How exactly it computes: less is quicker and smaller"))
        self._fill_devices(self.device)
        self._fill_precisions(self.precision)

    def _on_device(self) -> None:
        self._fill_precisions(self.precision)
        self.changed.emit()

    def _fill_devices(self, wanted: str) -> None:
        best = self._found[0].device if self._found else ""
        texts = {AUTO: _("auto ({choice})").format(choice=short_name(best)) if best else _("auto")}
        for found in self._found:
            texts[found.device] = f"{short_name(found.device)} · {found.name} · {found.memory_gib:.0f} GiB"
        texts.setdefault(wanted, short_name(wanted))
        _fill(self._device, texts, wanted)

    def _fill_precisions(self, wanted: str) -> None:
        meant = self.meant
        texts = {AUTO: _("auto ({choice})").format(choice=meant.preferred) if meant else _("auto")}
        for name in self._offered():
            slow = meant and name not in meant.precisions
            texts[name] = _("{precision} (slow here)").format(precision=name) if slow else name
        _fill(self._precision, texts, wanted)

    def _offered(self) -> tuple[str, ...]:
        meant = self.meant
        if (meant.device if meant else self.device) == "cpu":
            return CPU_PRECISIONS
        return meant.precisions if meant else ALL_PRECISIONS


def short_name(device: str) -> str:
    """Return a device's name as a person says it: "CPU", "GPU 0"."""
    kind, _colon, number = device.partition(":")
    return f"GPU {number or 0}" if kind == "cuda" else "GPU" if kind == "mps" else kind.upper()


def _fill(combo: ComboBox, texts: dict[str, str], wanted: str) -> None:
    """Offer texts for their values, and choose one of them without telling; the first where it is not there."""
    combo.blockSignals(True)
    combo.clear()
    for value, text in texts.items():
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(wanted)))
    combo.blockSignals(False)
