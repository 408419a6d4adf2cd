"""How many pairs a one-step student needs: demo-flow's recipe on the first 1,000, 4,000 and 16,000 of the same pairs.

    python tests/benchmarks/pair_ablation.py OUT [--sizes 1000,4000,16000] [--teacher demo-base] [--prompts 100]
        [--batch 64] [--threads N] [--guide]

Each size is trained for the same steps and judged on the same pairs that no size is trained on: likeness and one-step
gain on them, variety on eight pictures each of eight nouns; then as one_step.py judges, whose tables these continue.
The teacher stands beside them, on held-out pairs by its own path in few steps. While it learns, likeness is measured
on 16 of the pairs, as for the program's charts; from that comes the best step.

Everything is kept in OUT and nothing in it is done twice: run it again to go on after a kill, or with more sizes.
OUT/ablation.json, .csv and .svg show what is there by then. --guide also draws the guide's picture in its languages.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
import numpy as np
from one_step import MANY, OTHER_SEEDS, Bench, Row, loaded
from pair_pictures import draw_for_guide, picture
from pair_results import FEW, Judged, as_csv, found_of, learning, lines, table

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.reading import reader
from sketchdesk.demo import flow, judge
from sketchdesk.demo.fit import saying
from sketchdesk.demo.scenes import draw
from sketchdesk.demo.vocabulary import NOUNS
from sketchdesk.engine.device import Placement, place
from sketchdesk.engine.distillation import task
from sketchdesk.engine.distillation.judging import GuidedTeacher, decoder_of
from sketchdesk.engine.distillation.measures import GLANCE, Draw, HeldOut
from sketchdesk.engine.distillation.pairs import draw_pairs
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.distillation.student import MODEL, drawn_in_steps
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.prepare import teller
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.library.distillation.pair_plan import captions_of, pairs_folder, planned_pairs
from sketchdesk.library.distillation.pairs import PairSet, open_pairs
from sketchdesk.library.distillation.report import StepMarks
from sketchdesk.library.files.atomic import write_json, write_text
from sketchdesk.library.models.card import curves_of
from sketchdesk.library.paths import resource
from sketchdesk.library.runs.events import read_events

LOOKS_EVERY = 200
VARIED, OF_EACH = 8, 8
"""So many nouns, in so many pictures, on which variety is measured."""
ABLATION = "ablation"

T = TypeVar("T")


@dataclass(frozen=True)
class Ablation:
    """A folder, and what is done in it."""

    out: Path
    recipe: DistillJob
    """Without a number of pairs."""
    bench: Bench
    exact: Placement
    """In which pictures are drawn for judging."""

    @cached_property
    def teacher(self) -> StableDiffusion:
        """The teacher."""
        return loaded(self.recipe.model, self.exact)

    @cached_property
    def held_out(self) -> HeldOut:
        """What likeness is measured on; pairs must have been drawn."""
        wanted = [pair for pair in planned_pairs(self.recipe, captions_of(self.recipe)) if pair.held_out]
        return self._measuring(open_pairs(pairs_folder(self.recipe), wanted))

    @cached_property
    def varied(self) -> HeldOut:
        """What variety is measured on; drawn where it is not there."""
        job = msgspec.structs.replace(
            self.recipe, prompts=tuple(self.bench.prompts[:VARIED]), num_pairs=1, num_held_out_pairs=VARIED * OF_EACH,
            pairs_dir=str(self.out / "varied"),
        )  # fmt: skip
        return self._measuring(draw_pairs(job, Reporter(saying(say))))

    @cached_property
    def real(self) -> np.ndarray:
        """CLIP embeddings of real pictures of the nouns, [N, D]."""
        scenes = judge.measured_scenes("single", "colour", len(NOUNS))
        return self.bench.embedded([draw(scene) for scene in scenes if scene.nouns[0] in self.bench.nouns])

    @cached_property
    def others(self) -> np.ndarray:
        """Those of the teacher's pictures of them with other seeds."""
        drawn = kept(
            self.out / "teacher" / "others.json", list[list[float]],
            lambda: self.bench.embedded(self.bench.drawn(self.teacher, MANY, OTHER_SEEDS)).tolist(),
        )  # fmt: skip
        return np.array(drawn, np.float32)

    def of_teacher(self) -> Judged:
        """Return what the teacher does on its own; pairs must have been drawn."""
        folder = self.out / "teacher"
        return Judged(
            pairs=None,
            marks=tuple(self._marks(folder, lambda: self.teacher, float(self.recipe.guidance_scale or 1))),
            rows=tuple(self._rows(folder, "teacher", lambda: self.teacher, (*FEW, MANY))),
        )

    def of_student(self, pairs: int) -> Judged:
        """Train on so many pairs, or go on with that, and return what came of it."""
        folder = self.out / str(pairs)
        job = msgspec.structs.replace(self.recipe, out_dir=str(folder), num_pairs=pairs)
        if not (folder / MODEL).is_dir():  # which appears whole
            folder.mkdir(parents=True, exist_ok=True)
            task.run(job, Reporter(saying(say), run_dir=folder))
        student = Late(str(folder / MODEL), self.exact)
        last = kept(folder / "judged" / "glance.json", StepMarks, lambda: self._glance(student()))
        looks = curves_of(read_events(folder)[0], ["pair_psnr"]).get("pair_psnr", [])
        return Judged(
            pairs=pairs,
            marks=tuple(self._marks(folder / "judged", student, 1.0)),
            rows=tuple(self._rows(folder / "judged", "student", student, FEW)),
            likeness=learning(looks, job.reflow_steps + job.distil_steps, last.psnr),
        )

    def _measuring(self, pairs: PairSet) -> HeldOut:
        decode = decoder_of(self.teacher.vae)
        portions = Portions(self.recipe.pairs_batch_size, Reporter(lambda _event: None))
        return HeldOut(pairs, self.teacher.device, decode, portions)

    def _marks(self, folder: Path, model: Callable[[], StableDiffusion], scale: float) -> Iterator[StepMarks]:
        for steps in (*FEW, self.recipe.num_inference_steps):
            yield kept(folder / f"marks-{steps}.json", StepMarks, lambda: self._mark(model(), scale, steps))

    def _mark(self, model: StableDiffusion, scale: float, steps: int) -> StepMarks:
        """Return likeness from the one set and variety from the other."""
        like, varied = (of.marks(self._walk(model, scale, of), steps) for of in (self.held_out, self.varied))
        return msgspec.structs.replace(like, variety=varied.variety)

    def _glance(self, model: StableDiffusion) -> StepMarks:
        few = replace(self.held_out, extent=GLANCE)
        return few.marks(self._walk(model, 1.0, few), 1)

    def _walk(self, model: StableDiffusion, scale: float, of: HeldOut) -> Draw:
        """Return how a model draws latents by its own path, as a distillation judges it."""
        placement = place("cpu", self.recipe.precision, self.recipe.num_threads)
        texts = TextStates(model, placement.dtype, False, teller(Reporter(saying(say))))
        texts.know([pair.caption for pair in of.pairs.pairs])
        drawer = GuidedTeacher(model, texts, placement, scale)
        return lambda noise, captions, steps: drawn_in_steps(drawer, noise, captions, steps)

    def _rows(self, folder: Path, name: str, model: Callable[[], StableDiffusion], of: Sequence[int]) -> Iterator[Row]:
        for steps in of:
            yield kept(
                folder / f"row-{steps}.json", Row,
                lambda: self.bench.row(name, model(), steps, self.real, self.others),
            )  # fmt: skip


class Late:
    """A model that is loaded when it is first asked for."""

    def __init__(self, name: str, placement: Placement) -> None:
        self._name, self._placement = name, placement
        self._model: StableDiffusion | None = None

    def __call__(self) -> StableDiffusion:
        """Return it."""
        self._model = self._model or loaded(self._name, self._placement)
        return self._model


def kept(file: Path, of: Any, make: Callable[[], T]) -> T:
    """Return what a file holds; where there is none, make it and keep it there."""
    if not file.is_file():
        say(f"{file.parent.name}/{file.name}")
        write_json(file, make())
    found: T = reader(of).decode(file.read_bytes())
    return found


def write(out: Path, judged: Sequence[Judged]) -> None:
    """Write everything that is known by now, the teacher first."""
    write_json(out / f"{ABLATION}.json", judged)
    write_text(out / f"{ABLATION}.csv", as_csv(table(judged)))
    write_text(out / f"{ABLATION}.svg", picture(found_of(judged), "en", dark=False))


def say(text: str) -> None:
    """Tell of progress."""
    print(text, file=sys.stderr, flush=True)


def begun(out: Path, options: argparse.Namespace) -> Ablation:
    """Return the ablation of a folder. Raises ValueError where the folder's was begun with other options."""
    settings = {"teacher": options.teacher, "prompts": options.prompts, "precision": options.precision}
    asked = kept(out / "settings.json", dict[str, str | int], lambda: settings)
    if asked != settings:
        raise ValueError(f"{out} was begun with {asked}, not {settings}")
    recipe = msgspec.structs.replace(
        flow.RECIPE, model=options.teacher, prompts=flow.captions(), pairs_dir=str(out / "pairs"), resume=True,
        validation_steps=LOOKS_EVERY, pairs_batch_size=options.batch, num_threads=options.threads, device="cpu",
        precision=options.precision,
    )  # fmt: skip
    nouns = random.Random(0).sample(list(NOUNS), options.prompts)
    exact = place("cpu", "fp32", options.threads)
    clip = ClipScorer.load(resource("models/demo-clip"), exact)
    return Ablation(out, recipe, Bench(nouns, "colour", clip, None), exact)


def main() -> int:
    """Go through the sizes, and show what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sizes", type=lambda text: sorted({int(each) for each in text.split(",")}),
                        default=[1000, 4000, 16000])  # fmt: skip
    parser.add_argument("--teacher", default=flow.BASE)
    parser.add_argument("--prompts", type=int, default=100)
    parser.add_argument("--precision", default=flow.RECIPE.precision, choices=("fp32", "bf16"), help="of the training")
    parser.add_argument("--batch", type=int, default=flow.RECIPE.pairs_batch_size, help="pairs drawn at once")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--guide", action="store_true")
    options = parser.parse_args()
    out = options.out.resolve()
    try:
        ablation = begun(out, options)
    except ValueError as error:
        parser.error(str(error))
    judged: list[Judged] = []
    for size in options.sizes:
        student = ablation.of_student(size)
        judged = [ablation.of_teacher(), *judged[1:], student]
        write(out, judged)
    print("\n".join(lines(table(judged))))
    if options.guide:
        draw_for_guide(found_of(judged))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
