"""The card of an instant few-step model: the three models it is summed from, and under which licences they stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.models.card import CARD
from sketchdesk.library.models.draw_facts import draw_facts
from sketchdesk.library.models.kind import FEW_STEP_TAG
from sketchdesk.library.models.perflow import perflow_use

NOT_NAMED = "not named"


class Summand(Struct, frozen=True, kw_only=True):
    """One of the models."""

    name: str
    """As people call it, no path of this machine."""
    licence: str
    """As its card names it, or ""."""


def write_instant_card(folder: Path, tuned: Summand, few: Summand, base: Summand) -> None:
    """Write README.md into the model's folder. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    rows = "\n".join(
        f"| {one.name} | {part} | {one.licence or NOT_NAMED} |"
        for one, part in ((tuned, "tuned"), (few, "draws in few steps"), (base, "the base of both"))
    )
    head = [*_licence((tuned, few, base)), f"base_model: {tuned.name}", "library_name: diffusers"]
    parts = [
        "\n".join(["---", *head, "pipeline_tag: text-to-image", "tags:", FEW_STEP_TAG, "---"]),
        f"# {folder.name}",
        f"{tuned.name} with what {few.name} learnt of drawing in few steps: of every weight of the U-Net, {tuned.name} "
        f"+ ({few.name} − {base.name}). Nothing was trained; text encoder and VAE are those of {tuned.name}.",
        *_drawn(folder),
        "## Licences",
        f"| model | part in it | licence |\n|-|-|-|\n{rows}\n\nWhat all of them ask for holds for this one.",
    ]
    write_text(folder / CARD, "\n\n".join(parts) + "\n")


def _drawn(folder: Path) -> list[str]:
    """Return a card's part on how to draw with the model, where that is a matter of its own."""
    facts = draw_facts(folder)
    use = perflow_use(folder, folder.name, "a picture", facts.num_inference_steps, facts.guidance_scale)
    return ["## Use", use] if use else []


def _licence(summands: Sequence[Summand]) -> list[str]:
    """Return the lines of a card's front matter: the licence, or the names of several."""
    named = list(dict.fromkeys(one.licence for one in summands if one.licence))
    if len(named) < 2:
        return [f"license: {name}" for name in named]
    return ["license: other", f"license_name: {', '.join(named)}"]
