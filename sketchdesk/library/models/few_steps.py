"""LoRAs that make a model draw in a few steps: known by their names, with the settings their makers give.

LCM-LoRA (Luo et al., arXiv 2311.05556), TCD (Zheng et al., arXiv 2402.19159), Hyper-SD (Ren et al., arXiv 2404.13686),
and those of PCM (Wang et al., arXiv 2405.18407) that are called LCM-like, which draw as LCM-LoRA does.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import Sampler
from sketchdesk.contracts.text import ngettext
from sketchdesk.library.files.loose import mapping, text
from sketchdesk.library.models.adapter_files import lora_file
from sketchdesk.library.models.kind import LORA_FOLDER_FILES, hub_name
from sketchdesk.library.models.samplers import display_name
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header
from sketchdesk.library.wording.number_words import short

STEPS, MOST_STEPS = 4, 16
UNGUIDED, GUIDED = 1.0, 5.0
TELLING_METADATA = ("modelspec.title", "ss_output_name")
OWN_METADATA = "sketchdesk.few_steps"
"""Where a LoRA that was made here says its settings."""

_KINDS: tuple[tuple[re.Pattern[str], Sampler], ...] = (
    (re.compile(r"hyper[-_ ]?sd", re.IGNORECASE), "tcd"),
    (re.compile(r"(?<![a-z])tcd(?![a-z])", re.IGNORECASE), "tcd"),
    (re.compile(r"(?<![a-z])lcm(?:[-_ ]?like)?(?![a-z])", re.IGNORECASE), "lcm"),
)
_STEPS = re.compile(r"(?<!\d)(\d{1,2})[-_ ]?steps?(?![a-z])", re.IGNORECASE)
_GUIDED = re.compile(r"(?<![a-z])cfg(?![a-z])", re.IGNORECASE)
"""Some of Hyper-SD's keep working with guidance, and say so."""


class FewSteps(Struct, frozen=True, kw_only=True):
    """How a LoRA for few steps is drawn with."""

    name: str
    sampler: Sampler
    num_inference_steps: int = STEPS
    guidance_scale: float = UNGUIDED

    @property
    def sentence(self) -> str:
        """What a person is told when these settings are taken for them."""
        sentence = ngettext(
            "“{name}” is made for few steps: {sampler}, {steps} step and a guidance of {guidance} are set.",
            "“{name}” is made for few steps: {sampler}, {steps} steps and a guidance of {guidance} are set.",
            self.num_inference_steps,
        )
        return sentence.format(
            name=self.name, sampler=display_name(self.sampler), steps=self.num_inference_steps,
            guidance=short(self.guidance_scale),
        )  # fmt: skip


def few_steps_of(name: str) -> FewSteps | None:
    """Return how a LoRA, as a job names it, wants to be drawn with; None where nothing says that it is for few steps.

    One that was made here says it. Of others names are looked at: the file's, its folder's where the file has a common
    one, the hub repository's, and those in its metadata. Never raises.
    """
    try:
        path = lora_file(name)
    except SketchDeskError:
        return None
    shown = path.parent.name if path.name in LORA_FOLDER_FILES else path.stem
    if path.parent.parent.name == "snapshots":
        shown = hub_name(path.parent).rpartition("--")[2] if path.name in LORA_FOLDER_FILES else path.stem
    metadata = _metadata(path)
    if (own := _own(metadata.get(OWN_METADATA))) is not None:
        return msgspec.structs.replace(own, name=shown)
    named = [text(metadata.get(key)) for key in TELLING_METADATA]
    for told in (shown, *named, hub_name(path.parent)):
        sampler = next((sampler for pattern, sampler in _KINDS if pattern.search(told)), None)
        if sampler:
            return _settings(shown, sampler, f"{shown} {told}")
    return None


def _settings(shown: str, sampler: Sampler, told: str) -> FewSteps:
    found = _STEPS.search(told)
    steps = int(found[1]) if found else STEPS
    return FewSteps(
        name=shown,
        sampler=sampler,
        num_inference_steps=steps if 1 <= steps <= MOST_STEPS else STEPS,
        guidance_scale=GUIDED if _GUIDED.search(told) else UNGUIDED,
    )


def few_steps_metadata(settings: FewSteps) -> dict[str, str]:
    """Return what a LoRA's file says of how it wants to be drawn with, as few_steps_of reads it."""
    return {OWN_METADATA: msgspec.json.encode(settings).decode()}


def _own(said: object) -> FewSteps | None:
    try:
        return msgspec.json.decode(text(said), type=FewSteps)
    except msgspec.DecodeError:
        return None


def _metadata(path: Path) -> dict[str, object]:
    if path.suffix.lower() != SAFE_SUFFIX:
        return {}
    try:
        return mapping(safetensors_header(path).get(METADATA_KEY))
    except SketchDeskError:
        return {}
