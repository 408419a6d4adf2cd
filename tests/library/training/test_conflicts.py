"""Which settings of a training exclude each other, and at which field that is said."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.training.averaging import ema_decay_at
from sketchdesk.library.training.conflicts import conflicts, doubts, fork_step, refuse

JOB = TrainJob(model="m", dataset="d", out_dir="o")


@pytest.mark.parametrize(
    ("values", "precision", "fields"),
    [
        ({}, None, set()),
        ({"fused_step": True}, "bf16", set()),
        ({"fused_step": True, "gradient_accumulation_steps": 2}, "bf16", {"fused_step"}),
        ({"fused_step": True, "precision": "fp16"}, "bf16", {"fused_step"}),
        ({"fused_step": True}, "fp16", {"fused_step"}),
        ({"bf16_weights": True}, None, set()),  # not known yet what the device takes
        ({"bf16_weights": True}, "bf16", set()),
        ({"bf16_weights": True}, "fp32", {"bf16_weights"}),
        ({"bf16_weights": True, "precision": "bf16", "lora_rank": 4}, "bf16", {"bf16_weights"}),
        ({"fork_from": "/t/ink/checkpoints/checkpoint-500"}, None, {"max_train_steps"}),
        ({"fork_from": "/t/ink/checkpoints/checkpoint-499"}, None, set()),
    ],
)
def test_what_excludes_each_other_is_told_of_the_field_that_gives_way(values, precision, fields):
    found = conflicts(msgspec.structs.replace(JOB, **values), precision)
    assert set(found) == fields
    assert all(found.values())


@pytest.mark.parametrize(
    ("values", "precision", "processes"),
    [({"fused_step": True}, "bf16", 2), ({"fused_step": True}, "fp16", 1), ({"bf16_weights": True}, "fp32", 1)],
)
def test_the_engine_refuses_what_excludes_each_other_with_its_reason(values, precision, processes):
    job = msgspec.structs.replace(JOB, **values)
    with pytest.raises(SketchDeskError) as refused:
        refuse(job, precision, processes)
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert [refused.value.what] == list(conflicts(job, precision, processes).values())
    refuse(job, "bf16")  # alone and in bf16 both are possible


def test_the_judge_of_evaluations_is_doubted_as_a_reward():
    assert set(doubts(msgspec.structs.replace(JOB, reward_weight=0.1, reward_clip="demo-clip"))) == {"reward_clip"}
    assert doubts(msgspec.structs.replace(JOB, reward_clip="demo-clip")) == {}
    assert doubts(msgspec.structs.replace(JOB, reward_weight=0.1)) == {}


def test_of_two_weightings_the_one_without_effect_is_doubted():
    assert set(doubts(msgspec.structs.replace(JOB, snr_gamma=5.0, loss_weighting="velocity"))) == {"snr_gamma"}
    assert doubts(msgspec.structs.replace(JOB, snr_gamma=5.0)) == {}
    assert doubts(msgspec.structs.replace(JOB, loss_weighting="velocity")) == {}


def test_a_forks_step_is_its_checkpoints():
    assert fork_step(JOB) is None
    assert fork_step(msgspec.structs.replace(JOB, fork_from="/t/ink/checkpoints/checkpoint-20")) == 20


def test_the_reports_average_had_only_come_to_077():
    assert ema_decay_at(30, 0.9999) == pytest.approx(0.77, abs=0.005)
