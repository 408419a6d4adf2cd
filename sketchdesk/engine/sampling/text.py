"""From prompts to text states."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from sketchdesk.engine.models.stable_diffusion import StableDiffusion


def token_ids(model: StableDiffusion, texts: Sequence[str]) -> Tensor:
    """Return padded token ids [B, L], cut at the length the text encoder was made for."""
    tokens = model.tokenizer(
        list(texts),
        padding="max_length",
        max_length=model.tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    ids: Tensor = tokens.input_ids
    return ids


@torch.no_grad()
def encode_text(model: StableDiffusion, texts: Sequence[str]) -> Tensor:
    """Return the text encoder's last hidden states [B, L, D]; equal texts are encoded once."""
    unique = list(dict.fromkeys(texts))
    ids = token_ids(model, unique).to(model.text_encoder.device)
    states = model.text_encoder(ids)[0]
    return states[[unique.index(text) for text in texts]]


def is_cut(model: StableDiffusion, text: str) -> bool:
    """Tell whether a text has more tokens than the text encoder reads."""
    return len(model.tokenizer(text).input_ids) > model.tokenizer.model_max_length
