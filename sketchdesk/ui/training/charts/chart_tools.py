"""What can be done with the charts: smoothing, logarithmic loss, everything in sight, export."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QPushButton, QSlider, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

MOST_SMOOTHING = 99
"""In percent, the slider's unit."""
SLIDER_PX = 96


class ChartTools(QWidget):
    """A row of small controls above the charts.

    Signals:
        smoothing_changed(float): Another weight of the past, 0..0.99.
        log_changed(bool): The loss on a logarithmic scale, or not.
        optimiser_wanted(bool): Of a distillation, the optimiser's charts instead of what is measured, or not.
        fit_pressed(), picture_wanted(), table_wanted(): The buttons and the export menu's entries.
    """

    smoothing_changed = Signal(float)
    log_changed = Signal(bool)
    optimiser_wanted = Signal(bool)
    fit_pressed = Signal()
    picture_wanted = Signal()
    table_wanted = Signal()

    def __init__(self, smoothing: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_chart_tools")
        self._label = named(QLabel(), "training_smoothing_label")
        set_role(self._label, "small")
        self._slider = named(QSlider(Qt.Orientation.Horizontal), "training_smoothing")
        self._slider.setRange(0, MOST_SMOOTHING)
        self._slider.setValue(round(smoothing * 100))
        self._slider.setFixedWidth(SLIDER_PX)
        self._log = named(QCheckBox(), "training_log_scale")
        self.optimiser = named(QPushButton(), "training_optimiser_charts")
        self.optimiser.setCheckable(True)
        self.optimiser.hide()
        self._fit = named(QPushButton(), "training_fit_charts")
        self._export = named(QPushButton(), "training_export_button")
        self._menu = named(QMenu(self), "training_export_menu")
        self._picture, self._table = self._menu.addAction(""), self._menu.addAction("")
        self._picture.setObjectName("training_export_picture_action")
        self._table.setObjectName("training_export_table_action")
        self._export.setMenu(self._menu)
        self._help = HelpButton("training_charts_help", "training#charts")
        self._build()
        self.set_zoomed(False)
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._label)
        row.addWidget(self._slider)
        row.addWidget(self._log)
        row.addStretch(1)
        for button, icon in ((self.optimiser, ""), (self._fit, "maximize"), (self._export, "upload")):
            set_role(button, "chip")
            if icon:
                set_icon(button, icon)
            row.addWidget(button)
        row.addWidget(self._help)
        self._slider.valueChanged.connect(self._on_slider)
        self._log.toggled.connect(self.log_changed)
        self.optimiser.toggled.connect(self.optimiser_wanted)
        self._fit.clicked.connect(self.fit_pressed)
        self._picture.triggered.connect(self.picture_wanted)
        self._table.triggered.connect(self.table_wanted)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._label.setText(_("Smoothing"))
        self._log.setText(_("Logarithmic"))
        self.optimiser.setText(_("Optimiser"))
        self._fit.setText(_("Show all"))
        self._export.setText(_("Export"))
        self._picture.setText(_("Charts as a picture (PNG)…"))
        self._table.setText(_("Numbers as a table (CSV)…"))
        self._help.retranslate()
        describe(self._slider, _("How much the loss is smoothed"))
        describe(self._log, _("Show the loss on a logarithmic scale"))
        describe(self.optimiser, _("Show learning rate, gradient norm and speed instead of what is measured"))
        describe(self._fit, _("Show all steps again; the wheel zooms, dragging moves"))
        describe(self._export, _("Save the charts or their numbers"))

    @property
    def smoothing(self) -> float:
        """The weight of the past, 0..0.99."""
        return self._slider.value() / 100

    @property
    def is_log(self) -> bool:
        """Whether the loss is on a logarithmic scale."""
        return self._log.isChecked()

    def set_values(self, smoothing: float, is_log: bool) -> None:
        """Set both."""
        self._slider.setValue(round(smoothing * 100))
        self._log.setChecked(is_log)

    @Slot(bool)
    def set_zoomed(self, is_zoomed: bool) -> None:
        """Say whether there is more than is shown."""
        self._fit.setEnabled(is_zoomed)

    @Slot(int)
    def _on_slider(self, _percent: int) -> None:
        self.smoothing_changed.emit(self.smoothing)
