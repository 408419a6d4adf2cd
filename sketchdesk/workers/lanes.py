"""Which engine a job is for: one lane a device, so that two jobs never fight over one, and one for the network."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import ConvertJob, DownloadJob, Job, ProbeJob
from sketchdesk.library.runs.runs import NETWORK_LANE

AUTO = "auto"
FALLBACK = "cpu"
"""What "auto" means until an engine has told: it is right where there is no graphics card."""


def lane_of(job: Job, devices: Sequence[DeviceFound] = ()) -> str:
    """Return the lane for a job, the name of its device: "cpu", "cuda:0", "mps".

    "auto" is the first device that was found, as it is in the engine: on a machine without a graphics card a job for
    "cpu" and one for "auto" share a lane; on one with a card, drawing on the CPU goes on beside training on the card.
    """
    if isinstance(job, DownloadJob):
        return NETWORK_LANE  # its engine never imports torch; one after the other, each has the whole line
    if isinstance(job, ConvertJob):
        return FALLBACK  # reading and writing; a card goes on drawing beside it
    device = AUTO if isinstance(job, ProbeJob) else job.device
    if device == AUTO:
        return devices[0].device if devices else FALLBACK
    return "cuda:0" if device == "cuda" else device
