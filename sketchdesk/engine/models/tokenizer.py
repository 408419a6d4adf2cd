"""CLIP's tokenizer from the shipped merges, for single files, which come without one."""

from __future__ import annotations

from transformers import CLIPTokenizer

from sketchdesk.library.models.clip_words import END, MAX_TOKENS, clip_vocabulary

OPEN_CLIP_PAD = "!"
"""Stable Diffusion 2 was trained on prompts padded with token 0, which is an exclamation mark."""


def clip_tokenizer(open_clip: bool) -> CLIPTokenizer:
    """Return a fresh tokenizer, padding as the text encoder of Stable Diffusion 1 or 2 was trained."""
    vocabulary, merges = clip_vocabulary()
    return CLIPTokenizer(
        vocab=vocabulary,
        merges=merges,
        pad_token=OPEN_CLIP_PAD if open_clip else END,
        model_max_length=MAX_TOKENS,
    )
