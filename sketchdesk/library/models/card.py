"""The card of a tuned model: what it was made from and how, for whoever it is given to.

In English, as model cards are, and in the form that hubs read.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from sketchdesk.contracts.events import Event, MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.models.card_use import lora_use, tuned_use
from sketchdesk.library.models.kind import licence_of
from sketchdesk.library.training.recipes import recipe_text

CARD, CURVE, SAMPLES = "README.md", "loss.svg", "samples"
WIDTH, HEIGHT, EDGE = 640, 240, 40
MOST_POINTS = 400
COLOURS = {"loss": "#9aa5b1", "val_loss": "#d9480f"}

Curves = dict[str, list[tuple[int, float]]]


def write_card(
    folder: Path, job: TrainJob, base: Path, digests: Iterable[str], events: Sequence[Event], samples: Path | None
) -> None:
    """Write README.md, the curves and the last samples into the folder of a model, or of a LoRA named after its run.

    `base` is where the base lies, `digests` are those of the pictures trained on, `samples` the folder of the last
    ones. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE), OSError.
    """
    curves = curves_of(events)
    if curves:
        write_text(folder / CURVE, curve_svg(curves))
    pictures = sorted(samples.glob("*.png")) if samples and samples.is_dir() else []
    for picture in pictures:
        (folder / SAMPLES).mkdir(exist_ok=True)
        shutil.copy2(picture, folder / SAMPLES / picture.name)
    write_text(folder / CARD, _card(folder, job, base, list(digests), bool(curves), [one.name for one in pictures]))


def fingerprint_of(digests: Iterable[str]) -> str:
    """Return what names a set of pictures, in whatever order they are told: SHA-256 of their sorted digests."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def curves_of(events: Iterable[Event], names: Iterable[str] = COLOURS) -> Curves:
    """Return the named metrics by step; of a step that was done twice, after a resume, what came last."""
    found: dict[str, dict[int, float]] = {name: {} for name in names}
    for event in events:
        if isinstance(event, MetricLogged):
            for name, values in found.items():
                if name in event.values:
                    values[event.step] = event.values[name]
    return {name: sorted(values.items()) for name, values in found.items() if values}


def curve_svg(curves: Curves, colours: Mapping[str, str] = COLOURS) -> str:
    """Return the curves as a small drawing, each in its colour; long ones are thinned out."""
    points = [point for values in curves.values() for point in values]
    last, highest = max(step for step, _value in points) or 1, max(value for _step, value in points) or 1.0

    def place(step: int, value: float) -> str:
        x = EDGE + (WIDTH - 2 * EDGE) * step / last
        y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / highest
        return f"{x:.1f},{y:.1f}"

    lines = []
    for name, values in curves.items():
        thin = values[:: max(1, len(values) // MOST_POINTS)]
        path = " ".join(place(step, value) for step, value in thin)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="1.5"/>')
    bottom = HEIGHT - EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="11" fill="#495057"><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        f'<path d="M{EDGE} {EDGE}V{bottom}H{WIDTH - EDGE}" fill="none" stroke="#ced4da"/>'
        f'<text x="{EDGE}" y="{EDGE - 8}">{highest:.3g}</text>'
        f'<text x="{WIDTH - EDGE}" y="{bottom + 16}" text-anchor="end">step {last}</text>'
        f'<text x="{WIDTH - EDGE}" y="{EDGE - 8}" text-anchor="end">{", ".join(curves)}</text>'
        f"{''.join(lines)}</svg>\n"
    )


def shared_name(model: str, base: Path) -> str:
    """Return what a card calls a model: as the job does, but for a folder of this machine, whose name alone is told."""
    return base.name if Path(model).is_absolute() else model


def _what(job: TrainJob, called: str) -> str:
    if not job.lora_rank:
        return f"{called}, tuned"
    return f"A LoRA of rank {job.lora_rank} for {called}, in diffusers' layout and in kohya's, trained"


def _card(folder: Path, job: TrainJob, base: Path, digests: list[str], has_curve: bool, pictures: list[str]) -> str:
    licence, name = licence_of(base) if base.is_dir() else "", folder.parent.name
    called = shared_name(job.model, base)
    told = [f"license: {licence}"] if licence else []
    told += [f"base_model: {called}", "library_name: diffusers", "pipeline_tag: text-to-image"]
    told += ["tags:", "- lora"] if job.lora_rank else []
    prompt = (job.validation_prompts or ("a picture",))[0]
    parts = [
        "\n".join(["---", *told, "---"]),
        f"# {name}",
        f"{_what(job, called)} on {len(digests)} pictures with captions for {job.max_train_steps} steps of "
        f"{job.train_batch_size * job.gradient_accumulation_steps}.",
        "## Use", lora_use(f"{name}.safetensors", base, called, prompt) if job.lora_rank else tuned_use(folder, prompt),
        "## Data",
        f"`{Path(job.dataset).name}`: {len(digests)} pictures, fingerprint `{fingerprint_of(digests)}` (SHA-256 of "
        "their sorted checksums).",
    ]  # fmt: skip
    if pictures:
        shown = zip(job.validation_prompts, pictures, strict=False)
        parts += ["## Samples", "\n".join(f"![{prompt}]({SAMPLES}/{file})" for prompt, file in shown)]
    if has_curve:
        parts += ["## Loss", f"![loss by step]({CURVE})"]
    shared = msgspec.structs.replace(job, model=called, dataset=Path(job.dataset).name, captions_file="")
    return "\n\n".join([*parts, "## Recipe", f"```toml\n{recipe_text(shared)}```"]) + "\n"
