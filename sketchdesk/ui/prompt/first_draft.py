"""What the panel holds at a first start."""

from __future__ import annotations

from sketchdesk.library.drawing.draft import Draft
from sketchdesk.library.prompts.reading import read_prompts
from sketchdesk.library.settings import Settings
from sketchdesk.ui.prompt.prompt_editor import sample_rows_path

FIRST_MODEL, FIRST_COUNT = "demo-base", 2


def first_draft(settings: Settings) -> Draft:
    """Return what a first start begins with: something that can be drawn at once."""
    return Draft(
        rows=read_prompts(sample_rows_path()), model=FIRST_MODEL, count=FIRST_COUNT, device=settings.device,
        precision=settings.precision,
    )  # fmt: skip
