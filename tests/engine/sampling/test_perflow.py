"""PeRFlow's path and sampler against its formulas, written out here in fp64 (arXiv 2405.07510)."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.sampling.clean import predicted_clean
from sketchdesk.engine.sampling.perflow import PeRFlowScheduler
from sketchdesk.engine.sampling.samplers import make_scheduler, sampler_name
from sketchdesk.engine.sampling.steps import choose_steps
from sketchdesk.engine.sampling.windows import ends_of

N = 1000
BARS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, N, dtype=torch.float64) ** 2, 0)
PREDICTIONS = ("ddim_eps", "diff_eps", "velocity")
MEAN, SPREAD = 0.7, 0.4
"""Of the data in the closed form: each number is normal, and independent of the others."""


def scheduler(prediction: str, windows: int = 4) -> PeRFlowScheduler:
    config = {"_class_name": "PeRFlowScheduler", "prediction_type": prediction, "num_time_windows": windows,
              "steps_offset": 1, "clip_sample": False}  # fmt: skip
    made = make_scheduler(None, config)
    assert sampler_name(config) == "perflow"
    return made


def scales(t: float) -> tuple[float, float]:
    bar = float(BARS[max(int(t) - 1, 0)])
    return bar**0.5, (1 - bar) ** 0.5


def window(t: float, windows: int = 4) -> tuple[float, float]:
    """Where the window of t begins and ends."""
    starts = [N * (windows - number) / windows for number in range(windows + 1)]
    place = max(number for number in range(windows) if t <= starts[number])
    return starts[place], starts[place + 1]


def answer(prediction: str, a: Tensor, b: Tensor, t_a: float, t_b: float) -> Tensor:
    """What a U-Net says that knows both ends."""
    if prediction == "velocity":
        return (b - a) / ((t_b - t_a) / N)
    (alpha_a, sigma_a), (alpha_b, sigma_b) = scales(t_a), scales(t_b)
    ratio = alpha_b / alpha_a
    eta = sigma_b - ratio * sigma_a if prediction == "ddim_eps" else -((ratio**2 - 1) ** 0.5)
    return (b - ratio * a) / eta


def moved(x: Tensor, t_from: float, t_to: float) -> Tensor:
    """The exact flow of the Gaussian along the schedule's ODE: scores keep their place in units of the spread."""
    (alpha, sigma), (alpha_to, sigma_to) = scales(t_from), scales(t_to)
    wide = ((alpha * SPREAD) ** 2 + sigma**2) ** 0.5
    wide_to = ((alpha_to * SPREAD) ** 2 + sigma_to**2) ** 0.5
    return alpha_to * MEAN + wide_to / wide * (x - alpha * MEAN)


def gaussian_student(prediction: str, x: Tensor, t: float) -> Tensor:
    """What the perfect PeRFlow of the Gaussian says of any point; the map being affine, the line is found."""
    t_a, t_b = window(t)
    gone = (t - t_a) / (t_b - t_a)
    zero = moved(torch.zeros((), dtype=torch.float64), t_a, t_b)
    gain = moved(torch.ones((), dtype=torch.float64), t_a, t_b) - zero
    a = (x - gone * zero) / (1 - gone + gone * gain)
    return answer(prediction, a, gain * a + zero, t_a, t_b)


@pytest.mark.parametrize("t", [1000, 750, 500, 250])
def test_from_a_windows_beginning_to_its_end_is_one_step_of_ddim(t: int):
    torch.manual_seed(0)
    x, noise = torch.randn(2, 1, 4, 8, 8, dtype=torch.float64)
    made = scheduler("ddim_eps")
    alpha, sigma = scales(t)
    alpha_to, sigma_to = scales(t - 250)
    wanted = alpha_to * (x - sigma * noise) / alpha + sigma_to * noise
    choose_steps(made, 4, torch.device("cpu"))
    torch.testing.assert_close(made.step(noise, torch.tensor(t), x).prev_sample, wanted, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("steps", [4, 7, 8, 25])
@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_a_gaussians_perfect_student_draws_exactly_in_however_many_steps(prediction: str, steps: int):
    torch.manual_seed(1)
    noise = torch.randn(1, 4, 8, 8, dtype=torch.float64)
    made = scheduler(prediction)
    x = noise
    for timestep in choose_steps(made, steps, torch.device("cpu")):
        x = made.step(gaussian_student(prediction, x, float(timestep)), timestep, x, return_dict=False)[0]
    torch.testing.assert_close(x, moved(noise, N, 0), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("steps", "windows", "wanted"),
    [
        (4, 4, [1000, 750, 500, 250]),
        (6, 4, [1000, 875, 750, 625, 500, 250]),
        (8, 4, [1000, 875, 750, 625, 500, 375, 250, 125]),
        (11, 4, [1000, 916, 833, 750, 666, 583, 500, 416, 333, 250, 125]),
        (3, 3, [1000, 666, 333]),
    ],
)
def test_steps_are_shared_among_windows_as_its_makers_do(steps: int, windows: int, wanted: list[int]):
    made = scheduler("ddim_eps", windows)
    assert choose_steps(made, steps, torch.device("cpu")).tolist() == wanted


def test_fewer_steps_than_windows_are_refused():
    with pytest.raises(SketchDeskError, match="3 steps") as refused:
        choose_steps(scheduler("ddim_eps"), 3, torch.device("cpu"))
    assert refused.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_noised_latents_stand_on_the_line_and_their_picture_is_seen_from_there(prediction: str):
    torch.manual_seed(2)
    clean, noise = torch.randn(2, 1, 4, 8, 8, dtype=torch.float64)
    made = scheduler(prediction)
    for t in (1000, 999, 875, 750, 300, 250, 1):
        t_a, t_b = window(t)
        a, b = (scales(end)[0] * clean + scales(end)[1] * noise for end in (t_a, t_b))
        here = a + (t - t_a) / (t_b - t_a) * (b - a)
        at = torch.tensor([t])
        torch.testing.assert_close(made.add_noise(clean, noise, at), here, atol=1e-6, rtol=1e-6)
        told = answer(prediction, a, b, t_a, t_b)
        torch.testing.assert_close(predicted_clean(made, here, told, at), clean, atol=1e-4, rtol=1e-4)
        there = made.windows.at(at)
        torch.testing.assert_close(made.windows.said(ends_of(clean, noise, there), there), told, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(made.windows.noise(told, here, there), noise, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(there.alpha * clean + there.sigma * noise, here, atol=1e-6, rtol=1e-6)


def test_its_settings_lie_in_a_file_and_come_back(tmp_path: Path):
    scheduler("velocity", 5).save_pretrained(tmp_path)
    back = PeRFlowScheduler.from_pretrained(tmp_path)
    assert (back.config.prediction_type, back.windows.count, back.windows.prediction) == ("velocity", 5, "velocity")
