"""BLIP: what a model that has not seen the prompt says a picture shows (Li et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from PIL import Image
from transformers import BlipForConditionalGeneration, BlipImageProcessorPil

from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.loading import load_model, load_processor, load_tokenizer
from sketchdesk.engine.evaluation.preparing import Pixels, Preparation


class Captioner:
    """A loaded BlipForConditionalGeneration. Captions are greedy, so the same picture gets the same words."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any, batch_size: int = 16) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._preparation = Preparation.of(processor)
        self._batch_size = batch_size

    @classmethod
    def load(cls, path: Path, placement: Placement, batch_size: int = 16) -> Self:
        """Load any BLIP captioner's folder. Raises SketchDeskError (MODEL_UNREADABLE, UNSAFE_WEIGHTS)."""
        model = load_model(BlipForConditionalGeneration, path, placement)
        return cls(model, load_tokenizer(path), load_processor(BlipImageProcessorPil, path), batch_size)

    def prepare(self, picture: Image.Image) -> Pixels:
        """Return an RGB picture as describe() takes it; any thread may do it."""
        return self._preparation.pixels(picture)

    def captions(self, images: Sequence[Image.Image], max_new_tokens: int = 20) -> list[str]:
        """Return one caption an image, at most max_new_tokens tokens long."""
        return self.describe([self.prepare(image) for image in images], max_new_tokens)

    @torch.no_grad()
    def describe(self, prepared: Sequence[Pixels], max_new_tokens: int = 20) -> list[str]:
        """Return one caption a prepared picture, at most max_new_tokens tokens long."""
        captions: list[str] = []
        for start in range(0, len(prepared), self._batch_size):
            part = prepared[start : start + self._batch_size]
            pixels = self._preparation.numbers(part, self._model.device, self._model.dtype)
            # The limits go here: BLIP hands generation to its decoder, whose own settings are all it reads.
            tokens = self._model.generate(
                pixel_values=pixels, max_new_tokens=max_new_tokens, do_sample=False, num_beams=1
            )
            captions += [text.strip() for text in self._tokenizer.batch_decode(tokens, skip_special_tokens=True)]
        return captions
