from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
import torch
from transformers import BertTokenizer, BlipForConditionalGeneration, BlipImageProcessorPil

from sketchdesk.demo import blip
from sketchdesk.demo.autoencoder import pixels
from sketchdesk.demo.clip import SIDE_PX, halved
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.judge import nouns_said, style_said
from sketchdesk.demo.scenes import Scene, draw
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.blip import Captioner

SOME = list(islice(scenes("train", 6, 0.5), 1000))
SHOWN = [Scene(("zebra", "monkey"), "forest", "sketch", 1), Scene(("castle",), None, "colour", 1)]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> BertTokenizer:
    return blip.build_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tokenizer):
    """The saved folder of a model that was taught two pictures by heart."""
    torch.manual_seed(0)
    model = blip.new_model(tokenizer).train()
    prepared = pixels(halved([draw(scene) for scene in SHOWN]))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    for _ in range(40):
        blip.caption_loss(model, tokenizer, prepared, SHOWN).backward()
        optimizer.step()
        optimizer.zero_grad()
    path = tmp_path_factory.mktemp("demo-blip")
    blip.save(model.eval(), path)
    return path


def test_captions_tell_style_nouns_and_setting():
    assert blip.told(SHOWN[0]) == "a black and white drawing of a zebra and a monkey in a forest"
    assert blip.told(SHOWN[1]) == "a colour picture of a castle"
    assert all(nouns_said(blip.told(scene)) == set(scene.nouns) for scene in SOME)
    assert all(style_said(blip.told(scene)) == scene.style for scene in SOME)


def test_every_word_is_one_token_and_every_caption_fits(tokenizer):
    texts = [blip.told(scene) for scene in SOME]
    for text, ids in zip(texts, tokenizer(texts).input_ids, strict=True):
        assert len(ids) == len(text.split()) + 2 <= blip.TEXT_SHAPE["max_position_embeddings"]
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_other_words_are_spelt_in_letters(tokenizer):
    ids = tokenizer("A wyvern!").input_ids
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) in {"a wyvern!", "a wyvern !"}
    assert tokenizer.unk_token_id in tokenizer("漢").input_ids


def test_the_saved_folder_is_a_stock_blip_within_its_size(folder):
    model = BlipForConditionalGeneration.from_pretrained(folder, local_files_only=True)
    assert model.dtype == torch.float16
    assert model.num_parameters() <= 7_000_000
    assert (folder / "model.safetensors").stat().st_size <= 14_000_000


def test_stock_generate_gives_back_what_was_taught_and_stops(folder):
    model = BlipForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    stock_tokenizer = BertTokenizer.from_pretrained(folder, local_files_only=True)
    processor = BlipImageProcessorPil.from_pretrained(folder, local_files_only=True)
    ids = model.generate(processor([draw(scene) for scene in SHOWN], return_tensors="pt").pixel_values)
    assert ids[:, 0].tolist() == [model.config.text_config.bos_token_id] * 2
    assert all(stock_tokenizer.sep_token_id in row for row in ids.tolist())
    said = stock_tokenizer.batch_decode(ids, skip_special_tokens=True)
    assert said == [blip.told(scene) for scene in SHOWN]


def test_our_captioner_reads_the_folder(folder):
    captioner = Captioner.load(folder, place("cpu", "fp32"))
    assert captioner.captions([draw(scene) for scene in SHOWN]) == [blip.told(scene) for scene in SHOWN]


def test_the_stock_preparation_is_what_training_saw(folder):
    processor = BlipImageProcessorPil.from_pretrained(folder, local_files_only=True)
    pictures = [draw(scene) for scene in SOME[:4]]
    prepared = processor(pictures, return_tensors="pt").pixel_values
    assert prepared.shape == (4, 3, SIDE_PX, SIDE_PX)
    assert torch.allclose(prepared, pixels(halved(pictures)), atol=1e-5)


def test_padding_has_no_part_in_the_loss(tokenizer):
    torch.manual_seed(0)
    model = blip.new_model(tokenizer).eval()
    prepared = pixels(halved([draw(scene) for scene in SHOWN]))
    with torch.no_grad():
        together = blip.caption_loss(model, tokenizer, prepared, SHOWN)
        alone = [blip.caption_loss(model, tokenizer, prepared[i : i + 1], SHOWN[i : i + 1]) for i in range(2)]
    tokens = [len(blip.told(scene).split()) + 1 for scene in SHOWN]
    expected = sum(loss * count for loss, count in zip(alone, tokens, strict=True)) / sum(tokens)
    assert together.item() == pytest.approx(expected.item(), rel=0.01)


def test_training_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(blip, "BATCH", 4)
    said: list[str] = []
    blip.train(tmp_path, said.append, replace(blip.RECIPE, steps=2, log_every=1))
    before = len(said)
    model = blip.train(tmp_path, said.append, replace(blip.RECIPE, steps=3, log_every=1))
    assert said[before:][0].startswith("resuming at step 2") and len(said) == before + 2
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())
