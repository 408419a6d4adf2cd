"""Drawing pairs: what the teacher draws of the very noise, gone on with, never twice, and only what is a pair."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Event, Notice, StageChanged, StepDone
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation import pairs as drawing
from sketchdesk.engine.distillation.pairs import draw_pairs
from sketchdesk.engine.draw import DrawSettings, draw_latents
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.library.distillation.pairs import SHARDS, TABLE


@pytest.fixture
def job(tiny_sd: Path, tmp_path: Path) -> DistillJob:
    return DistillJob(
        model=str(tiny_sd), out_dir=str(tmp_path / "out"), prompts=("a dog", "a cat", "a bear"), num_pairs=6,
        num_held_out_pairs=2, pairs_batch_size=4, num_inference_steps=3, guidance_scale=2.0, device="cpu",
        precision="fp32", num_threads=1,
    )  # fmt: skip


def drawn(job: DistillJob) -> tuple[drawing.PairSet, list[Event]]:
    events: list[Event] = []
    return draw_pairs(job, Reporter(events.append), stage=(1, 4)), events


def steps(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, StepDone)]


def test_latents_are_what_the_teacher_draws_from_the_noise(job, tiny_sd):
    pairs, events = drawn(job)
    assert (len(pairs.train), len(pairs.held_out)) == (6, 2)
    model = load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
    settings = DrawSettings(3, 2.0, None, 32, 32)
    for index in (0, 5, 7):
        alone = draw_latents(model, pairs.captions([index]), [""], pairs.seeds([index]), settings).latents
        assert np.allclose(pairs.latents([index]), alone.numpy(), rtol=2e-3, atol=2e-3)
        noise = torch.randn((1, 4, 16, 16), generator=torch.Generator("cpu").manual_seed(pairs.seeds([index])[0]))
        assert np.array_equal(pairs.noise([index]), noise.numpy())
    stages = [event for event in events if isinstance(event, StageChanged)]
    assert [(stage.stage, stage.index, stage.total) for stage in stages] == [("pairs", 1, 4)]
    assert steps(events) == [4, 8]
    assert (pairs.folder / TABLE).is_file()


def test_the_teacher_is_written_down(job):
    teacher = drawn(job)[0].teacher
    assert (teacher.sampler, teacher.num_inference_steps, teacher.guidance_scale) == ("pndm", 3, 2.0)
    assert (teacher.width, teacher.height, teacher.shape) == (32, 32, (4, 16, 16))
    assert len(teacher.model_hash) == 64


def test_a_stopped_drawing_goes_on_and_nothing_is_drawn_twice(job):
    events: list[Event] = []

    def stop(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepDone):
            reporter.cancel()

    reporter = Reporter(stop)
    with pytest.raises(Cancelled):
        draw_pairs(job, reporter)
    before = {file: file.stat().st_mtime_ns for file in Path(job.out_dir, "pairs").glob(SHARDS)}
    pairs, later = drawn(job)
    assert steps(later) == [8]  # four were there, four come in one batch
    assert {file: file.stat().st_mtime_ns for file in before} == before
    whole = drawn(msgspec.structs.replace(job, pairs_dir=str(Path(job.out_dir, "whole"))))[0]
    assert pairs.pairs == whole.pairs
    assert np.array_equal(pairs.latents(range(8)), whole.latents(range(8)))
    assert steps(drawn(job)[1]) == []


def test_a_torn_shard_is_drawn_again(job):
    pairs = drawn(job)[0]
    wanted = pairs.latents(range(8))
    shard = next(Path(job.out_dir, "pairs").glob(SHARDS))
    shard.write_bytes(shard.read_bytes()[:-1])
    again, events = drawn(job)
    assert steps(events)
    assert np.array_equal(again.latents(range(8)), wanted)


def test_more_pairs_are_added_to_those_that_are_there(job):
    drawn(job)
    pairs, events = drawn(msgspec.structs.replace(job, num_pairs=8))
    assert steps(events) == [10]
    assert (len(pairs.train), len(pairs.held_out)) == (8, 2)
    assert len(drawn(job)[0]) == 8  # and a job for fewer takes its own


def test_processes_share_the_drawing(job):
    class Second(Ranks):
        def wait(self) -> None:
            """The first one is not really there."""

    missing = msgspec.structs.replace(job, pairs_dir=str(Path(job.out_dir, "shared")))
    half = draw_pairs(missing, Reporter(lambda _event: None), Second(1, 2))
    assert half.pairs == drawn(job)[0].pairs[1::2]
    whole = drawn(missing)[0]
    assert np.allclose(whole.latents(range(8)), drawn(job)[0].latents(range(8)), rtol=2e-3, atol=2e-3)


def test_another_guidance_does_not_mix_with_these(job):
    drawn(job)
    with pytest.raises(SketchDeskError, match="guidance|drawn otherwise") as caught:
        drawn(msgspec.structs.replace(job, guidance_scale=3.0))
    assert caught.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize("sampler", ["euler_a", "lcm", "rectified_flow"])
def test_a_sampler_that_makes_no_pairs_is_refused(job, sampler):
    with pytest.raises(SketchDeskError) as caught:
        drawn(msgspec.structs.replace(job, sampler=sampler))
    assert caught.value.kind is ErrorKind.BAD_INPUT


def test_too_little_memory_halves_the_batches(job, monkeypatch):
    real = drawing.draw_latents

    def greedy(model: object, prompts: list[str], *rest: object) -> object:
        if len(prompts) > 2:
            raise MemoryError
        return real(model, prompts, *rest)

    monkeypatch.setattr(drawing, "draw_latents", greedy)
    pairs, events = drawn(job)
    assert len(pairs) == 8
    assert [event.message for event in events if isinstance(event, Notice)] == [
        "Memory ran out; from here on 2 pictures are drawn at a time."
    ]
