"""Prompt weighting in A1111's notation: (more), (more:1.3), [less]; behind a backslash a mark is just a sign."""

from __future__ import annotations

import re
from typing import NamedTuple

import torch
from torch import Tensor

MORE, LESS = 1.1, 1 / 1.1
"""What one pair of round or square brackets does."""
MOST = 20.0
"""A weight written out is taken between minus this and this."""

_TOKEN = re.compile(r"\\[()\[\]\\]|:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|[()\[\]]|[^\\()\[\]:]+|[\\:]")


class Part(NamedTuple):
    """A stretch of a prompt with the weight its words have."""

    text: str
    weight: float


def parts_of(prompt: str) -> list[Part]:
    """Return the prompt in parts, the marks taken out. Never fails: what is opened or closed alone stays as it is."""
    texts: list[str] = []
    weights: list[float] = []
    opened: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(prompt):
        token, number = match[0], match[1]
        if token in ("(", "["):
            opened.append((token, len(texts)))
            texts.append(token)
        elif number is not None and opened and opened[-1][0] == "(":
            _close(texts, weights, opened, max(-MOST, min(MOST, float(number))))
        elif token == ")" and opened and opened[-1][0] == "(":
            _close(texts, weights, opened, MORE)
        elif token == "]" and opened and opened[-1][0] == "[":
            _close(texts, weights, opened, LESS)
        else:
            texts.append(token[1:] if len(token) == 2 and token[0] == "\\" else token)
        weights += [1.0] * (len(texts) - len(weights))
    return _joined([Part(text, weight) for text, weight in zip(texts, weights, strict=True) if text])


def weighed(states: Tensor, weights: Tensor) -> Tensor:
    """Return text states [B, L, D] with every token's states multiplied by its weight [B, L].

    The mean over a text stays what it was, as A1111 does it; the states of an encoder that centres them on nought
    have no mean to keep.
    """
    moved = states * weights[..., None].to(states)
    each = (1, 2)
    before, after = (values.float().mean(dim=each, keepdim=True) for values in (states, moved))
    centred = after.abs() < 1e-3 * moved.float().std(dim=each, keepdim=True)
    kept = torch.where(centred, torch.ones_like(after), before / torch.where(centred, torch.ones_like(after), after))
    return moved * kept.to(states)


def _close(texts: list[str], weights: list[float], opened: list[tuple[str, int]], factor: float) -> None:
    """Weigh all since the last opening bracket and take the bracket out."""
    _mark, begin = opened.pop()
    texts[begin] = ""
    weights[begin:] = [weight * factor for weight in weights[begin:]]


def _joined(parts: list[Part]) -> list[Part]:
    """Return the parts with neighbours of one weight as one."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].weight == part.weight:
            joined[-1] = Part(joined[-1].text + part.text, part.weight)
        else:
            joined.append(part)
    return joined
