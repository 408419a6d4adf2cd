"""An engine process whose plumbing is the real one and whose work is chosen by name: `python engine.py NAME`.

It does its work for whatever job it is given, without torch, so that a test of the process costs tenths of a second.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import (
    CaptionReady,
    DeviceFound,
    ImageSaved,
    JobEnded,
    JobStarted,
    MetricLogged,
    PreviewReady,
    StepDone,
)
from sketchdesk.contracts.jobs import CaptionJob, DistillJob, GenerateJob, Job, ProbeJob, TrainJob
from sketchdesk.engine.__main__ import main
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.session import ended_by

NEVER = threading.Event()
FIRST_STEP = StepDone(step=1, total=2)


def steps(reporter: Reporter, job: Job) -> None:
    """A well-behaved long job."""
    for done in range(1, 100_001):
        NEVER.wait(0.005)
        reporter.step(done, 100_000)


def short(reporter: Reporter, job: Job) -> None:
    """Three steps."""
    for done in range(1, 4):
        reporter.step(done, 3)


def hundred(reporter: Reporter, job: Job) -> None:
    """A hundred steps, about half a second."""
    for done in range(1, 101):
        NEVER.wait(0.005)
        reporter.step(done, 100)


def noisy(reporter: Reporter, job: Job) -> None:
    """2000 events with prints and raw writes to fd 1 between them."""
    for done in range(1, 2001):
        print("a stray print", end="" if done % 3 else "\n")  # noqa: T201
        os.write(1, b'{"type":"StepDone","step":0,"total":0}\n' if done % 2 else b"half a line")
        reporter.step(done, 2000)


def saves_at_the_end(reporter: Reporter, job: Job) -> None:
    """Takes longer to save, when it is canceled, than other jobs are given; says so when it is done."""
    try:
        steps(reporter, job)
    except Cancelled:
        NEVER.wait(0.6)
        reporter.notice("saved")
        raise


def stubborn(reporter: Reporter, job: Job) -> None:
    """Never looks whether it is canceled."""
    reporter.emit(FIRST_STEP)
    NEVER.wait()


def deaf(reporter: Reporter, job: Job) -> None:
    """Ignores being asked and being terminated."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stubborn(reporter, job)


def holds_the_gil(reporter: Reporter, job: Job) -> None:
    """Native code that lets no other thread run."""
    reporter.emit(FIRST_STEP)
    ctypes.PyDLL(None).sleep(600)


def segfaults(reporter: Reporter, job: Job) -> None:
    """Crashes in native code, after saying something on stderr."""
    reporter.emit(FIRST_STEP)
    print("the last words", file=sys.stderr, flush=True)  # noqa: T201
    os.kill(os.getpid(), signal.SIGSEGV)


def exits(reporter: Reporter, job: Job) -> None:
    """Ends the whole process in the middle of the job, after very much stderr."""
    for line in range(5000):
        print(f"line {line}", file=sys.stderr)  # noqa: T201
    sys.stderr.flush()
    os._exit(3)


def fails(reporter: Reporter, job: Job) -> None:
    """Fails with a named error."""
    raise SketchDeskError(ErrorKind.OUT_OF_MEMORY)


def dies_once(reporter: Reporter, job: Job) -> None:
    """Is killed at the first job; the file beside its run folders makes the next engine live."""
    marker = os.environ["FAKE_ENGINE_MARKER"]
    if not os.path.exists(marker):  # noqa: PTH110
        open(marker, "w").close()  # noqa: PTH123, SIM115
        os.kill(os.getpid(), signal.SIGKILL)
    short(reporter, job)


def always_killed(reporter: Reporter, job: Job) -> None:
    """Says how it was asked to draw, and is killed."""
    reporter.notice(f"{job.batch_size} {job.memory_savings}")
    os.kill(os.getpid(), signal.SIGKILL)


def draws(reporter: Reporter, job: Job) -> None:
    """Saves `count` grey pictures and says so."""
    from PIL import Image

    os.makedirs(job.out_dir, exist_ok=True)  # noqa: PTH103
    for number in range(job.count):
        path = f"{job.out_dir}/{number}.png"
        Image.new("RGB", (40, 20), (128, 128, 128)).save(path)
        reporter.emit(
            ImageSaved(
                path=path, prompt=job.prompts[0].prompt, seed=job.seed + number, width=40, height=20, seconds=0.0
            )
        )
        reporter.step(number + 1, job.count)


def studio(reporter: Reporter, job: Job) -> None:
    """Does a little of what each kind of job asks for: finds a CPU, draws pictures with records, logs what learns."""
    if isinstance(job, ProbeJob):
        reporter.emit(
            DeviceFound(device="cpu", name="A processor", memory_gib=24.0, precisions=("fp32",), preferred="fp32")
        )
    elif isinstance(job, GenerateJob):
        _drawn(reporter, job)
    elif isinstance(job, TrainJob):
        _trained(reporter, job)
    elif isinstance(job, DistillJob):
        _distilled(reporter, job)
    else:
        hundred(reporter, job)


def flood(reporter: Reporter, job: Job) -> None:
    """A training that logs about a thousand numbers and steps a second, for a minute."""
    for step in range(1, 30_001):
        NEVER.wait(0.0018)
        values = {"loss": 1 / step, "lr": 1e-4, "grad_norm": 0.5, "images_per_s": 7.0, "memory_gib": 1.0}
        reporter.emit(MetricLogged(step=step, values=values))
        reporter.step(step, 30_000)


def _drawn(reporter: Reporter, job: GenerateJob) -> None:
    from PIL import Image

    from sketchdesk.library.drawing.unsaved import unsaved_dir
    from sketchdesk.library.images.metadata import ImageRecord, save_png

    total = len(job.prompts) * job.count
    reporter.stage("drawing", 1, 2)
    for number in range(total):
        row, seed = job.prompts[number // job.count], job.seed + number % job.count
        record = ImageRecord(
            prompt=row.prompt, style_prefix=job.style_prefix, seed=seed, num_inference_steps=job.num_inference_steps,
            guidance_scale=job.guidance_scale or 7.5, sampler="pndm", width=64, height=64, model=job.model,
        )  # fmt: skip
        folder = Path(job.out_dir) if job.keep else unsaved_dir(reporter.run_dir)
        path = folder / f"{reporter.job_id or 'fake'}-{number:04}.png"
        save_png(Image.new("RGB", (64, 64), (40 * number % 256, 90, 160)), path, record)
        if not job.keep:
            reporter.emit(PreviewReady(path=str(path), prompt=row.prompt, seed=seed, step=5, total=5))
            continue
        reporter.emit(ImageSaved(path=str(path), prompt=row.prompt, seed=seed, width=64, height=64, seconds=0.1))
        reporter.step(number + 1, total)


def _trained(reporter: Reporter, job: TrainJob) -> None:
    reporter.stage("training", 2, 4)
    for step in range(1, min(job.max_train_steps, 400) + 1):
        NEVER.wait(0.005)
        values = {"loss": 1 / step, "lr": job.learning_rate, "grad_norm": 0.5, "images_per_s": 7.0, "memory_gib": 1.0}
        reporter.emit(MetricLogged(step=step, values=values))
        reporter.step(step, job.max_train_steps)


def _distilled(reporter: Reporter, job: DistillJob) -> None:
    """Draws "pairs", teacher and student side by side, and goes through the phases; a model folder is there then."""
    from PIL import Image

    from sketchdesk.library.distillation.settings import phases_of, total_steps

    phases, pairs = phases_of(job), job.num_pairs + job.num_held_out_pairs
    reporter.stage("pairs", 0, 3 + len(phases))
    for done in range(1, pairs + 1):
        NEVER.wait(0.005)
        reporter.step(done, pairs)
    total, step, out = total_steps(job), 0, Path(job.out_dir)

    def show(folder: str, colour: str, at: int, of: int) -> None:
        for number, prompt in enumerate(job.validation_prompts):
            path = out / "samples" / folder / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), colour).save(path)
            reporter.emit(PreviewReady(path=str(path), prompt=prompt, seed=number, step=at, total=of))

    show("teacher", "red", 0, 0)
    show("step-0", "grey", 0, total)
    for number, (phase, steps) in enumerate(phases.items()):
        reporter.stage(phase, 2 + number, 3 + len(phases), already_done=step)
        for step in range(step + 1, step + steps + 1):
            NEVER.wait(0.005)
            reporter.emit(MetricLogged(step=step, values={"loss": 1 / step, "lr": 1e-4, "grad_norm": 0.5}))
            reporter.step(step, total)
    show(f"step-{total}", "blue", total, total)
    measured = {"gain": 0.625, "pair_psnr": 17.5, "straightness_relative": 0.25}
    reporter.emit(MetricLogged(step=total, values=measured))
    (out / "model").mkdir(parents=True, exist_ok=True)
    (out / "model" / "model_index.json").write_text("{}")


def captions(reporter: Reporter, job: Job) -> None:
    """Writes a caption with its name for every picture that is wanted, one after the other."""
    from sketchdesk.library.dataset.captions import Edit, change_edits
    from sketchdesk.library.dataset.sources import open_source

    assert isinstance(job, CaptionJob)
    source = open_source(job.dataset)
    wanted = [item.key for item in source.items if item.key in job.pictures or not (job.pictures or item.caption)]
    reporter.stage("captioning", 1, 2)
    for done, key in enumerate(wanted, 1):
        text = f"{job.prefix} picture {key}".strip()
        change_edits(Path(job.captions_file), job.dataset, {key: Edit(text, "blip")})
        reporter.emit(CaptionReady(key=key, caption=text))
        reporter.step(done, len(wanted))
        NEVER.wait(0.005)


WORK: dict[str, Callable[[Reporter, Job], None]] = {
    work.__name__: work
    for work in (
        steps, short, hundred, noisy, saves_at_the_end, stubborn, deaf, holds_the_gil, segfaults, exits, fails,
        dies_once, always_killed, draws, studio, flood, captions,
    )
}


def run(job: Job, reporter: Reporter) -> JobEnded:
    """Do the named work; end as the real session does."""
    try:
        reporter.emit(JobStarted(pid=os.getpid()))
        WORK[sys.argv[1]](reporter, job)
        ended = JobEnded(state="done", result={"pid": os.getpid()})
    except (Cancelled, SketchDeskError) as error:
        ended = ended_by(error)
    reporter.emit(ended)
    return ended


if __name__ == "__main__":
    main(run)
