"""The samplers' names: ours, the ones people know from A1111, and the spellings of other programs."""

from __future__ import annotations

import re
from typing import cast, get_args

from sketchdesk.contracts.jobs import Sampler

SAMPLERS: tuple[Sampler, ...] = get_args(Sampler)

DISPLAY_NAMES: dict[Sampler, str] = {
    "pndm": "PLMS",
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "euler": "Euler",
    "euler_a": "Euler a",
    "heun": "Heun",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_karras": "DPM++ 2M Karras",
    "dpmpp_sde": "DPM++ SDE",
    "unipc": "UniPC",
    "lcm": "LCM",
    "tcd": "TCD",
    "rectified_flow": "Rectified flow",
    "perflow": "PeRFlow",
}
"""The names A1111 shows, and ours in their manner where it has none. PLMS is PNDM without its Runge-Kutta start."""

OF_THEIR_OWN: tuple[Sampler, ...] = ("rectified_flow", "perflow")
"""Samplers that draw with models made for them alone, which take no other; elsewhere they draw nothing but noise."""

_OTHER_SPELLINGS: dict[str, Sampler] = {"euler ancestral": "euler_a", "dpmpp 2m k": "dpmpp_2m_karras"}


_USUAL = ("", "automatic", "normal", "uniform", "discrete")
"""What programs call the schedule that every sampler has unless another one is asked for, by their keys."""
_SCHEDULE_NAMES = (
    "Karras", "Exponential", "Polyexponential", "SGM Uniform", "DDIM Uniform", "Simple", "Beta", "KL Optimal",
    "Linear Quadratic", "Align Your Steps", "Align Your Steps GITS", "Align Your Steps 11",
    "Align Your Steps 32", "Turbo",
)  # fmt: skip


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("++", "pp"))


_BY_KEY: dict[str, Sampler] = {
    **{_key(sampler): sampler for sampler in SAMPLERS},
    **{_key(name): sampler for sampler, name in DISPLAY_NAMES.items()},
    **{_key(name): sampler for name, sampler in _OTHER_SPELLINGS.items()},
}
_SCHEDULES = {_key(name): name for name in _SCHEDULE_NAMES} | {"k": "Karras"}
"""The schedules of A1111 and ComfyUI, and InvokeAI's "_k", by their keys."""


def sampler_id(name: str, schedule: str = "") -> Sampler | None:
    """Return our name for a sampler as A1111, InvokeAI or ComfyUI spell it, or None for one we do not have.

    `schedule` is the noise schedule where a program names it apart: with any but the usual one it is another sampler.
    """
    full = name if _key(schedule) in _USUAL else f"{name} {schedule}"
    return _BY_KEY.get(_key(full))


def without_schedule(name: str) -> tuple[Sampler | None, str]:
    """Return our name for a sampler, and the noise schedule that had to be left out for that; None for one unknown.

    `name` is as a record has it: with its schedule, such as "Euler a Karras" or InvokeAI's "euler_k".
    """
    if found := sampler_id(name):
        return found, ""
    key = _key(name)
    for ending, schedule in sorted(_SCHEDULES.items(), key=lambda item: -len(item[0])):
        if key.endswith(ending) and (found := _BY_KEY.get(key.removesuffix(ending))):
            return found, schedule
    return None, ""


def display_name(sampler: str) -> str:
    """Return the name A1111's users know; a name that is not ours stays as it is."""
    return DISPLAY_NAMES.get(cast("Sampler", sampler), sampler)


def goes_with(sampler: str, own: str) -> bool:
    """Tell whether a sampler can draw with a model whose own one is `own`."""
    return sampler == own or not {sampler, own}.intersection(OF_THEIR_OWN)
