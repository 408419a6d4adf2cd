"""The distill job: draw the pairs, go through the phases with checkpoints and samples, save the student."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import msgspec
import torch

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.engine import allocator
from sketchdesk.engine.device import Placement, matmul_precision, place
from sketchdesk.engine.distillation.judging import Judge, judge_of
from sketchdesk.engine.distillation.lpips import read_lpips
from sketchdesk.engine.distillation.matching import Matching
from sketchdesk.engine.distillation.one_step import OneStep
from sketchdesk.engine.distillation.pair_batches import PairBatches
from sketchdesk.engine.distillation.pairs import draw_pairs
from sketchdesk.engine.distillation.phase_loop import Distiller, Phase, Planned
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.distillation.reflow import Reflow
from sketchdesk.engine.distillation.samples import draw_student, draw_teacher
from sketchdesk.engine.distillation.settings import as_training
from sketchdesk.engine.distillation.start import check_begin
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.offload import MEMORY
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training.keeping import Keeper, check_start, state_to_go_on_from
from sketchdesk.engine.training.prepare import teller
from sketchdesk.engine.training.ranks import Ranks, join, leave
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.engine.training.waiting import Asleep, Rests, Waiting, without_holes
from sketchdesk.library.distillation.card import write_distill_card
from sketchdesk.library.distillation.conflicts import refuse
from sketchdesk.library.distillation.pairs import PairSet
from sketchdesk.library.distillation.report import DistillReport
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints

Result = dict[str, str | int | float | None]


def run(job: DistillJob, reporter: Reporter) -> Result:
    """Make the student and save it. On cancel a checkpoint is saved first, so that nothing learnt is lost.

    In each of several processes that were launched together it draws and trains, in the first it also speaks and
    saves. Raises SketchDeskError.
    """
    ranks, device = join(job.device)
    try:
        return _run(msgspec.structs.replace(job, device=device), ranks, reporter)
    finally:
        leave()


def _run(job: DistillJob, ranks: Ranks, reporter: Reporter) -> Result:
    out = Path(job.out_dir)
    refuse(job)  # and with the next two lines: what is wrong is told before hours of drawing
    check_begin(job)
    if job.lpips_weights:
        read_lpips(Path(job.lpips_weights))
    resumes = job.resume and bool(checkpoints(out / FOLDER))  # where only pairs were drawn, those are gone on with
    check_start(as_training(msgspec.structs.replace(job, resume=resumes), 1), out)
    stages = 3 + len(_steps(job))
    portions = Portions(job.pairs_batch_size, reporter)
    pairs = draw_pairs(job, reporter, ranks, (0, stages), portions)
    placement = place(job.device, job.precision, job.num_threads)
    reporter.stage("loading", 1, stages)
    teacher, waiting = _load(job, placement)
    texts = TextStates(teacher, placement.dtype, True, teller(reporter))
    with ranks.first_alone():
        texts.know([*pairs.captions(range(len(pairs))), *job.validation_prompts])
    with matmul_precision(placement.device, allow_tf32=True), without_holes(teacher, placement):
        if ranks.is_first:
            draw_teacher(job, teacher, out, reporter, portions)
        waiting.rest()
        job = msgspec.structs.replace(job, resume=resumes)
        return _distilled(job, teacher, pairs, texts, placement, ranks, reporter, portions)


def _load(job: DistillJob, placement: Placement) -> tuple[StableDiffusion, Rests]:
    """Return the teacher in fp32, its LoRAs added, and its text encoder, which takes no room while it waits."""
    path = resolve_model(job.model)
    with allocator.given_back():
        teacher = load_stable_diffusion(path, MEMORY, torch.float32, job.loras)
    teacher.runs_on = placement.device
    if placement.device == MEMORY:
        if job.loras or not path.is_dir():  # what they changed, and what is in no folder, is saved from memory
            return teacher, Waiting()
        return teacher, Asleep(path, {"text_encoder": teacher.text_encoder})
    for network in (teacher.unet, teacher.vae):
        network.to(placement.device)
    return teacher, Waiting((teacher.text_encoder,), placement.device)


def _distilled(
    job: DistillJob,
    teacher: StableDiffusion,
    pairs: PairSet,
    texts: TextStates,
    placement: Placement,
    ranks: Ranks,
    reporter: Reporter,
    portions: Portions,
) -> Result:
    """Go through the phases on what was drawn, and save."""
    out = Path(job.out_dir)
    judge = judge_of(job, teacher, texts, placement, pairs, reporter, portions) if ranks.is_first else None
    student = Student(job, teacher, placement, texts)
    leave_room(job, teacher, student)
    batches = PairBatches(pairs, job.train_batch_size, job.seed, placement.device)
    if student.is_converted and not job.resume:
        Reflow(job, student, batches).fit_last_layer()
    distiller = Distiller(job, student, _plan(job, student, teacher, batches, ranks), ranks)
    if (state := state_to_go_on_from(student.settings, out, reporter)) is not None:
        distiller.load_state_dict(state)
        reporter.notice(
            _("Resuming at step {step} of {total}.").format(step=distiller.step, total=distiller.total)
        )
    _train(distiller, judge, reporter, portions)
    if not ranks.is_first:
        return {"run": str(out)}
    stages = 3 + len(_steps(job))
    reporter.stage("saving", stages - 1, stages)
    report = judge.report(distiller) if judge else None
    distiller.finish()
    output = student.save(out, distiller.step)
    _write_card(output if output.is_dir() else output.parent, job, teacher, pairs, report, reporter)
    return {"run": str(out), "output": str(output), "steps": distiller.step, "final_loss": distiller.last_loss}


def leave_room(job: DistillJob, teacher: StableDiffusion, student: Student) -> None:
    """Let the teacher's U-Net, which was measured by now, take little room beside a student that has one of its own.

    Matching still asks it, in the precision it computes in; otherwise nobody does, and its weights are let go.
    """
    if student.model.unet is not teacher.unet:
        teacher.unet.to(student.placement.dtype if job.matching_steps else torch.device("meta"))


def _write_card(
    model: Path, job: DistillJob, teacher: StableDiffusion, pairs: PairSet, report: DistillReport | None,
    reporter: Reporter,
) -> None:  # fmt: skip
    """Say in the folder of the model or the LoRA how it was made. A failure is told: the model is there without it."""
    events = read_events(reporter.run_dir)[0] if reporter.run_dir else []
    try:
        write_distill_card(model, job, teacher.folder, pairs, report, events)
    except (OSError, SketchDeskError) as error:
        reporter.notice(_("The model's card was not written: {reason}").format(reason=error), "warning")


def _steps(job: DistillJob) -> list[int]:
    return [steps for steps in (job.reflow_steps, job.distil_steps, job.matching_steps) if steps]


def _plan(
    job: DistillJob, student: Student, teacher: StableDiffusion, batches: PairBatches, ranks: Ranks
) -> list[Planned]:
    """Return the phases that have steps; each is begun once, however often it is asked for."""
    phases: list[tuple[Callable[[], Phase], int]] = [
        (lambda: Reflow(job, student, batches), job.reflow_steps),
        (lambda: OneStep(job, student, batches), job.distil_steps),
        (lambda: Matching(job, student, teacher, batches, ranks), job.matching_steps),
    ]
    return [Planned(functools.cache(begin), steps) for begin, steps in phases if steps]


def _train(distiller: Distiller, judge: Judge | None, reporter: Reporter, portions: Portions) -> None:
    """Train through all phases; look and save as often as the job says, and at the end."""
    job, stages = distiller.distil_job, 3 + len(_steps(distiller.distil_job))
    keeper = Keeper(distiller, Path(job.out_dir), reporter) if distiller.ranks.is_first else None

    def on_phase() -> None:
        reporter.stage(distiller.phase.name, 2 + distiller.phase_number, stages, already_done=distiller.step)
        if distiller.step == 0 or distiller.phase.name == Matching.name:
            look()

    def after_step(step: int) -> None:
        if _is_due(distiller):
            look()
        if keeper and (step % job.checkpointing_steps == 0 or distiller.is_done):
            keeper.save()

    def look() -> None:
        """Draw and measure in the first process; where matching costs too much variety it ends, in all of them."""
        misses = torch.tensor([float(keeper is not None and _misses(distiller, judge, reporter, portions))])
        if distiller.ranks.mean(misses.to(distiller.student.placement.device)) > 0:
            distiller.end_phase()

    try:
        distiller.run(reporter, after_step, on_phase)
    except (Cancelled, SketchDeskError):
        if keeper:
            keeper.save_at_the_end()
        raise


def _is_due(distiller: Distiller) -> bool:
    """Tell whether it is time for a look."""
    return distiller.step % distiller.distil_job.validation_steps == 0 or distiller.is_done


def _misses(distiller: Distiller, judge: Judge | None, reporter: Reporter, portions: Portions) -> bool:
    """Draw and measure; tell whether matching costs too much variety.

    Only looks that are due judge: one by which a run goes on elsewhere is none of those that it would have had.
    """
    draw_student(distiller.distil_job, distiller, Path(distiller.distil_job.out_dir), reporter, portions)
    marks, guard = judge.look(distiller) if judge else None, distiller.guard
    variety = marks.variety if marks and distiller.phase.name == Matching.name else None
    if variety is None or not (guard.first is None or _is_due(distiller)) or not guard.misses(variety):
        return False
    text = _("Matching ends at step {step}: pictures of one caption are only {share} as varied as the teacher's.")
    reporter.notice(text.format(step=distiller.step, share=f"{variety:.0%}"), "warning")
    return True
