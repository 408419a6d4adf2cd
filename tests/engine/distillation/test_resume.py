"""A distillation that was stopped, in whatever phase, ends with the very weights of one that was not."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import StepDone
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation import task
from sketchdesk.engine.reporter import Cancelled, Reporter

STOPPED = Path(__file__).parent / "stopped_distillation.py"
STEPS = 9


@pytest.fixture(scope="module")
def job(tiny_sd: Path, tmp_path_factory: pytest.TempPathFactory) -> DistillJob:
    """Three phases of three steps, a checkpoint every second step: within phases and at the end of none or one."""
    folder = tmp_path_factory.mktemp("distillation")
    return DistillJob(
        model=str(tiny_sd), out_dir=str(folder / "whole"), prompts=("a red ball", "a blue ball"), num_pairs=4,
        num_held_out_pairs=0, pairs_batch_size=2, num_inference_steps=2, guidance_scale=1.0, reflow_steps=3,
        distil_steps=3, matching_steps=3, critic_rank=2, train_batch_size=2, learning_rate=1e-3,
        final_learning_rate=1e-4, lr_warmup_steps=1, checkpointing_steps=2, student_steps=2, precision="fp32",
        num_threads=1, pairs_dir=str(folder / "pairs"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(job: DistillJob) -> dict[str, torch.Tensor]:
    """The weights that the job ends with when nothing stops it."""
    return distilled(job)


def distilled(job: DistillJob, sink=lambda event: None) -> dict[str, torch.Tensor]:
    output = Path(str(task.run(job, Reporter(sink))["output"]))
    return load_file(output / "unet" / "diffusion_pytorch_model.safetensors" if output.is_dir() else output)


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert [name for name, value in one.items() if not torch.equal(value, other[name])] == []


def cancelled_at(job: DistillJob, step: int) -> None:
    def sink(event) -> None:
        if isinstance(event, StepDone) and event.total == STEPS and event.step == step:
            reporter.cancel()

    reporter = Reporter(sink)
    with pytest.raises(Cancelled):
        task.run(job, reporter)


def killed(job: DistillJob, number: int) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, str(STOPPED), str(number)], input=wire.encode(job), env=environment, capture_output=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode < 0, done.stderr.decode()


def stopped_and_gone_on_with(job: DistillJob, *steps: int) -> dict[str, torch.Tensor]:
    stopped = msgspec.structs.replace(job, resume=True)
    for step in steps:
        cancelled_at(stopped, step)
    return distilled(stopped)


def test_stopped_in_every_phase_and_at_their_ends_it_goes_on_bit_by_bit(job, undisturbed, tmp_path):
    stopped = msgspec.structs.replace(job, out_dir=str(tmp_path / "whole"))
    assert_same(undisturbed, stopped_and_gone_on_with(stopped, 1, 3, 5, 8))


def test_so_does_a_lora_of_the_teacher_s_head(job, tmp_path):
    one, other = (
        msgspec.structs.replace(job, student="teacher", lora_rank=2, out_dir=str(tmp_path / name / "whole"))
        for name in ("one", "other")
    )
    assert_same(distilled(one), stopped_and_gone_on_with(other, 5, 8))


@pytest.fixture
def elsewhere(job: DistillJob, tmp_path: Path) -> DistillJob:
    """The same job with pairs of its own, to be gone on with."""
    return msgspec.structs.replace(job, out_dir=str(tmp_path / "out"), pairs_dir=str(tmp_path / "pairs"), resume=True)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_killed_it_goes_on_from_its_newest_checkpoint(elsewhere, undisturbed):
    killed(elsewhere, 9)
    assert_same(undisturbed, distilled(elsewhere))


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", range(20))
def test_killed_at_random_points_it_goes_on_bit_by_bit(elsewhere, undisturbed, number):
    killed(elsewhere, random.Random(number).randint(1, 2 + STEPS))
    assert_same(undisturbed, distilled(elsewhere))
