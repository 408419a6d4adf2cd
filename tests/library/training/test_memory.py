"""What earlier trainings needed tells what one alike will need, and no other."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.training.memory import MemoryPeak, are_alike, measured_gib

JOB = TrainJob(model="m", dataset="d", out_dir="o")


def changed(**values: object) -> TrainJob:
    return msgspec.structs.replace(JOB, **values)


@pytest.mark.parametrize(
    "values",
    [
        {"model": "n"}, {"resolution": 64}, {"train_batch_size": 5}, {"gradient_checkpointing": True},
        {"optimizer": "lion"}, {"use_ema": False}, {"lora_rank": 4}, {"precision": "bf16"}, {"reward_weight": 0.1},
        {"validation_prompts": ("a ball",)}, {"gradient_accumulation_steps": 2},
    ],
)  # fmt: skip
def test_a_training_that_differs_in_what_decides_tells_nothing(values):
    assert measured_gib(JOB, "cpu", [MemoryPeak(job=changed(**values), device="cpu", gib=2.0)]) is None


def test_clipping_takes_a_second_pass_only_where_each_weight_steps_at_once():
    at_once = changed(fused_step=True)
    unclipped = msgspec.structs.replace(at_once, max_grad_norm=0.0)
    assert not are_alike(at_once, unclipped)
    assert are_alike(JOB, changed(max_grad_norm=0.0))


def test_of_those_alike_the_most_counts_on_this_device():
    alike = changed(dataset="e", out_dir="p", max_train_steps=2, seed=4, learning_rate=1e-3)
    peaks = [
        MemoryPeak(job=alike, device="cpu", gib=2.0), MemoryPeak(job=JOB, device="cpu", gib=2.2),
        MemoryPeak(job=JOB, device="cuda:0", gib=9.0),
    ]  # fmt: skip
    assert measured_gib(JOB, "cpu", peaks) == 2.2
    assert measured_gib(JOB, "cuda:0", peaks) == 9.0
    assert measured_gib(JOB, "cuda:1", peaks) is None
