"""The card of a model made to draw in few steps: from what, how, and how well. In English, as model cards are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sketchdesk.contracts.events import Event
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.distillation.config import distill_text
from sketchdesk.library.distillation.pairs import PairSet
from sketchdesk.library.distillation.report import DistillReport, StepMarks
from sketchdesk.library.distillation.settings import phases_of
from sketchdesk.library.distillation.ways import UNGUIDED
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.models.card import CARD, CURVE, curve_svg, curves_of, shared_name
from sketchdesk.library.models.card_use import VELOCITY_USE, flows
from sketchdesk.library.models.kind import FEW_STEP_TAG, licence_of
from sketchdesk.library.models.perflow import perflow_use

STRAIGHTNESS = "straightness.svg"
CAPTIONS = "captions.txt"
MOST_SHOWN = 20
"""Captions that a card's recipe spells out; more stand in a file beside it."""
DRAWINGS = {CURVE: {"loss": "#9aa5b1"}, STRAIGHTNESS: {"straightness_relative": "#d9480f"}}
"""File → the metric it shows, and in which colour."""

TEACHER_USE = """\
```python
from diffusers import StableDiffusionPipeline

pipeline = StableDiffusionPipeline.from_pretrained("{name}")
pipeline("{prompt}", num_inference_steps={steps}, guidance_scale=1.0).images[0].save("picture.png")
```"""

LORA_USE = """\
A LoRA for {base}, with which it draws by the sampler TCD in {steps}, without guidance (a scale of 1):

```python
from diffusers import StableDiffusionPipeline, TCDScheduler

pipeline = StableDiffusionPipeline.from_pretrained("{base}")
pipeline.load_lora_weights("{name}")
pipeline.scheduler = TCDScheduler.from_config(pipeline.scheduler.config)
pipeline("{prompt}", num_inference_steps={count}, guidance_scale=1.0).images[0].save("picture.png")
```"""


def write_distill_card(
    folder: Path, job: DistillJob, teacher: Path, pairs: PairSet, report: DistillReport | None, events: Sequence[Event]
) -> None:
    """Write README.md and the curves into the folder of a model or a LoRA, and the captions where there are many.

    `teacher` is where the teacher lies. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE), OSError.
    """
    drawn = []
    for file, colours in DRAWINGS.items():
        if curves := curves_of(events, colours):
            write_text(folder / file, curve_svg(curves, colours))
            drawn.append(file)
    if len(job.prompts) > MOST_SHOWN:
        write_text(folder / CAPTIONS, "".join(f"{prompt}\n" for prompt in job.prompts))
    write_text(folder / CARD, _card(folder, job, teacher, pairs, report, drawn))


def _card(
    folder: Path, job: DistillJob, teacher: Path, pairs: PairSet, report: DistillReport | None, drawn: Sequence[str]
) -> str:
    called = shared_name(job.model, teacher)
    licence = licence_of(teacher) if teacher.is_dir() else ""
    told = [f"license: {licence}"] if licence else []
    told += [f"base_model: {called}", "library_name: diffusers", "pipeline_tag: text-to-image", "tags:", FEW_STEP_TAG]
    steps = f"{job.student_steps} step{'s' if job.student_steps > 1 else ''}"
    parts = [
        "\n".join(["---", *told, "---"]),
        f"# {folder.parent.name}",
        f"Made few-step from {called}: it draws in {steps}, without guidance, what its teacher draws in "
        f"{pairs.teacher.num_inference_steps}. {_phases(job)}",
        "## Use", _use(folder, job, teacher, called, steps),
        "## Teacher", _teacher(job, called, pairs),
        "## Data",
        f"{len(pairs.train)} pairs of noise and picture, {len(pairs.held_out)} more held out; fingerprint "
        f"`{pairs.fingerprint}` (SHA-256 of teacher, captions and seeds).",
    ]  # fmt: skip
    if report:
        parts += ["## Quality", _quality(report)]
    if drawn:
        parts += ["## Curves", "\n".join(f"![{Path(file).stem} by step]({file})" for file in drawn)]
    loras = tuple(msgspec.structs.replace(lora, path=Path(lora.path).name) for lora in job.loras)
    shared = msgspec.structs.replace(
        job, model=called, dataset=Path(job.dataset).name, captions_file="", pairs_dir="", loras=loras,
        lpips_weights=Path(job.lpips_weights).name,
        start=_shared(job.start), start_base=_shared(job.start_base),
    )  # fmt: skip
    parts.append("## Recipe")
    if len(job.prompts) > MOST_SHOWN:
        parts.append(f"Its {len(job.prompts)} prompts are the lines of [{CAPTIONS}]({CAPTIONS}).")
        shared = msgspec.structs.replace(shared, prompts=())
    return "\n\n".join([*parts, f"```toml\n{distill_text(shared)}```"]) + "\n"


def _shared(model: str) -> str:
    return shared_name(model, Path(model)) if model else ""


def _use(folder: Path, job: DistillJob, teacher: Path, base: str, steps: str) -> str:
    name, prompt = folder.name, (job.validation_prompts or ("a picture",))[0]
    drawn = (teacher, base) if job.lora_rank else (folder, name)
    if use := perflow_use(*drawn, prompt, job.student_steps, UNGUIDED, name if job.lora_rank else ""):
        return use
    if job.student != "teacher" or flows(teacher):
        return VELOCITY_USE.format(steps=job.student_steps)
    if job.lora_rank:
        return LORA_USE.format(name=name, base=base, steps=steps, count=job.student_steps, prompt=prompt)
    return TEACHER_USE.format(name=name, steps=job.student_steps, prompt=prompt)


def _phases(job: DistillJob) -> str:
    told = ", ".join(f"{name} ({count} optimiser steps)" for name, count in phases_of(job).items())
    return f"Trained by {told}, {job.train_batch_size * job.gradient_accumulation_steps} pairs at each."


def _teacher(job: DistillJob, called: str, pairs: PairSet) -> str:
    teacher = pairs.teacher
    loras = "".join(f", with the LoRA {Path(lora.path).name} at {lora.weight:g}" for lora in job.loras)
    return (
        f"{called} (SHA-256 `{teacher.model_hash}`){loras}; {teacher.sampler}, {teacher.num_inference_steps} steps, "
        f"guidance {teacher.guidance_scale:g}, {teacher.width} × {teacher.height} px."
    )


def _quality(report: DistillReport) -> str:
    head = (
        f"On {report.held_out} held-out pairs, against the teacher's picture of the same noise: mean squared error of "
        "latents, PSNR of pictures, and variety (how far apart pictures of one caption are, the teacher's being 1).\n\n"
        "| | steps | latent MSE | PSNR (dB) | variety |\n|-|-:|-:|-:|-:|"
    )
    rows = [_row(name, marks) for name, of in (("model", report.student), ("teacher", report.teacher)) for marks in of]
    tail = (
        f"\n\nOne-step gain over the teacher: {report.one_step_gain:.3f}. Straightness S of the paths (0 is straight): "
        f"{report.straightness:.4g}, relative {report.straightness_relative:.4g}; the teacher's "
        f"{report.teacher_straightness:.4g} and {report.teacher_straightness_relative:.4g}."
    )
    return "\n".join([head, *rows]) + tail


def _row(name: str, marks: StepMarks) -> str:
    variety = "–" if marks.variety is None else f"{marks.variety:.3f}"
    return f"| {name} | {marks.steps} | {marks.latent_mse:.4g} | {marks.psnr:.2f} | {variety} |"
