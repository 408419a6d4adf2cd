"""What a model is, told by its files without loading it: family, precision, what it predicts, licence."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.loose import mapping, text, whole
from sketchdesk.library.models.families import family_of_folder, is_turbo, reads_mask
from sketchdesk.library.models.ldm_layout import XL_PREFIX, Shapes, is_ldm, read_layout
from sketchdesk.library.models.perflow import drawn_by
from sketchdesk.library.models.single_file import shapes_of, single_file_family, told_prediction
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header

PIPELINE_FILE, NETWORK_FILE = "model_index.json", "config.json"
LORA_FOLDER_FILES = ("pytorch_lora_weights.safetensors", "adapter_model.safetensors")
"""What diffusers and PEFT call a LoRA's weights in a folder of their own."""
PEFT_SETTINGS_FILE = "adapter_config.json"
"""What PEFT writes beside a LoRA's weights: how strongly they count."""
PRECISIONS = {"F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", re.DOTALL)
_LICENCE = re.compile(r"^license(?P<named>_name)?:[ \t]*(?P<value>[^#\n]+)", re.MULTILINE)
_BASE = re.compile(r"^base_model:[ \t]*(?P<value>[^#\n]+)", re.MULTILINE)
FEW_STEP_TAG = "- sketchdesk-few-step"
"""A line of the front matter of models that were made few-step here."""
_ADAPTER = ("lora", "hada_", "lokr_")
_WORD_WIDTHS = (768, 1024)
_SAME_PARTS = ("StableDiffusionInpaint", "StableDiffusionImg2Img")
"""Pipelines of the same parts as Stable Diffusion's own."""
LATENT_CHANNELS = 4
"""Of an autoencoder that does not say."""


class ModelKind(Struct, frozen=True, kw_only=True):
    """See ModelEntry's fields of the same names."""

    family: str = ""
    variant: str = ""
    precision: str = ""
    prediction_type: str | None = None
    problem: str = ""
    inpaints: bool = False


def kind_of(path: Path) -> ModelKind:
    """Return what a model file or folder is. Raises SketchDeskError(MODEL_UNREADABLE) for a broken one."""
    if path.is_file():
        return _kind_of_file(path) if path.suffix.lower() == SAFE_SUFFIX else ModelKind()
    if (path / PIPELINE_FILE).is_file():
        return _kind_of_pipeline(path)
    if not (path / NETWORK_FILE).is_file():
        return _kind_of_file(lora) if (lora := lora_in(path)) else ModelKind()
    return ModelKind(family=text(read_config(path / NETWORK_FILE).get("model_type")), precision=_precision(path))


def lora_in(folder: Path) -> Path | None:
    """Return the weights of a folder that diffusers or PEFT wrote for a LoRA, None where there are none."""
    return next((folder / file for file in LORA_FOLDER_FILES if (folder / file).is_file()), None)


def hub_name(folder: Path) -> str:
    """Return the name a model folder goes by: its own, or the repository's for a snapshot in the hub's cache."""
    return folder.parent.parent.name if folder.parent.name == "snapshots" else folder.name


def licence_of(path: Path) -> str:
    """Return `license_name`, else `license`, from the model card's front matter; "" without one."""
    found = list(_LICENCE.finditer(_front_matter(path)))
    found.sort(key=lambda line: line["named"] is None)
    return found[0]["value"].strip().strip("\"'") if found else ""


def teacher_of(path: Path) -> str:
    """Return what a model was made few-step from, as its card's front matter names it; "" for any other model."""
    matter = _front_matter(path)
    named = _BASE.search(matter) if FEW_STEP_TAG in matter else None
    return named["value"].strip() if named else ""


def _front_matter(path: Path) -> str:
    card = path / "README.md"
    if not card.is_file():
        return ""
    matter = _FRONT_MATTER.match(card.read_text(encoding="utf-8-sig", errors="replace"))
    return matter[1] if matter else ""


def read_config(path: Path) -> dict[str, Any]:
    """Return a JSON object, {} for another kind of value. Raises SketchDeskError(MODEL_UNREADABLE)."""
    try:
        return mapping(msgspec.json.decode(path.read_bytes()))
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error


def _kind_of_pipeline(folder: Path) -> ModelKind:
    index = read_config(folder / PIPELINE_FILE)
    scheduler_file, unet_file = folder / "scheduler" / "scheduler_config.json", folder / "unet" / NETWORK_FILE
    scheduler = drawn_by(read_config(scheduler_file), hub_name(folder)) if scheduler_file.is_file() else None
    unet = read_config(unet_file) if unet_file.is_file() else {}
    vae_file = folder / "vae" / NETWORK_FILE
    vae = read_config(vae_file) if vae_file.is_file() else {}
    return ModelKind(
        family=_family_of_pipeline(text(index.get("_class_name")).removesuffix("Pipeline")),
        variant=family_of_folder(index, unet, scheduler or {}, hub_name(folder)),
        precision=_precision(folder / "unet"),
        prediction_type=None if scheduler is None else text(scheduler.get("prediction_type")) or "epsilon",
        inpaints=reads_mask(whole(unet.get("in_channels")) or 0, whole(vae.get("latent_channels")) or LATENT_CHANNELS),
    )


def _family_of_pipeline(name: str) -> str:
    if name in _SAME_PARTS:
        return "stable_diffusion"
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", name).lower()
    return "instaflow" if name == "RectifiedFlow" else snake


def _kind_of_file(path: Path) -> ModelKind:
    header = safetensors_header(path)
    shapes = shapes_of(header)
    precision = _precision_of(header)
    if any(part in name for name in shapes for part in _ADAPTER):
        return ModelKind(family="lora", precision=precision)
    if _is_embedding(shapes):
        return ModelKind(family="embedding", precision=precision)
    if not is_ldm(shapes):
        return ModelKind(precision=precision)
    if any(name.startswith(XL_PREFIX) for name in shapes):
        return ModelKind(family="stable_diffusion_xl", precision=precision)
    predicts = told_prediction(path, header)
    family = "instaflow" if predicts == "velocity" else "stable_diffusion"
    told = None if predicts == "velocity" else predicts
    try:
        layout = read_layout(shapes, path.name)
    except SketchDeskError as error:
        return ModelKind(family=family, precision=precision, prediction_type=told, problem=error.message)
    # What an SD2 file predicts may not be known yet; what most such files do is no answer, a Turbo's name is.
    known = predicts or (None if layout.open_clip and not is_turbo(path.stem) else "epsilon")
    variant = single_file_family(path, layout.open_clip, known).name if known else ""
    return ModelKind(
        family=family, variant=variant, precision=precision, prediction_type=told, inpaints=layout.inpaints
    )


def _is_embedding(shapes: Shapes) -> bool:
    if "emb_params" in shapes:
        return True
    return len(shapes) == 1 and all(1 <= len(shape) <= 2 and shape[-1] in _WORD_WIDTHS for shape in shapes.values())


def _precision(folder: Path) -> str:
    """Return how a folder's largest weights are stored; "" without any, or where they cannot be read."""
    files = sorted(folder.glob(f"*{SAFE_SUFFIX}"), key=lambda file: (file.name.count("."), file.name))
    try:
        return _precision_of(safetensors_header(files[0])) if files else ""
    except SketchDeskError:
        return ""


def _precision_of(header: dict[str, Any]) -> str:
    kinds = Counter(text(mapping(value).get("dtype")) for name, value in header.items() if name != METADATA_KEY)
    return PRECISIONS.get(kinds.most_common(1)[0][0], "") if kinds else ""
