"""What is done with what is found: compare, export, the size of the cells, the panel at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.gallery.buttons import chip, icon_button
from sketchdesk.ui.gallery.grid.tiled_view import ZOOMS_PX
from sketchdesk.ui.naming import describe, named


class ToolRow(QWidget):
    """The controls; the tab connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_tools")
        self.compare = chip("gallery_compare_button", "columns-2")
        self.export = chip("gallery_export_button", "upload")
        self.zoom = named(QSlider(Qt.Orientation.Horizontal), "gallery_zoom_slider")
        self.details = icon_button("gallery_details_button", "panel-right", checkable=True)
        self.zoom.setRange(ZOOMS_PX[0], ZOOMS_PX[-1])
        self.zoom.setPageStep(32)
        self.zoom.setFixedWidth(96)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.zoom, self.compare, self.export, self.details):
            layout.addWidget(widget)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.compare.setText(_("Compare"))
        describe(self.compare, _("Compare the selected pictures, or two models at the same seeds (M)"))
        self.export.setText(_("Export"))
        describe(self.export, _("Export pictures: as files, a contact sheet, a page, a table (Ctrl+E)"))
        describe(self.zoom, _("Size of the pictures (Ctrl with the wheel, plus or minus)"))
        describe(self.details, _("Show or hide what is known of the picture (Ctrl+I)"))
