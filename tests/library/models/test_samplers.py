"""Samplers of other programs: what is not here with its schedule is had without, and the schedule is told."""

from __future__ import annotations

import pytest

from sketchdesk.library.models.samplers import sampler_id, without_schedule


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Euler Karras", ("euler", "Karras")), ("Euler a Karras", ("euler_a", "Karras")),
        ("Heun Karras", ("heun", "Karras")), ("UniPC Karras", ("unipc", "Karras")),
        ("DPM++ SDE Karras", ("dpmpp_sde", "Karras")), ("euler sgm_uniform", ("euler", "SGM Uniform")),
        ("heun_k", ("heun", "Karras")), ("DPM++ 2M Karras", ("dpmpp_2m_karras", "")), ("ddim", ("ddim", "")),
        ("DPM++ 3M SDE Karras", (None, "")), ("Karras", (None, "")), ("", (None, "")),
    ],
)  # fmt: skip
def test_a_sampler_is_had_without_its_schedule(name, expected):
    assert without_schedule(name) == expected


@pytest.mark.parametrize(
    ("schedule", "expected"), [("Karras", None), ("Exponential", None), ("Automatic", "euler_a"), ("normal", "euler_a")]
)
def test_a_schedule_of_its_own_makes_another_sampler(schedule, expected):
    assert sampler_id("Euler a", schedule) == expected
