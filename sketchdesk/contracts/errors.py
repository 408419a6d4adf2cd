"""What can go wrong, as one sentence a person understands and one next step."""

from __future__ import annotations

import re
from enum import StrEnum

from sketchdesk.contracts.text import N_, _


class ErrorKind(StrEnum):
    """Every failure SketchDesk tells apart."""

    BAD_INPUT = "bad_input"
    MODEL_NOT_FOUND = "model_not_found"
    MODEL_UNREADABLE = "model_unreadable"
    UNSAFE_WEIGHTS = "unsafe_weights"
    CODE_IN_WEIGHTS = "code_in_weights"
    MODEL_INCOMPLETE = "model_incomplete"
    FAMILY_UNKNOWN = "family_unknown"
    ADAPTER_MISSING = "adapter_missing"
    ADAPTER_MISFIT = "adapter_misfit"
    CHANGED = "changed"
    DATASET_UNREADABLE = "dataset_unreadable"
    NO_CAPTIONS = "no_captions"
    NO_IMAGES = "no_images"
    DEVICE_MISSING = "device_missing"
    PRECISION_UNSUPPORTED = "precision_unsupported"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    NOT_WRITABLE = "not_writable"
    NOTHING_TO_RESUME = "nothing_to_resume"
    NOT_FINITE = "not_finite"
    HUB_NOT_FOUND = "hub_not_found"
    HUB_GATED = "hub_gated"
    HUB_DENIED = "hub_denied"
    HUB_UNREACHABLE = "hub_unreachable"
    HUB_OFFLINE = "hub_offline"
    HUB_BUSY = "hub_busy"
    HUB_FAILED = "hub_failed"
    WRONG_BYTES = "wrong_bytes"
    DISK_SHORT = "disk_short"
    ENGINE_DIED = "engine_died"
    ENGINE_MISSING = "engine_missing"
    INTERNAL = "internal"


SENTENCES: dict[ErrorKind, tuple[str, str]] = {
    ErrorKind.BAD_INPUT: (N_("{what}"), N_("Correct it and try again.")),
    ErrorKind.MODEL_NOT_FOUND: (
        N_("The model “{what}” is not here."),
        N_("Check the name or the path; `sketchdesk doctor` lists the models that ship with SketchDesk."),
    ),
    ErrorKind.MODEL_UNREADABLE: (
        N_("The model “{what}” could not be read."),
        N_("The folder may be incomplete; copy or download it again."),
    ),
    ErrorKind.UNSAFE_WEIGHTS: (
        N_("“{what}” holds its weights in a format that can run code, so it was not loaded."),
        N_("Use a .safetensors version of the model."),
    ),
    ErrorKind.CODE_IN_WEIGHTS: (
        N_("“{what}” would run code when it is read, so it was refused."),
        N_("Do not open it with other programs either; ask its author for a .safetensors file."),
    ),
    ErrorKind.MODEL_INCOMPLETE: (
        N_("{what}"),
        N_("Choose a file that holds the whole model, or a model folder in diffusers' layout."),
    ),
    ErrorKind.FAMILY_UNKNOWN: (
        N_("“{what}” is no model that SketchDesk can draw with."),
        N_("It draws with Stable Diffusion 1 and 2, SD-Turbo and InstaFlow, whole models of text to image."),
    ),
    ErrorKind.ADAPTER_MISSING: (
        N_("The LoRA or embedding “{what}” is not here."),
        N_("Check the path; one of the hub's must be on this machine already."),
    ),
    ErrorKind.ADAPTER_MISFIT: (N_("{what}"), N_("Choose one that was made for this model's family.")),
    ErrorKind.CHANGED: (
        N_("{what}"),
        N_("Put back what was there, or have it drawn all the same: the picture will be another one."),
    ),
    ErrorKind.DATASET_UNREADABLE: (
        N_("The data set “{what}” could not be read."),
        N_("It should be a folder of images with metadata.jsonl, metadata.csv or a .txt file beside each image."),
    ),
    ErrorKind.NO_CAPTIONS: (
        N_("No picture of “{what}” has a caption."),
        N_("Look through it and let BLIP write captions, or run `sketchdesk dataset caption`."),
    ),
    ErrorKind.NO_IMAGES: (
        N_("No images were found in “{what}”."),
        N_("Choose a folder that holds PNG or JPEG images."),
    ),
    ErrorKind.DEVICE_MISSING: (
        N_("The device “{what}” is not available on this machine."),
        N_("Choose “auto”, or run `sketchdesk doctor` to see what works."),
    ),
    ErrorKind.PRECISION_UNSUPPORTED: (
        N_("Precision {what} does not work on this device."),
        N_("Choose “auto”, fp32 or bf16; a CPU computes fp16 very slowly or not at all, it is for graphics cards."),
    ),
    ErrorKind.OUT_OF_MEMORY: (
        N_("There was not enough memory for this job."),
        N_("Try a smaller batch or size, or close other programs; images drawn so far are kept."),
    ),
    ErrorKind.DISK_FULL: (N_("The disk is full."), N_("Free some space and try again; what was finished is kept.")),
    ErrorKind.NOT_WRITABLE: (N_("“{what}” cannot be written to."), N_("Choose another folder.")),
    ErrorKind.NOTHING_TO_RESUME: (
        N_("There is no checkpoint in “{what}” to resume from."),
        N_("Start the run without resuming."),
    ),
    ErrorKind.NOT_FINITE: (
        N_("The training loss stopped being a number at step {what}."),
        N_("Resume from the last checkpoint with a lower learning rate."),
    ),
    ErrorKind.HUB_NOT_FOUND: (
        N_("The hub has no “{what}”."),
        N_("Check the name; what was taken down may live on under another one, and a private model needs a login."),
    ),
    ErrorKind.HUB_GATED: (
        N_("“{what}” is only given to those who accept its terms."),
        N_("Accept them on the model's page, log in with `hf auth login` or set HF_TOKEN, and try again."),
    ),
    ErrorKind.HUB_DENIED: (
        N_("The hub refused access to “{what}”."),
        N_("Log in again with `hf auth login`, or set HF_TOKEN to a token that may read it."),
    ),
    ErrorKind.HUB_UNREACHABLE: (
        N_("The hub could not be reached."),
        N_("Check the network and try again; what has arrived is kept, and the download goes on from there."),
    ),
    ErrorKind.HUB_OFFLINE: (
        N_("“{what}” is not on this computer, and HF_HUB_OFFLINE forbids to fetch it."),
        N_("Unset HF_HUB_OFFLINE and try again."),
    ),
    ErrorKind.HUB_BUSY: (
        N_("Too many requests came from here; the hub asks to wait {what}."),
        N_("Try again after that; what has arrived is kept."),
    ),
    ErrorKind.HUB_FAILED: (
        N_("The hub answered with an error ({what})."),
        N_("Try again later; what has arrived is kept."),
    ),
    ErrorKind.WRONG_BYTES: (
        N_("“{what}” is not what its publisher says it is: its checksum differs."),
        N_("Download it again; if that does not help, the copy on the hub is damaged."),
    ),
    ErrorKind.DISK_SHORT: (
        N_("There is not enough room on the disk: {what}."),
        N_("Free some space and try again; what has arrived is kept."),
    ),
    ErrorKind.ENGINE_DIED: (
        N_("The engine stopped unexpectedly ({what})."),
        N_("The queue goes on; start the job again, a training run resumes from its last checkpoint."),
    ),
    ErrorKind.ENGINE_MISSING: (
        N_("The engine could not be started ({what})."),
        N_("Run `sketchdesk doctor` to see what is missing."),
    ),
    ErrorKind.INTERNAL: (
        N_("Something went wrong inside SketchDesk."),
        N_("The details hold what to report; the job can be started again."),
    ),
}

TO_FETCH = N_("If it is a model of the hub, `sketchdesk models download {what}` fetches it; else check the path.")
"""The next step where a model's name could be a hub's that is not here."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class SketchDeskError(Exception):
    """A failure with a name. `what` fills the sentence; `details` is for those who want to know more."""

    def __init__(self, kind: ErrorKind, what: str = "", details: str = "") -> None:
        super().__init__(what or kind.value)
        self.kind = kind
        self.what = what
        self.details = details

    @property
    def message(self) -> str:
        """The sentence the person reads."""
        return _(SENTENCES[self.kind][0]).format(what=self.what)

    @property
    def next_step(self) -> str:
        """What the person can do about it."""
        if self.kind is ErrorKind.MODEL_NOT_FOUND and _HUB_ID.fullmatch(self.what):
            return _(TO_FETCH).format(what=self.what)
        return _(SENTENCES[self.kind][1])
