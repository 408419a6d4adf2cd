"""From prompts to text states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.sampling.weighting import Part, parts_of, weighed
from sketchdesk.library.drawing.check import too_much_skipped

KEPT_TEXTS = 64
"""How many texts a model remembers, those used last: 10 MB with Stable Diffusion 2 in bf16."""


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
def encode_text(model: StableDiffusion, texts: Sequence[str], clip_skip: int = 0, weighted: bool = False) -> Tensor:
    """Return the text encoder's hidden states [B, L, D]; equal texts are encoded once.

    What the model's `text_states` know is taken from there, and the rest is noted there, unless they are None.

    `clip_skip` leaves out that many of the encoder's last layers (1 takes the last but one; A1111 counts from 1 where
    this counts from 0). `weighted` reads the marks of `weighting`. Raises BAD_INPUT for more layers than there are.
    """
    unique = list(dict.fromkeys(texts))
    known = model.text_states
    if known is None:
        states = _encoded(model, unique, clip_skip, weighted)
    else:
        # Each by itself: the bits do not depend on which of the others were known.
        for text in unique:
            key = (text, clip_skip, weighted)
            known[key] = known.pop(key) if key in known else _encoded(model, [text], clip_skip, weighted)
        states = torch.cat([known[text, clip_skip, weighted] for text in unique])
        for key in list(known)[: max(0, len(known) - KEPT_TEXTS)]:
            del known[key]
    return states[[unique.index(text) for text in texts]]


def _encoded(model: StableDiffusion, texts: list[str], clip_skip: int, weighted: bool) -> Tensor:
    if not weighted:
        return _states(model, token_ids(model, texts), clip_skip)
    pairs = [_weighted_tokens(model, parts_of(text)) for text in texts]
    states = _states(model, torch.stack([ids for ids, _weights in pairs]), clip_skip)
    weights = torch.stack([weights for _ids, weights in pairs])
    return weighed(states, weights.to(states.device)) if (weights != 1).any() else states


def is_cut(model: StableDiffusion, text: str, weighted: bool = False) -> bool:
    """Tell whether a text has more tokens than the text encoder reads."""
    parts = parts_of(text) if weighted else [Part(text, 1.0)]
    return len(_content(model, parts)[0]) > model.tokenizer.model_max_length - 2


def _states(model: StableDiffusion, ids: Tensor, clip_skip: int) -> Tensor:
    encoder: Any = model.text_encoder
    ids = ids.to(model.device)
    if not clip_skip:
        last: Tensor = encoder(ids)[0]
        return last
    layers = int(model.text_encoder.config.num_hidden_layers)
    if clip_skip >= layers:
        raise SketchDeskError(ErrorKind.BAD_INPUT, too_much_skipped(layers))
    hidden = encoder(ids, output_hidden_states=True).hidden_states[-(clip_skip + 1)]
    # transformers 5 took the inner text_model away, on which diffusers 0.42 still calls this layer.
    states: Tensor = getattr(encoder, "text_model", encoder).final_layer_norm(hidden)
    return states


def _content(model: StableDiffusion, parts: Sequence[Part]) -> tuple[list[int], list[float]]:
    """Return the tokens of all parts, each tokenized by itself, without beginning and end, and their weights."""
    ids: list[int] = []
    weights: list[float] = []
    for part in parts:
        tokens = model.tokenizer(part.text, add_special_tokens=False).input_ids
        ids += tokens
        weights += [part.weight] * len(tokens)
    return ids, weights


def _weighted_tokens(model: StableDiffusion, parts: Sequence[Part]) -> tuple[Tensor, Tensor]:
    """Return ids [L] and weights [L] of one text; beginning, end and padding have weight 1."""
    tokenizer, length = model.tokenizer, int(model.tokenizer.model_max_length)
    ids, weights = _content(model, parts)
    ids, weights = ids[: length - 2], weights[: length - 2]
    padding = length - 2 - len(ids)
    all_ids = [tokenizer.bos_token_id, *ids, tokenizer.eos_token_id, *[tokenizer.pad_token_id] * padding]
    return torch.tensor(all_ids), torch.tensor([1.0, *weights, 1.0, *[1.0] * padding])
