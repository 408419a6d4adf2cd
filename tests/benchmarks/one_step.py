"""Measure a one-step model against its teacher of many steps: the figures of demo-flow, each with its target.

    python tests/benchmarks/one_step.py [--model demo-flow | --lora FILE] [--teacher demo-base] [--reflowed FOLDER]
        [--run FOLDER] [--style colour|sketch] [--prompts 100] [--steps 1,2,4,25] [--few 1,4] [--timed 12]
        [--threads N] [--precision fp32] [--keep DIR] [--json] [--card "HOURS and hardware"]

Both draw the same single nouns with the same seeds, the teacher with its own guidance; with --style sketch both are
asked for sketches, and judged by them. --lora is a LoRA for few steps over the teacher, drawn with as it says.
demo-clip says how often the noun is named first, the CLIP score (2.5 × cosine, 95 % by bootstrap), CMMD to real
pictures of the same nouns (95 % by the jackknife), and KID to the teacher's pictures of other seeds, whose own is the
floor; both on demo-clip's features. Latency is of whole images, text and decoder included, one by one and in turn; the
teacher is also measured in few steps. --reflowed is a model that is not distilled yet, for its many steps; --run the
distillation's folder, whose report.json holds the figures on held-out pairs. --card writes all into the model's card.
The exit status is 1 where a target is missed; the targets are demo-flow's.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
import numpy as np
import torch
from msgspec import Struct
from PIL import Image

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.demo import judge
from sketchdesk.demo.scenes import draw
from sketchdesk.demo.sprites import Style
from sketchdesk.demo.vocabulary import NOUNS, STYLE_PREFIX, article
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.set_distances import cmmd, kernel_distance
from sketchdesk.engine.evaluation.statistics import bootstrap_interval
from sketchdesk.engine.models.stable_diffusion import Defaults, StableDiffusion, load_stable_diffusion
from sketchdesk.engine.sampling.samplers import SAMPLERS
from sketchdesk.library.distillation.report import DistillReport, read_report
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.models.few_steps import few_steps_of
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.paths import resource

MANY, BATCH = 25, 10
OTHER_SEEDS = 1000
SCORE_SCALE = 2.5
FASTER, LOST, REFLOWED_LOST = 12.0, 12.0, 3.0
"""The targets: times faster, and points of accuracy that may be lost by one step, and by reflow alone."""
SECTION = "## Measured quality"


class Row(Struct, frozen=True, kw_only=True):
    """How a model does in so many steps."""

    name: str
    steps: int
    named_first: float
    """Share of pictures."""
    clip_score: tuple[float, float, float]
    """Mean, and its 95 % interval."""
    cmmd: tuple[float, float, float]
    """To real pictures of the same nouns."""
    kid_teacher: float
    """KID on CLIP's features to what the teacher draws of them in many steps, of other seeds."""


class Target(Struct, frozen=True, kw_only=True):
    """A figure, and what was wanted of it."""

    name: str
    value: float
    wanted: str
    reached: bool


@dataclass(frozen=True)
class Bench:
    """What every model draws, and who judges it."""

    nouns: Sequence[str]
    style: Style
    clip: ClipScorer
    keep: Path | None

    @property
    def prompts(self) -> list[str]:
        """One for each noun."""
        asked = f"{STYLE_PREFIX} " if self.style == "sketch" else ""
        return [f"{asked}{article(noun)}" for noun in self.nouns]

    def drawn(self, model: StableDiffusion, steps: int, first_seed: int = 0) -> list[Image.Image]:
        """Draw a picture of every prompt, with the seeds from `first_seed` on."""
        pictures: list[Image.Image] = []
        for start in range(0, len(self.prompts), BATCH):
            part = self.prompts[start : start + BATCH]
            seeds = range(first_seed + start, first_seed + start + len(part))
            pictures += draw_batch(model, part, [""] * len(part), list(seeds), settings_of(model, steps)).images
        return pictures

    def row(self, name: str, model: StableDiffusion, steps: int, real: np.ndarray, teachers: np.ndarray) -> Row:
        """Draw, keep and judge; `real` and `teachers` [N, D] are embeddings of the pictures compared with."""
        pictures = self.drawn(model, steps)
        if self.keep:
            folder = self.keep / f"{name}-{steps}"
            folder.mkdir(parents=True, exist_ok=True)
            for number, picture in enumerate(pictures):
                picture.save(folder / f"{number:03d}.png")
        cosines = self.clip.cosines(pictures, self.prompts)
        scores = {prompt: [SCORE_SCALE * max(0.0, float(c))] for prompt, c in zip(self.prompts, cosines, strict=True)}
        told = bootstrap_interval(scores)
        own = self.embedded(pictures)
        named = judge.share_named(judge.noun_scores(self.clip, pictures, self.style), [(noun,) for noun in self.nouns])
        return Row(
            name=name, steps=steps, named_first=named, clip_score=(told.mean, told.low or 0.0, told.high or 0.0),
            cmmd=jackknifed(own, real), kid_teacher=kernel_distance(own, teachers).mean,
        )  # fmt: skip

    def embedded(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Return their CLIP embeddings, [N, D]."""
        return self.clip.image_embeddings(pictures).numpy()


def settings_of(model: StableDiffusion, steps: int) -> DrawSettings:
    """Return how a model draws by itself, in so many steps."""
    side = model.sample_size_px
    return DrawSettings(steps, model.defaults.guidance_scale, None, side, side)


def jackknifed(own: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Return CMMD with a 95 % interval: 1.96 standard errors by leaving out one of `own` [N, D] at a time."""
    whole, count = cmmd(own, other), len(own)
    without = np.array([cmmd(np.delete(own, number, axis=0), other) for number in range(count)])
    half = 1.96 * float(np.sqrt((count - 1) / count * np.square(without - without.mean()).sum()))
    return whole, whole - half, whole + half


def latencies(one: StableDiffusion, many: StableDiffusion, prompts: Sequence[str]) -> tuple[float, float]:
    """Return the median seconds of a whole image in one step and in many, drawn in turn; the first of each is left out.

    Each draws as it does by itself, the teacher with its guidance.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for number, prompt in enumerate([prompts[0], *prompts]):
        for of, model, steps in zip(seconds, (one, many), (1, MANY), strict=True):
            began = time.perf_counter()
            draw_batch(model, [prompt], [""], [number], settings_of(model, steps))
            of.append(time.perf_counter() - began)
    return statistics.median(seconds[0][1:]), statistics.median(seconds[1][1:])


def targets(rows: Sequence[Row], faster: float) -> list[Target]:
    """Return the issue's figures, as far as they were measured."""
    found = {(row.name, row.steps): 100 * row.named_first for row in rows}
    of_teacher = found["teacher", MANY]
    told = [Target(
        name=f"one step is faster than {MANY}, times", value=faster, wanted=f"≥ {FASTER:g}", reached=faster >= FASTER
    )]  # fmt: skip
    for key, name, most in ((("student", 1), "lost by one step", LOST),
                            (("reflowed", MANY), f"lost by reflow, {MANY} steps", REFLOWED_LOST)):  # fmt: skip
        if key in found:
            lost = of_teacher - found[key]
            told.append(Target(name=f"points of accuracy {name}", value=lost, wanted=f"≤ {most:g}",
                               reached=lost <= most))  # fmt: skip
    return told


def lines(rows: Sequence[Row], told: Sequence[Target], report: DistillReport | None) -> list[str]:
    """Return everything as Markdown tables."""
    text = ["| | steps | named first | CLIP score | CMMD to real pictures | 1000 · KID to the teacher's, other seeds |",
            "|-|-:|-:|-:|-:|-:|"]  # fmt: skip
    for row in rows:
        score, low, high = row.clip_score
        far, near, farther = row.cmmd
        text.append(
            f"| {row.name} | {row.steps} | {row.named_first:.0%} | {score:.3f} ({low:.3f}–{high:.3f}) "
            f"| {far:.2f} ({near:.2f}–{farther:.2f}) | {1000 * row.kid_teacher:.2f} |"
        )
    text += ["", "| figure | measured | target | |", "|-|-:|-:|-|"]
    text += [f"| {each.name} | {each.value:.1f} | {each.wanted} | {'reached' if each.reached else 'missed'} |"
             for each in told]  # fmt: skip
    if report:
        text += ["", f"On {report.held_out} held-out pairs, one-step gain {report.one_step_gain:.3f}:", "",
                 "| | steps | PSNR (dB) | variety |", "|-|-:|-:|-:|"]  # fmt: skip
        for name, of in (("student", report.student), ("teacher", report.teacher)):
            text += [f"| {name} | {each.steps} | {each.psnr:.2f} "
                     f"| {'–' if each.variety is None else format(each.variety, '.3f')} |" for each in of]  # fmt: skip
    return text


def write_section(card: Path, told: Sequence[str], effort: str) -> None:
    """Put the figures into a model's card, in place of those it had."""
    before = card.read_text(encoding="utf-8").split(f"\n{SECTION}")[0].rstrip()
    head = f"By `python tests/benchmarks/{Path(__file__).name}`. Hardware and time: {effort}."
    write_text(card, "\n\n".join([before, SECTION, head, "\n".join(told)]) + "\n")


def measured(options: argparse.Namespace) -> tuple[list[Row], float]:
    """Draw and judge everything; return the rows, and how many times one step is faster than many."""
    placement = place("cpu", options.precision, options.threads)
    nouns = random.Random(0).sample(list(NOUNS), options.prompts)
    clip = ClipScorer.load(resource("models/demo-clip"), place("cpu", "fp32"))
    bench = Bench(nouns, options.style, clip, options.keep)
    teacher = loaded(options.teacher, placement)
    student = (
        with_lora(options.teacher, options.lora, placement) if options.lora else loaded(options.model, placement)
    )
    scenes = judge.measured_scenes("single", options.style, len(NOUNS))
    real = bench.embedded([draw(scene) for scene in scenes if scene.nouns[0] in nouns])
    others = bench.embedded(bench.drawn(teacher, MANY, OTHER_SEEDS))
    rows = [bench.row("teacher", teacher, steps, real, others) for steps in (*options.few, MANY)]
    rows += [bench.row("student", student, steps, real, others) for steps in options.steps]
    if options.reflowed:
        rows.append(bench.row("reflowed", loaded(options.reflowed, placement), MANY, real, others))
    one, many = latencies(student, teacher, bench.prompts[: options.timed])
    print(f"whole images, medians of {len(bench.prompts[: options.timed])}: one step {one * 1000:.1f} ms, "
          f"{MANY} steps {many * 1000:.1f} ms", file=sys.stderr)  # fmt: skip
    return rows, many / one


def loaded(name: str, placement: Placement) -> StableDiffusion:
    """Load a model by a name or a folder."""
    return load_stable_diffusion(resolve_model(name), placement.device, placement.dtype)


def with_lora(name: str, lora: str, placement: Placement) -> StableDiffusion:
    """Load a model with a LoRA for few steps, and have it draw by itself as the LoRA says."""
    how = few_steps_of(lora)
    if how is None:
        raise SystemExit(f"{lora} is no LoRA for few steps")
    model = load_stable_diffusion(resolve_model(name), placement.device, placement.dtype, [LoraUse(path=lora)])
    model.defaults = Defaults(guidance_scale=how.guidance_scale, num_inference_steps=how.num_inference_steps)
    model.scheduler_config = {**model.scheduler_config, "_class_name": SAMPLERS[how.sampler][0]}
    return model


def main() -> int:
    """Measure, show, and answer 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="demo-flow")
    parser.add_argument("--teacher", default="demo-base")
    parser.add_argument("--lora")
    parser.add_argument("--style", default="colour", choices=judge.STYLES)
    parser.add_argument("--reflowed")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--prompts", type=int, default=100)
    parser.add_argument("--steps", type=lambda text: [int(each) for each in text.split(",")], default=[1, 2, 4, MANY])
    parser.add_argument("--few", type=lambda text: [int(each) for each in text.split(",")], default=[1, 4],
                        help="of the teacher")
    parser.add_argument("--timed", type=int, default=12)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--precision", default="fp32", choices=("fp32", "bf16"))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--card", metavar="EFFORT")
    options = parser.parse_args()
    if options.card and not (Path(options.model) / "README.md").is_file():
        parser.error("--card needs a folder with a card as --model")
    if options.threads:
        torch.set_num_threads(options.threads)
    rows, faster = measured(options)
    told, report = targets(rows, faster), read_report(options.run) if options.run else None
    text = lines(rows, told, report)
    if options.card:
        write_section(Path(options.model) / "README.md", text, options.card)
    answer = {"rows": rows, "targets": told, "report": report}
    print(json.dumps(msgspec.to_builtins(answer)) if options.json else "\n".join(text))
    return 0 if all(each.reached for each in told) else 1


if __name__ == "__main__":
    raise SystemExit(main())
