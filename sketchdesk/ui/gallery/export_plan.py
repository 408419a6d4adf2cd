"""What an export is to be: what kind, where to, and how it looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sketchdesk.contracts.text import N_
from sketchdesk.library.export import (
    Exported,
    Progress,
    SheetLook,
    export_folder,
    export_page,
    export_sheet,
    export_table,
    export_zip,
)
from sketchdesk.library.index import GalleryImage

Kind = Literal["folder", "zip", "sheet", "page", "table"]

KINDS: dict[Kind, tuple[str, str, str]] = {
    "folder": (N_("Folder"), N_("Copies of the image files; their settings are in them."), "folder"),
    "zip": (N_("ZIP archive"), N_("One file with all images, to send or to store."), "file-archive"),
    "sheet": (N_("Contact sheet"), N_("The images side by side on pages, with their prompts."), "grid-3x3"),
    "page": (N_("Web page"), N_("One HTML file to look through in any browser."), "globe"),
    "table": (N_("Table"), N_("A CSV file: a row for every image, with settings and scores."), "file-spreadsheet"),
}
"""Every kind's name, what it is, and its icon."""

SUFFIXES: dict[Kind, str] = {"folder": "", "zip": ".zip", "sheet": ".png", "page": ".html", "table": ".csv"}
PATTERNS = ("", "{number}-{prompt}-{seed}", "{model}-{prompt}-{seed}", "{prompt}-{seed}-{model}")
"""File names to choose from; the first keeps the images' own."""


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
    captions: bool = True
    dark: bool = False
    originals: bool = False
    """Whether a page has the image files beside it."""

    def run(self, images: Sequence[GalleryImage], progress: Progress) -> Exported:
        """Do it; from any thread. Raises SketchDeskError, and what `progress` raises."""
        match self.kind:
            case "folder":
                return export_folder(images, self.target, progress, self.pattern)
            case "zip":
                return export_zip(images, self.target, progress, self.pattern)
            case "sheet":
                look = SheetLook(title=self.title, captions=self.captions, dark=self.dark, columns=self.columns)
                return export_sheet(images, self.target, progress, look)
            case "page":
                return export_page(images, self.target, progress, self.title, self.originals)
            case "table":
                return export_table(images, self.target, progress)


def free_target(folder: Path, kind: Kind, stem: str) -> Path:
    """Return a path in a folder that is not taken."""
    suffix = SUFFIXES[kind]
    path, number = folder / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem} ({number}){suffix}"
    return path


def seldom(progress: Progress, every_s: float = 0.05, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a progress that passes on at most one word in so many seconds, and the last."""
    last = [0.0]

    def pass_on(done: int, total: int) -> None:
        if done == total or clock() - last[0] >= every_s:
            last[0] = clock()
            progress(done, total)

    return pass_on
