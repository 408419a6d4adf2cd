"""What the text encoder makes of captions: each distinct one encoded once, kept on disk, and mapped into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.text import encode_text
from sketchdesk.engine.training.row_store import RowStore, key_of, weights_hash
from sketchdesk.library.paths import cache_dir

TOGETHER = 64
"""Captions encoded at once."""
VERSION = 1


class TextStates:
    """Text states by caption, in `dtype`: what the U-Net computes in, so that nothing it would see is lost.

    They wait in files, or in main memory where they are not `kept`: those of ten thousand captions take 3 GiB.
    """

    def __init__(
        self, model: StableDiffusion, dtype: torch.dtype, kept: bool, tell: Callable[[SketchDeskError | Path], None]
    ) -> None:
        self._model, self._dtype, self._kept, self._tell = model, dtype, kept, tell
        self._rows: RowStore | None = None

    def know(self, captions: Iterable[str]) -> None:
        """Encode captions, each distinct one and the empty one, that are not known yet."""
        rows = self._rows = self._rows or self._open()
        unknown = [text for text in dict.fromkeys(["", *captions]) if _name(text) not in rows]
        for part in chunks(unknown, TOGETHER):
            states = encode_text(self._model, part).to("cpu", self._dtype)
            rows.add([_name(text) for text in part], {"states": states})
        rows.flush()

    def of(self, captions: Sequence[str]) -> Tensor:
        """Return the states [B, L, D] of known captions, on the CPU. Raises KeyError for one that is not."""
        rows = self._rows
        if rows is None:
            raise KeyError(captions[0])
        return torch.stack([rows[_name(caption)]["states"] for caption in captions])

    def _open(self) -> RowStore:
        if not self._kept:
            return RowStore(None, self._tell)
        tokenizer, encoder = self._model.tokenizer, self._model.text_encoder
        key = key_of([
            VERSION, weights_hash(encoder), encoder.config.hidden_act, self._dtype, self._model.device.type,
            hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest(), tokenizer.pad_token_id,
            tokenizer.model_max_length,
        ])  # fmt: skip
        return RowStore(cache_dir() / "text" / key, self._tell)


def _name(caption: str) -> str:
    return hashlib.sha256(caption.encode()).hexdigest()


def chunks(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the texts in runs of `size`."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
