"""Classifier-free guidance: the network asked with and without the prompt, and what is made of its two answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Predict = Callable[[Tensor, Tensor], Tensor]
"""The network: (model input [B, …], text states [B, L, D]) → prediction [B, C, h, w]."""


@dataclass(frozen=True)
class Guidance:
    """How strictly the prompt is followed. At or below 1 the negative prompt does not count."""

    scale: float = 0.0
    rescale: float = 0.0
    """0..1, how far the guided prediction is brought back to the contrast of the unguided one."""
    sequential: bool = False
    """Ask the network twice rather than once with a batch of two: half the memory for its layers."""

    @property
    def on(self) -> bool:
        """Whether there is anything to guide by."""
        return self.scale > 1


def guided(
    predict: Predict, model_input: Tensor, text_states: Tensor, negative_states: Tensor | None, guidance: Guidance
) -> Tensor:
    """Return the prediction [B, C, h, w] for a model input [B, …], guided where `negative_states` are given.

    ε = ε_neg + g (ε_text − ε_neg) (Ho & Salimans, 2207.12598).
    """
    if negative_states is None:
        return predict(model_input, text_states)
    if guidance.sequential:
        negative, text = predict(model_input, negative_states), predict(model_input, text_states)
    else:
        both = predict(torch.cat([model_input, model_input]), torch.cat([negative_states, text_states]))
        negative, text = both.chunk(2)
    prediction = negative + guidance.scale * (text - negative)
    return rescaled(prediction, text, guidance.rescale) if guidance.rescale else prediction


def rescaled(prediction: Tensor, text: Tensor, share: float) -> Tensor:
    """Return the guided prediction with its standard deviation brought to the unguided one's, by `share` (0..1).

    Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed" (2305.08891), section 3.4: against
    pictures that are over-exposed at high guidance.
    """
    each = tuple(range(1, text.ndim))
    level = text.std(dim=each, keepdim=True) / prediction.std(dim=each, keepdim=True)
    return share * level * prediction + (1 - share) * prediction
