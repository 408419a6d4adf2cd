"""The train job: read the data, encode it, run the loop with checkpoints and samples, save the tuned pipeline."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import MetricLogged, PreviewReady
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.stable_diffusion import save_tuned
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training.keeping import Keeper, check_start, state_to_go_on_from
from sketchdesk.engine.training.loop import EMA_FILE, Trainer
from sketchdesk.engine.training.lora_files import save_lora
from sketchdesk.engine.training.memory_told import MemoryTold
from sketchdesk.engine.training.ranks import Ranks, join, leave
from sketchdesk.engine.training.ready import Ready, ready
from sketchdesk.engine.training.reward import judges_its_own_work
from sketchdesk.engine.training.trackers import tracked
from sketchdesk.engine.training.validation import Validation
from sketchdesk.engine.training.watching import draw_watched
from sketchdesk.library.models.card import fingerprint_of, write_card
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.training.checkpoints import LORA
from sketchdesk.library.training.held_out import write_held_out

MODEL = "model"
STAGES = 5
DATA_FINGERPRINT = "sketchdesk.data_fingerprint"
"""What a LoRA's metadata call the fingerprint of the pictures it was trained on, which its card tells too."""


def run(job: TrainJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Fine-tune and save. On cancel a checkpoint is saved first, so that nothing trained is lost.

    In each of several processes that were launched together it trains, in the first it also speaks and saves.
    """
    ranks, device = join(job.device)
    try:
        with tracked(job, reporter) if ranks.is_first else contextlib.nullcontext():
            return _run(msgspec.structs.replace(job, device=device), ranks, reporter)
    finally:
        leave()


def _run(job: TrainJob, ranks: Ranks, reporter: Reporter) -> dict[str, str | int | float | None]:
    check_start(job, Path(job.out_dir))
    if judges_its_own_work(job):
        reporter.notice(
            _("“{name}” is the reward here and the judge of evaluations too, which flatters the outcome: the model "
              "learns to please it. Judge with another CLIP.").format(name=job.reward_clip), "warning",
        )  # fmt: skip
    with ready(job, ranks, reporter, STAGES) as made:
        return _trained(job, made, ranks, reporter)


def _trained(job: TrainJob, made: Ready, ranks: Ranks, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Train on what was prepared, and save."""
    out = Path(job.out_dir)
    shown, held_out = made.data.split(job.validation_share, job.seed)
    if held_out is None and job.validation_share > 0:
        reporter.notice(
            _("Nothing can be held out for the validation: too few pictures, or all of them look alike."), "warning"
        )
    trainer = made.trainer(job, shown, ranks, reporter)
    trainer.trained.lora_facts = {
        "ss_num_train_images": str(len(shown)), DATA_FINGERPRINT: fingerprint_of(_digests(trainer)),
    }  # fmt: skip
    validation = Validation(trainer, held_out) if held_out and ranks.is_first else None
    if validation and held_out:
        write_held_out(out, held_out.captions)
    if (state := state_to_go_on_from(job, out, reporter)) is not None:
        trainer.load_state_dict(state)
        reporter.notice(_("Resuming at step {step} of {total}.").format(step=trainer.step, total=job.max_train_steps))
    if not ranks.is_first:
        trainer.run(reporter, lambda _step: None)
        return {"run": str(out)}
    told = MemoryTold(job, resolve_model(job.model), made.placement, len(made.data.examples), reporter)
    _train(trainer, validation, out, made.resolution, reporter, told)
    reporter.stage("saving", 4, STAGES)
    output = _save(trainer, out)
    _write_card(output if output.is_dir() else output.parent, trainer, reporter)
    with contextlib.suppress(OSError):
        (out / EMA_FILE).unlink(missing_ok=True)
    return {
        "run": str(out), "output": str(output), "steps": trainer.step, "final_loss": trainer.last_loss, **told.told()
    }  # fmt: skip


def _save(trainer: Trainer, out: Path) -> Path:
    """Save what was trained, its average where there is one, and return the tuned folder or the LoRA's file."""
    trained, model = trainer.trained, trainer.model
    if trainer.ema:
        trained.to_full_precision()
        trainer.ema.copy_to_parameters()
    if trained.adapts:
        adapters = dict(zip(trained.names, trained.state_dict(), strict=True))
        return save_lora(out / LORA, out.name, adapters, trainer.job, model, trainer.step, trained.lora_facts)
    save_tuned(model, trained.names, out / MODEL)
    return out / MODEL


def _write_card(model: Path, trainer: Trainer, reporter: Reporter) -> None:
    """Say in the folder of the model or the LoRA how it was made. A failure is told: it is there without it."""
    events = read_events(reporter.run_dir)[0] if reporter.run_dir else []
    samples = model.parent / "samples" / f"step-{trainer.step:06d}"
    try:
        write_card(model, trainer.job, trainer.model.folder, _digests(trainer), events, samples)
    except (OSError, SketchDeskError) as error:
        reporter.notice(_("The model's card was not written: {reason}").format(reason=error), "warning")


def _digests(trainer: Trainer) -> list[str]:
    return [example.digest for example in trainer.data.examples]


def _train(
    trainer: Trainer, validation: Validation | None, out: Path, resolution: int, reporter: Reporter, told: MemoryTold
) -> None:
    """Look at the untouched model, then train; look and save as often as the job says, and at the end."""
    job, keeper = trainer.job, Keeper(trainer, out, reporter)

    def look() -> None:
        loss = _log_validation(validation, reporter) if validation else None
        if loss is not None:
            keeper.note(loss)
        if job.validation_prompts:
            _draw_samples(job, trainer, out, resolution, reporter)

    def after_step(step: int) -> None:
        told.after_step()
        if step % job.checkpointing_steps == 0 or step == job.max_train_steps:
            keeper.save()
        if step % job.validation_steps == 0 or step == job.max_train_steps:
            look()

    if trainer.step == 0:
        reporter.stage("validating", 2, STAGES)
        look()
    reporter.stage("training", 3, STAGES, already_done=trainer.step)
    try:
        trainer.run(reporter, after_step)
    except (Cancelled, SketchDeskError):
        keeper.save_at_the_end()
        raise


def _log_validation(validation: Validation, reporter: Reporter) -> float | None:
    """Log the loss on what was held out and return it. A failure here is told and never ends the run."""
    step = validation.trainer.step
    try:
        loss = validation.loss()
    except (RuntimeError, MemoryError) as error:
        reporter.notice(_("Validation at step {step} was skipped: {reason}").format(step=step, reason=error), "warning")
        return None
    if not math.isfinite(loss):
        return None
    reporter.emit(MetricLogged(step=step, values={"val_loss": loss}))
    return loss


def _draw_samples(job: TrainJob, trainer: Trainer, out: Path, resolution: int, reporter: Reporter) -> None:
    """Draw the validation prompts with the averaged weights. A failure here is told and never ends the run."""
    step, folder = trainer.step, out / "samples" / f"step-{trainer.step:06d}"
    try:
        drawing, seeds = draw_watched(trainer, resolution)
        folder.mkdir(parents=True, exist_ok=True)
        for number, (prompt, seed, image) in enumerate(zip(job.validation_prompts, seeds, drawing.images, strict=True)):
            path = folder / f"{number:03d}.png"
            image.save(path)
            reporter.emit(
                PreviewReady(path=str(path), prompt=prompt, seed=seed, step=step, total=job.max_train_steps)
            )
    except (RuntimeError, OSError, MemoryError, SketchDeskError) as error:
        reporter.notice(_("Samples at step {step} were skipped: {reason}").format(step=step, reason=error), "warning")
