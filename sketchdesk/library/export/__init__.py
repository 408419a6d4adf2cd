"""Images handed on: as copies, a ZIP archive, contact sheets, a page for the browser, a table of their settings."""

from __future__ import annotations

from sketchdesk.library.export.axes import AXES, Axis
from sketchdesk.library.export.folder import copy_file, export_folder
from sketchdesk.library.export.names import FIELDS, file_names
from sketchdesk.library.export.outcome import Exported, Progress, seldom
from sketchdesk.library.export.page import export_page
from sketchdesk.library.export.plan import ExportPlan, Kind
from sketchdesk.library.export.sheet import SheetLook, export_sheet
from sketchdesk.library.export.table import export_table
from sketchdesk.library.export.zip import export_zip

__all__ = [
    "AXES", "FIELDS", "Axis", "ExportPlan", "Exported", "Kind", "Progress", "SheetLook", "copy_file", "export_folder",
    "export_page", "export_sheet", "export_table", "export_zip", "file_names", "seldom",
]  # fmt: skip
