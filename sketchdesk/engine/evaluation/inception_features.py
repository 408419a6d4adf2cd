"""Pictures as the Inception network sees them, and its weights from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.inception import SIDE_PX, Inception
from sketchdesk.engine.models.pickles import pickled_tensors
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.weights import SAFE_SUFFIX, safetensors_header
from sketchdesk.library.paths import models_dir

PUBLISHED_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
"""Of the PyTorch weights that pytorch-fid and torch-fidelity publish (95,628,359 bytes)."""
NAME = "inception-2015-12-05"
_NOT_OURS = ("AuxLogits.", "num_batches_tracked")


class InceptionFeatures:
    """The loaded network, always in fp32: a distance of two sets is to mean the same everywhere."""

    def __init__(self, network: Inception, device: torch.device, batch_size: int = 16) -> None:
        self._network = network.to(device).eval().requires_grad_(False)
        self._device = device
        self._batch_size = batch_size

    @classmethod
    def load(cls, weights: str, placement: Placement, batch_size: int = 16) -> Self:
        """Load the file of that name, "" one among the models. Raises SketchDeskError as read_weights and find do."""
        network = _empty()
        network.load_state_dict(read_weights(find_weights(weights)), assign=True)
        return cls(network, placement.device, batch_size)

    @torch.no_grad()
    def features(self, resized: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return [N, 2048] features of pictures as clean_resize makes them."""
        found = [
            self._network(self._pixels(resized[start : start + self._batch_size]))
            for start in range(0, len(resized), self._batch_size)
        ]
        return np.asarray(torch.cat(found).cpu().numpy())

    @torch.no_grad()
    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return [N, 1008] logits, without bias, of [N, 2048] features."""
        return np.asarray(self._network.logits(torch.from_numpy(features).to(self._device)).cpu().numpy())

    def _pixels(self, part: Sequence[NDArray[np.float32]]) -> Tensor:
        stacked = torch.from_numpy(np.stack(part)).to(self._device)
        return (stacked - 128) / 128


def clean_resize(picture: Image.Image, side_px: int = SIDE_PX) -> NDArray[np.float32]:
    """Return [3, side, side] in 0..255: each channel resized by Pillow's bicubic filter in float, not rounded.

    It is the resizing that Parmar et al. 2022 found not to move FID: antialiased, and without a step of quantising.
    """
    channels = [
        np.asarray(channel.convert("F").resize((side_px, side_px), Image.Resampling.BICUBIC))
        for channel in picture.convert("RGB").split()
    ]
    return np.clip(np.stack(channels), 0, 255).astype(np.float32)


def find_weights(name: str) -> Path:
    """Return the file: what `name` says, or one in the models' folder whose name says what it is.

    Raises SketchDeskError(MODEL_NOT_FOUND).
    """
    if name:
        path = locate(name)
        if path is not None and path.is_file():
            return path
        raise SketchDeskError(ErrorKind.MODEL_NOT_FOUND, name)
    for path in sorted(models_dir().rglob(f"*{NAME}*")):
        if path.is_file() and path.suffix in (SAFE_SUFFIX, ".pth"):
            return path
    raise SketchDeskError(
        ErrorKind.MODEL_NOT_FOUND,
        _("the Inception network of 2015-12-05"),
        f"no file named *{NAME}* in {models_dir()}",
    )


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the network's tensors in fp32 from a safetensors file, or from the published pickle.

    A pickle is read only where its SHA-256 is the published one, and even then no code of it is run. Raises
    SketchDeskError: UNSAFE_WEIGHTS for another pickle, MODEL_UNREADABLE for a file of another network.
    """
    if path.suffix == SAFE_SUFFIX:
        safetensors_header(path)
        tensors = load_file(path)
    elif is_published(path):
        tensors = pickled_tensors(path)
    else:
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(path), "its SHA-256 is not that of the published file")
    kept = {name: value for name, value in tensors.items() if not any(part in name for part in _NOT_OURS)}
    wanted = _empty().state_dict()
    shapes = {name: tuple(value.shape) for name, value in wanted.items() if "num_batches" not in name}
    if {name: tuple(value.shape) for name, value in kept.items()} != shapes:
        wrong = sorted(name for name in shapes if name not in kept or tuple(kept[name].shape) != shapes[name])
        detail = f"missing or of another shape: {', '.join(wrong[:5]) or 'more tensors than it has layers'}"
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), detail)
    counted = {name: torch.zeros((), dtype=torch.long) for name in wanted if "num_batches" in name}
    return {name: value.float() for name, value in kept.items()} | counted


def _empty() -> Inception:
    """Return the network without numbers: making random ones takes seconds."""
    with torch.device("meta"):
        return Inception()


def is_published(path: Path) -> bool:
    """Tell whether a file is, to the byte, the one that is published."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == PUBLISHED_SHA256
