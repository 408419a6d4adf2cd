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


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("++", "pp"))


_BY_KEY: dict[str, Sampler] = {
    **{_key(sampler): sampler for sampler in SAMPLERS},
    **{_key(name): sampler for sampler, name in DISPLAY_NAMES.items()},
    **{_key(name): sampler for name, sampler in _OTHER_SPELLINGS.items()},
}


def sampler_id(name: str, schedule: str = "") -> Sampler | None:
    """Return our name for a sampler as A1111, InvokeAI or ComfyUI spell it, or None for one we do not have.

    `schedule` is the noise schedule where a program names it apart; of those only "karras" is another sampler to us.
    """
    full = f"{name} karras" if schedule.lower() == "karras" else name
    return _BY_KEY.get(_key(full))


def display_name(sampler: str) -> str:
    """Return the name A1111's users know; a name that is not ours stays as it is."""
    return DISPLAY_NAMES.get(cast("Sampler", sampler), sampler)


def goes_with(sampler: str, own: str) -> bool:
    """Tell whether a sampler can draw with a model whose own one is `own`."""
    return sampler == own or not {sampler, own}.intersection(OF_THEIR_OWN)
