"""The scorer against transformers' own forward pass."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    AutoTokenizer,
    CLIPImageProcessorPil,
    CLIPModel,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
)

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.clip import ClipScorer

TEXTS = ["a zebra", "a fox", "a zebra", "an owl", "a bat", "ox", "a zebra"]


@pytest.fixture
def scorer(tiny_clip) -> ClipScorer:
    return ClipScorer.load(tiny_clip, place("cpu", "fp32", 1), batch_size=3)


def test_cosines_are_those_of_the_models_own_logits(scorer, tiny_clip, pictures):
    model = CLIPModel.from_pretrained(tiny_clip).eval()
    pixels = CLIPImageProcessorPil.from_pretrained(tiny_clip)(pictures, return_tensors="pt")
    tokens = AutoTokenizer.from_pretrained(tiny_clip)(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = model(**pixels, **tokens).logits_per_image
        expected = (logits / model.logit_scale.exp()).diagonal().numpy()
    found = scorer.cosines(pictures, TEXTS)
    assert found.shape == (7,)
    assert found == pytest.approx(expected, abs=1e-5)
    assert np.ptp(found) > 1e-3  # the pictures do differ


def test_a_cosine_depends_on_its_own_pair_only(scorer, pictures):
    together = scorer.cosines(pictures, TEXTS)
    alone = [scorer.cosines([picture], [text])[0] for picture, text in zip(pictures, TEXTS, strict=True)]
    assert together == pytest.approx(alone, abs=1e-5)


def test_a_repeated_text_is_embedded_once(scorer, pictures):
    rows = 0

    def count(_module, arguments, keywords):
        nonlocal rows
        rows += len(keywords["input_ids"])

    scorer._model.text_model.register_forward_pre_hook(count, with_kwargs=True)
    first = scorer.cosines(pictures, TEXTS)
    again = scorer.cosines(pictures, TEXTS)
    assert rows == len(set(TEXTS))
    assert (first == again).all()


def test_text_that_is_not_read_is_counted_and_does_not_change_the_score(scorer, pictures):
    fits, too_long = "x" * 14, "x" * 14 + " yyyyy"
    assert scorer.max_tokens == 16
    assert scorer.token_overflow([fits, too_long, "x" * 15]) == [0, 5, 1]
    assert scorer.token_overflow([]) == []
    assert scorer.cosines(pictures[:2], [too_long, too_long]) == pytest.approx(scorer.cosines(pictures[:2], [fits] * 2))


def test_no_pictures_no_cosines_and_unequal_numbers_are_refused(scorer, pictures):
    assert scorer.cosines([], []).shape == (0,)
    with pytest.raises(ValueError, match="7 images for 1 texts"):
        scorer.cosines(pictures, ["a zebra"])


def test_a_strip_one_pixel_high_is_scored(scorer):
    strip = Image.new("RGB", (30_000, 1), "red")
    assert -1 <= scorer.cosines([strip], ["a fox"])[0] <= 1


def test_bf16_agrees_with_fp32_to_its_precision(scorer, tiny_clip, pictures):
    half = ClipScorer.load(tiny_clip, place("cpu", "bf16", 1))
    assert half.cosines(pictures, TEXTS) == pytest.approx(scorer.cosines(pictures, TEXTS), abs=0.02)


def test_a_folder_of_another_model_is_refused_instead_of_scoring_with_random_weights(tiny_blip):
    with pytest.raises(SketchDeskError) as caught:
        ClipScorer.load(tiny_blip, place("cpu", "fp32", 1))
    assert caught.value.kind is ErrorKind.MODEL_UNREADABLE


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [
        ("pytorch_model.bin", b"pickle", ErrorKind.UNSAFE_WEIGHTS),
        ("model.safetensors", b"not weights", ErrorKind.MODEL_UNREADABLE),
        ("notes.txt", b"", ErrorKind.MODEL_UNREADABLE),
    ],
)
def test_a_damaged_folder_is_named(tmp_path, tiny_clip, file, content, kind):
    for name in ("config.json", "tokenizer.json", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((tiny_clip / name).read_bytes())
    (tmp_path / file).write_bytes(content)
    with pytest.raises(SketchDeskError) as caught:
        ClipScorer.load(tmp_path, place("cpu", "fp32", 1))
    assert caught.value.kind is kind
    assert str(tmp_path) in caught.value.message


def test_a_whole_model_without_its_tokenizer_is_refused(tmp_path, tiny_clip):
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((tiny_clip / name).read_bytes())
    with pytest.raises(SketchDeskError) as caught:
        ClipScorer.load(tmp_path, place("cpu", "fp32", 1))
    assert caught.value.kind is ErrorKind.MODEL_UNREADABLE


def test_siglip_gives_the_cosines_of_its_own_logits(tmp_path, tiny_clip, pictures):
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    tokenizer = AutoTokenizer.from_pretrained(tiny_clip)
    text_shape = shape | {"vocab_size": len(tokenizer), "max_position_embeddings": 16, "projection_size": 32}
    torch.manual_seed(0)
    model = SiglipModel(
        SiglipConfig(text_config=text_shape, vision_config=shape | {"image_size": 32, "patch_size": 8})
    ).eval()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    processor = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    processor.save_pretrained(tmp_path)
    scorer = ClipScorer.load(tmp_path, place("cpu", "fp32", 1), batch_size=3)
    tokens = tokenizer(TEXTS, padding="max_length", max_length=16, return_tensors="pt")
    with torch.no_grad():
        pixels = processor(pictures, return_tensors="pt")["pixel_values"]
        logits = model(input_ids=tokens["input_ids"], pixel_values=pixels).logits_per_image
        expected = ((logits - model.logit_bias) / model.logit_scale.exp()).diagonal().numpy()
    assert scorer.cosines(pictures, TEXTS) == pytest.approx(expected, abs=1e-5)
    assert scorer.logit_scale == pytest.approx(float(model.logit_scale.exp()))
