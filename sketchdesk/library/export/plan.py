"""What an export is to be: what kind, where to, and how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sketchdesk.library.export.axes import Axis
from sketchdesk.library.export.folder import export_folder
from sketchdesk.library.export.names import check_pattern
from sketchdesk.library.export.outcome import Exported, check_any
from sketchdesk.library.export.table import export_table
from sketchdesk.library.export.zip import export_zip
from sketchdesk.library.files.atomic import require_writable
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress

Kind = Literal["folder", "zip", "sheet", "page", "table"]


@dataclass(frozen=True)
class ExportPlan:
    """One export."""

    kind: Kind
    target: Path
    pattern: str = ""
    """For copies and archives."""
    title: str = ""
    """For sheets and pages."""
    columns: int | None = None
    across: Axis | None = None
    """What grows from column to column of a sheet."""
    down: Axis | None = None
    """What grows from row to row."""
    captions: bool = True
    dark: bool = False
    originals: bool = False
    """Whether a page has the image files beside it."""

    def run(self, images: Sequence[GalleryImage], progress: Progress) -> Exported:
        """Do it; from any thread. Raises SketchDeskError, and what `progress` raises."""
        check_any(images)
        if self.kind in ("folder", "zip"):
            check_pattern(self.pattern)
        require_writable(self.target if self.kind == "folder" else self.target.parent)
        match self.kind:
            case "folder":
                return export_folder(images, self.target, progress, self.pattern)
            case "zip":
                return export_zip(images, self.target, progress, self.pattern)
            case "sheet":
                from sketchdesk.library.export.sheet import SheetLook, export_sheet  # with Pillow

                look = SheetLook(
                    title=self.title, captions=self.captions, dark=self.dark, columns=self.columns,
                    across=self.across, down=self.down,
                )  # fmt: skip
                return export_sheet(images, self.target, progress, look)
            case "page":
                from sketchdesk.library.export.page import export_page

                return export_page(images, self.target, progress, self.title, self.originals)
            case "table":
                return export_table(images, self.target, progress)
