"""The devices an engine found on this machine, kept so that not every start has to look again."""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from sketchdesk import __version__
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.reading import reader
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.paths import devices_file

FRESH_S = 7 * 86400.0
"""How long a finding is believed: a card or a driver may have been changed since."""

Devices = tuple[DeviceFound, ...]
"""What works here, the best first: that is what "auto" takes."""

log = logging.getLogger(__name__)


class _File(Struct, frozen=True, kw_only=True):
    app_version: str
    machine: str
    time_s: float
    devices: Devices


def load_devices() -> tuple[Devices, bool]:
    """Return the devices found last on this machine, () for none, and whether the finding is still fresh."""
    try:
        found = reader(_File).decode(devices_file().read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError):
        return (), False
    if found.machine != platform.node():  # a data folder that several machines share
        return (), False
    age_s = time.time() - found.time_s
    return found.devices, bool(found.devices) and found.app_version == __version__ and 0 <= age_s < FRESH_S


def placed(device: str, precision: str) -> tuple[str, str]:
    """Return the device and the precision that a job will find here, by what an engine found last.

    Where none has looked yet "auto" is taken for the CPU in fp32.
    """
    found, _fresh = load_devices()
    name = "cuda:0" if device == "cuda" else device
    if name == "auto":
        name = found[0].device if found else "cpu"
    preferred = next((each.preferred for each in found if each.device == name), "fp32")
    return name, preferred if precision == "auto" else precision


def knows_bf16(device: str) -> bool:
    """Tell whether a device computes in bf16, by what an engine found last; of one that was not looked at it is so."""
    found, _fresh = load_devices()
    return next(("bf16" in each.precisions for each in found if each.device == device), True)


def save_devices(devices: Sequence[DeviceFound]) -> None:
    """Keep what was found; a disk that refuses is logged, the next start then looks again."""
    found = _File(app_version=__version__, machine=platform.node(), time_s=time.time(), devices=tuple(devices))
    try:
        write_json(devices_file(), found)
    except (OSError, SketchDeskError) as error:
        log.warning("the devices could not be noted: %s", error)
