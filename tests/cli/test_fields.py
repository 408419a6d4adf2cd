from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from sketchdesk.cli.fields import choices_of, value_of
from sketchdesk.contracts.jobs import EvaluateJob, GenerateJob, TrainJob


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("num_inference_steps", "1000", 1000),
        ("guidance_scale", "7.5", 7.5),
        ("guidance_scale", "0", 0.0),
        ("seed", "9223372036854775807", 2**63 - 1),
        ("sampler", "dpmpp_2m_karras", "dpmpp_2m_karras"),
        ("device", "cuda:1", "cuda:1"),
    ],
)
def test_values_within_bounds_are_read(field: str, text: str, value: object) -> None:
    read = value_of(GenerateJob, field)(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("num_inference_steps", "0", "“0” is not a whole number from 1 to 1000."),
        ("num_inference_steps", "1001", "“1001” is not a whole number from 1 to 1000."),
        ("num_inference_steps", "2.5", "“2.5” is not a whole number from 1 to 1000."),
        ("num_inference_steps", "many", "“many” is not a whole number from 1 to 1000."),
        ("guidance_scale", "nan", "“nan” is not a number from 0 to 100."),
        ("guidance_scale", "inf", "“inf” is not a number from 0 to 100."),
        ("seed", "-1", "“-1” is not a whole number from 0 to 9223372036854775807."),
        ("precision", "int8", "“int8” is not one of auto, fp32, bf16, fp16."),
        ("width", "", "“” is not a whole number from 16 to 4096."),
    ],
)
def test_a_value_out_of_bounds_is_refused_in_words(field: str, text: str, sentence: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        value_of(GenerateJob, field)(text)
    assert str(refused.value) == sentence


def test_open_bounds_are_told_too() -> None:
    with pytest.raises(ArgumentTypeError, match="is not a number above 0"):
        value_of(TrainJob, "learning_rate")("0")
    with pytest.raises(ArgumentTypeError, match="is not a whole number of at least 1"):
        value_of(TrainJob, "max_train_steps")("0")


def test_choices_come_in_the_order_the_job_lists_them() -> None:
    assert choices_of(GenerateJob, "sampler")[:3] == ("pndm", "ddim", "ddpm")
    assert choices_of(EvaluateJob, "metrics")[:2] == ("clip", "blip")
    assert choices_of(GenerateJob, "seed") == ()
