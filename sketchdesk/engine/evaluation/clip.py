"""CLIP: how well pictures fit texts, as the raw cosine of their embeddings (Radford et al. 2021).

Any model of transformers that embeds both: CLIP (OpenAI's, OpenCLIP's in that format, PickScore, HPS) and SigLIP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import CLIPImageProcessorPil, CLIPModel, SiglipImageProcessorPil, SiglipModel

from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.loading import load_model, load_processor, load_tokenizer
from sketchdesk.engine.evaluation.pictures import without_long_ends
from sketchdesk.engine.evaluation.preparing import Pixels, Preparation
from sketchdesk.engine.models import packing
from sketchdesk.library.models.kind import NETWORK_FILE, read_config

_KINDS = {"siglip": (SiglipModel, SiglipImageProcessorPil)}
_CLIP = (CLIPModel, CLIPImageProcessorPil)


class ClipScorer:
    """A loaded CLIPModel or SiglipModel. Cosines of two different models never compare."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any, batch_size: int = 16) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._preparation = Preparation.of(processor)
        self._batch_size = batch_size
        self._remembered: dict[str, Tensor] = {}

    @classmethod
    def load(cls, path: Path, placement: Placement, batch_size: int = 16) -> Self:
        """Load any CLIPModel or SiglipModel folder. Raises SketchDeskError (MODEL_UNREADABLE, UNSAFE_WEIGHTS)."""
        config = path / NETWORK_FILE
        kind = read_config(config).get("model_type") if config.is_file() else ""
        model_class, processor_class = _KINDS.get(str(kind), _CLIP)
        model = load_model(model_class, path, placement)
        if packing.pays(placement.device, placement.dtype):  # the encoders: what is around them is asked for its dtype
            packing.pack_network(model.text_model.encoder)
            packing.pack_network(model.vision_model.encoder)
        return cls(model, load_tokenizer(path), load_processor(processor_class, path), batch_size)

    @property
    def logit_scale(self) -> float:
        """What the model was trained to multiply its cosines with."""
        return float(self._model.logit_scale.detach().float().exp())

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

    def prepare(self, picture: Image.Image) -> Pixels:
        """Return an RGB picture as embed() takes it; no model is asked, so any thread may do it."""
        return self._preparation.pixels(without_long_ends(picture))

    def image_embeddings(self, images: Sequence[Image.Image]) -> Tensor:
        """Return [B, D] embeddings of length one, in fp32."""
        return self.embed([self.prepare(image) for image in images])

    @torch.no_grad()
    def embed(self, prepared: Sequence[Pixels]) -> Tensor:
        """Return [B, D] embeddings of length one, in fp32, of prepared pictures."""
        device, dtype = self._model.device, self._model.dtype
        return torch.cat([
            self._normalised(self._model.get_image_features(self._preparation.numbers(part, device, dtype)))
            for part in _parts(prepared, self._batch_size)
        ])

    @torch.no_grad()
    def text_embeddings(self, texts: Sequence[str]) -> Tensor:
        """Return [B, D] embeddings of length one, in fp32; a text met before is not computed again."""
        for part in _parts([text for text in dict.fromkeys(texts) if text not in self._remembered], self._batch_size):
            embeds = self._normalised(self._model.get_text_features(**self._tokens(part)))
            self._remembered.update(zip(part, embeds, strict=True))
        return torch.stack([self._remembered[text] for text in texts])

    def remember(self, embeddings: Mapping[str, NDArray[np.float32]]) -> None:
        """Take embeddings of texts that were made before, by another process perhaps."""
        device = self._model.device
        self._remembered |= {text: torch.from_numpy(found).to(device) for text, found in embeddings.items()}

    def _tokens(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Return the texts as numbers, cut where the model stops reading."""
        limits: dict[str, Any] = {"truncation": True, "max_length": self.max_tokens, "return_tensors": "pt"}
        if self._model.config.model_type in _KINDS:  # trained on texts filled up to the end, and without a mask
            tokens = self._tokenizer(list(texts), padding="max_length", **limits)
            return {"input_ids": tokens["input_ids"].to(self._model.device)}
        tokens = self._tokenizer(list(texts), padding=True, **limits).to(self._model.device)
        return {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}

    @staticmethod
    def _normalised(output: Any) -> Tensor:
        """Make them length one in fp32, whatever the model computes in. transformers 5 wraps the projected vector."""
        embeds: Tensor = output if isinstance(output, Tensor) else output.pooler_output
        return F.normalize(embeds.float(), dim=-1)


def _parts(items: Sequence[Any], size: int) -> list[list[Any]]:
    """Return the items in consecutive lists of at most `size`."""
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
