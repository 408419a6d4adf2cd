"""A training that was stopped, however and wherever, ends with the very weights of one that was not."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import CheckpointSaved, StepDone
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training import task
from sketchdesk.library.paths import cache_dir
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints, read_manifest

STEPS = 10
STOPPED = Path(__file__).parent / "stopped_training.py"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight pictures of three shapes."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(8):
        size = ((48, 48), (64, 40), (40, 64))[number % 3]
        rough = Image.effect_noise((size[0] // 8, size[1] // 8), 90).resize(size).convert("RGB")
        rough.save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"cloud number {number}")
    return folder


@pytest.fixture
def job(pictures: Path, tiny_sd: Path, tmp_path: Path) -> TrainJob:
    """A training with everything that draws lots, a checkpoint every third step."""
    return TrainJob(
        model=str(tiny_sd), dataset=str(pictures), out_dir=str(tmp_path / "whole"), max_train_steps=STEPS,
        train_batch_size=2, learning_rate=1e-3, optimizer="adamw_8bit", checkpointing_steps=3, precision="fp32",
        num_threads=1, caption_dropout=0.3, noise_offset=0.05, random_flip=True, lr_scheduler="cosine",
        gradient_accumulation_steps=2,
    )  # fmt: skip


WAYS = {
    "flips": {},
    "random crops": {"center_crop": False},
    "buckets": {"aspect_buckets": True},
    "validated": {"validation_share": 0.25, "validation_steps": 2},
}


def weights(out_dir: str) -> dict[str, torch.Tensor]:
    return load_file(Path(out_dir) / "model" / "unet" / "diffusion_pytorch_model.safetensors")


def train(job: TrainJob, sink: Callable[[object], None] = lambda event: None) -> dict[str, torch.Tensor]:
    task.run(job, Reporter(sink))
    return weights(job.out_dir)


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert [name for name, value in one.items() if not torch.equal(value, other[name])] == []


def cancelled_at(job: TrainJob, step: int) -> None:
    def sink(event) -> None:
        if isinstance(event, StepDone) and event.total == STEPS and event.step == step:
            reporter.cancel()

    reporter = Reporter(sink)
    with pytest.raises(Cancelled):
        task.run(job, reporter)


def killed(job: TrainJob, *how: str) -> None:
    """Train in a process that ends as the arguments say (see stopped_training.py), which is not of its own will."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, str(STOPPED), *how], input=wire.encode(job), env=environment, capture_output=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode < 0, done.stderr.decode()


@pytest.mark.parametrize("way", WAYS)
def test_a_canceled_run_goes_on_bit_by_bit(job, tmp_path, way):
    whole = msgspec.structs.replace(job, **WAYS[way])
    expected = train(whole)
    stopped = msgspec.structs.replace(whole, out_dir=str(tmp_path / "stopped"))
    cancelled_at(stopped, 4)
    shutil.rmtree(cache_dir())
    assert_same(expected, train(msgspec.structs.replace(stopped, resume=True)))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_run_killed_while_it_wrote_a_checkpoint_goes_on_from_the_one_before(job, tmp_path):
    expected = train(job)
    stopped = msgspec.structs.replace(job, out_dir=str(tmp_path / "stopped"))
    killed(stopped, "write", "2", "0.5")
    folder = Path(stopped.out_dir) / FOLDER
    assert [step for step, _path in checkpoints(folder)] == [3]
    assert any(path.name.endswith(".partial") for path in folder.iterdir()), "it was not killed while it wrote"
    assert_same(expected, train(msgspec.structs.replace(stopped, resume=True)))
    assert not any(path.name.startswith(".checkpoint") for path in folder.iterdir())


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", range(20))
def test_stopped_at_twenty_points_it_ends_with_the_same_weights(job, tmp_path, number, undisturbed):
    """The demo model, stopped in four ways by turns, each twice in a row where that comes out."""
    rng = random.Random(number)
    demo = demo_job(job, tmp_path / "stopped", list(WAYS)[number % len(WAYS)])
    way = ("cancel", "pause", "kill", "write")[rng.randrange(4) if number >= 4 else number]
    step = rng.randint(1, STEPS - 1)
    if way == "cancel":
        cancelled_at(demo, step)
    elif way == "pause":
        killed(demo, "pause", str(step))
    elif way == "kill":
        killed(demo, "kill", str(step))
    else:
        killed(demo, "write", str(rng.randint(1, 3)), str(rng.random()))
    if number % 3 == 0:
        shutil.rmtree(cache_dir(), ignore_errors=True)
    resumed = msgspec.structs.replace(demo, resume=bool(checkpoints(Path(demo.out_dir) / FOLDER)))
    assert_same(undisturbed(list(WAYS)[number % len(WAYS)]), train(resumed))


def demo_job(job: TrainJob, out: Path, way: str) -> TrainJob:
    return msgspec.structs.replace(
        job, model="demo-base", out_dir=str(out), resolution=48, checkpoints_total_limit=3, **WAYS[way]
    )


@pytest.fixture(scope="module")
def _known() -> dict[str, dict[str, torch.Tensor]]:
    return {}


@pytest.fixture
def undisturbed(job, tmp_path, _known):
    """The weights of the run of a way that nothing stopped; made once."""

    def made(way: str) -> dict[str, torch.Tensor]:
        if way not in _known:
            _known[way] = train(demo_job(job, tmp_path / "undisturbed", way))
        return _known[way]

    return made


def test_a_checkpoint_says_its_step_and_what_it_must_hold(job):
    events: list = []
    train(job, events.append)
    saved = [event for event in events if isinstance(event, CheckpointSaved)]
    assert [event.step for event in saved] == [3, 6, 9, 10]
    manifest = read_manifest(Path(saved[-1].path))
    assert manifest.step == 10
    assert set(manifest.files) == {"training_state.safetensors", "unet/diffusion_pytorch_model.safetensors"}
