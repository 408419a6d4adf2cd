"""CLIP: how well pictures fit texts, as the raw cosine of their embeddings (Radford et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import CLIPImageProcessorPil, CLIPModel

from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.loading import load_model, load_processor, load_tokenizer
from sketchdesk.engine.evaluation.pictures import without_long_ends

_REMEMBERED_TEXTS = 4096


class ClipScorer:
    """A loaded CLIPModel. Cosines of two different models never compare."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any, batch_size: int = 16) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._processor = processor
        self._batch_size = batch_size
        self._remembered: dict[str, Tensor] = {}

    @classmethod
    def load(cls, path: Path, placement: Placement, batch_size: int = 16) -> Self:
        """Load any CLIPModel folder. Raises SketchDeskError (MODEL_UNREADABLE, UNSAFE_WEIGHTS)."""
        model = load_model(CLIPModel, path, placement)
        return cls(model, load_tokenizer(path), load_processor(CLIPImageProcessorPil, path), batch_size)

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are read, its start and end marks included: 77 in OpenAI's models."""
        return int(self._model.config.text_config.max_position_embeddings)

    def token_overflow(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens of each text are not read, because it is longer than the model can take."""
        tokens = self._tokenizer(list(texts), verbose=False)["input_ids"] if texts else []
        return [max(0, len(ids) - self.max_tokens) for ids in tokens]

    def cosines(self, images: Sequence[Image.Image], texts: Sequence[str]) -> NDArray[np.float64]:
        """Return [B] cosines of the i-th image with the i-th text, −1..1. Raises ValueError where B differs."""
        if len(images) != len(texts):
            raise ValueError(f"{len(images)} images for {len(texts)} texts")
        if not images:
            return np.zeros(0)
        image_embeds = self.image_embeddings(images)
        text_embeds = self.text_embeddings(texts)
        return np.asarray((image_embeds * text_embeds).sum(dim=-1).double().cpu().numpy())

    @torch.no_grad()
    def image_embeddings(self, images: Sequence[Image.Image]) -> Tensor:
        """Return [B, D] embeddings of length one, in fp32."""
        return torch.cat([
            self._normalised(self._model.get_image_features(pixel_values=self._pixels(part)))
            for part in _parts(images, self._batch_size)
        ])

    @torch.no_grad()
    def text_embeddings(self, texts: Sequence[str]) -> Tensor:
        """Return [B, D] embeddings of length one, in fp32; a text met before is not computed again."""
        if len(self._remembered) > _REMEMBERED_TEXTS:
            self._remembered.clear()
        for part in _parts([text for text in dict.fromkeys(texts) if text not in self._remembered], self._batch_size):
            tokens = self._tokenizer(
                part, padding=True, truncation=True, max_length=self.max_tokens, return_tensors="pt"
            ).to(self._model.device)
            embeds = self._normalised(
                self._model.get_text_features(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"])
            )
            self._remembered.update(zip(part, embeds, strict=True))
        return torch.stack([self._remembered[text] for text in texts])

    def _pixels(self, images: Sequence[Image.Image]) -> Tensor:
        """Return [B, 3, H, W] as the model's own preprocessing has it."""
        pixels: Tensor = self._processor([without_long_ends(image) for image in images], return_tensors="pt")[
            "pixel_values"
        ]
        return pixels.to(self._model.device, self._model.dtype)

    @staticmethod
    def _normalised(output: Any) -> Tensor:
        """Make them length one in fp32, whatever the model computes in. transformers 5 wraps the projected vector."""
        embeds: Tensor = output if isinstance(output, Tensor) else output.pooler_output
        return F.normalize(embeds.float(), dim=-1)


def _parts(items: Sequence[Any], size: int) -> list[list[Any]]:
    """Return the items in consecutive lists of at most `size`."""
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
