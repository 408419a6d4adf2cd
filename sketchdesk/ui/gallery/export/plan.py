"""The kinds of exports as the window names them, and names for what they make."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.text import N_
from sketchdesk.library.export.plan import Kind

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


def free_target(folder: Path, kind: Kind, stem: str) -> Path:
    """Return a path in a folder that is not taken."""
    suffix = SUFFIXES[kind]
    path, number = folder / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem} ({number}){suffix}"
    return path
