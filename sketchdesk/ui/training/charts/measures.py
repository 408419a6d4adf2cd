"""What the lower charts can show: learning, speed, how busy the machine is, and what a reward or a distillation tells.

What is shown at first stands in front; the others are offered where a run has their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sketchdesk.contracts.text import _, pgettext
from sketchdesk.library.wording.number_words import localized
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.training.runs.history import History

OF_TRAINING = ("lr", "grad_norm", "images_per_s")
OF_DISTILLATION = ("straightness_relative", "gain", "pair_psnr")


@dataclass(frozen=True)
class Measure:
    """One thing to show over the steps."""

    title: str
    sentence: str
    read_out: Callable[[float], str]
    lines: Sequence[tuple[str, str]] = ()
    """Metrics with what each is called, where there are several; else it is the metric of the measure's own name."""


def measures() -> dict[str, Measure]:
    """Return all there are by name, in the language in use and in the order of a menu."""
    return _of_training() | _of_distillation()


def lines_of(name: str) -> Sequence[tuple[str, str]]:
    """Return a measure's metrics; where runs lie over each other the first with numbers stands for it."""
    return measures()[name].lines or ((name, ""),)


def known(name: str, histories: Sequence[History]) -> bool:
    """Tell whether any of these runs has numbers of a measure."""
    return any(metric in each.numbers for each in histories for metric, _label in lines_of(name))


def _of_training() -> dict[str, Measure]:
    busy = (("gpu", _("GPU")), ("cpu", _("CPU")), ("cpu_all", pgettext("programs", "all")))
    return {
        "lr": Measure(_("Learning rate"), _("Learning rate over the training steps"), short_text),
        "grad_norm": Measure(
            _("Gradient norm"), _("Size of the gradient before it is clipped, over the training steps"), short_text
        ),
        "images_per_s": Measure(_("Images/s"), _("Images trained on per second, over the training steps"), two_places),
        "use": Measure(
            _("In use (%)"),
            _("How busy the graphics card is, and the processor: with the training, and with all programs"),
            _percent, busy,
        ),
        "ema_decay": Measure(
            _("EMA decay"), _("How much of the average of the weights stays at each step"), short_text
        ),
        "reward_cosine": Measure(
            _("Fit to the caption"), _("Cosine of picture and caption as the reward's CLIP judges them"), short_text
        ),
        "skipped_steps": Measure(
            _("Skipped steps"), _("Steps so far whose loss or gradients were no numbers"), _percent
        ),
    }  # fmt: skip


def _of_distillation() -> dict[str, Measure]:
    return {
        "straightness_relative": Measure(
            _("Bend of the paths"), _("How far the paths from noise to picture are from straight, 0 being straight"),
            short_text,
        ),
        "gain": Measure(
            _("One-step gain"),
            _("How much nearer to the teacher's pictures the student comes than the teacher in one step; 1 is all"),
            short_text,
        ),
        "pair_psnr": Measure(
            _("Likeness (dB)"), _("PSNR of the student's pictures of noise that was held out, against the teacher's"),
            two_places,
        ),
        "variety": Measure(
            pgettext("pictures", "Variety"),
            _("How much the student's pictures of one prompt differ from each other, compared with the teacher's"),
            short_text,
        ),
        "critic_loss": Measure(
            _("Critic's loss"), _("How far off the critic is that matches the student to the teacher"), short_text
        ),
    }  # fmt: skip


def short_text(value: float) -> str:
    """Return a number with three decimals, or three figures where it is very small or large."""
    return number_text(value, 3) if value == 0 or 1e-3 <= abs(value) < 1e4 else localized(f"{value:.3g}")


def gib_with_unit(value: float) -> str:
    """Return a number of GiB."""
    return _("{size} GiB").format(size=two_places(value))


def two_places(value: float) -> str:
    """Return a number with two decimals, from ten on with one."""
    return number_text(value, 1 if value >= 10 else 2)


def _percent(value: float) -> str:
    return number_text(value, 0)
