"""The captioner against transformers' own generation."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoTokenizer, BlipForConditionalGeneration, BlipImageProcessorPil

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.blip import Captioner


@pytest.fixture
def captioner(tiny_blip) -> Captioner:
    return Captioner.load(tiny_blip, place("cpu", "fp32", 1), batch_size=3)


def test_captions_are_those_of_the_models_own_generation(captioner, tiny_blip, pictures):
    model = BlipForConditionalGeneration.from_pretrained(tiny_blip).eval()
    processor = BlipImageProcessorPil.from_pretrained(tiny_blip)
    tokenizer = AutoTokenizer.from_pretrained(tiny_blip)
    expected = []
    for picture in pictures:
        with torch.no_grad():
            tokens = model.generate(**processor(picture, return_tensors="pt"), max_new_tokens=20, do_sample=False)
        expected.append(tokenizer.decode(tokens[0], skip_special_tokens=True).strip())
    found = captioner.captions(pictures)
    assert found == expected
    assert len(set(found)) > 1  # the pictures are told apart


def test_captions_stop_at_the_limit(captioner, pictures):
    for caption in captioner.captions(pictures, max_new_tokens=4):
        assert len(caption.split()) <= 4


def test_no_pictures_no_captions(captioner):
    assert captioner.captions([]) == []


def test_a_folder_of_another_model_is_refused(tiny_clip):
    with pytest.raises(SketchDeskError) as caught:
        Captioner.load(tiny_clip, place("cpu", "fp32", 1))
    assert caught.value.kind is ErrorKind.MODEL_UNREADABLE
