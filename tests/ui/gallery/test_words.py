from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.ui import language
from sketchdesk.ui.gallery.words import (
    badge,
    difference_text,
    facts_of,
    meaning_of,
    model_of,
    score_meaning,
    score_name,
    score_text,
    title_of,
)


@pytest.fixture
def image(images):
    made = msgspec.structs.replace(
        images[0].record, model="/t/sketch/model", loras=(LoraUse(path="/l/ink.safetensors", weight=0.8),),
        style_prefix="A sketch of", negative_prompt="colour", batch_size=3, batch_index=1, batch_seeds=(0, 1, 2),
        num_threads=2, denoise_s=1.19, decode_s=0.12, created="2026-11-22T01:30:00+00:00", app_version="9.9",
    )  # fmt: skip
    scores = {"colourfulness": 0.3644, "cosine": 0.3478}
    told = {"caption": "a zebra", "run": "zebras", "tags": ("best", "night")}
    return msgspec.structs.replace(images[0], record=made, scores=scores, **told)


def test_everything_that_is_known_is_told_the_score_first(image):
    facts = dict(facts_of(image))
    assert next(iter(facts.items())) == ("CLIP", "0.348")
    date = facts.pop("Drawn")
    assert "22" in date
    assert facts == {
        "CLIP": "0.348", "Colourfulness": "0.364", "Caption": "“a zebra”", "Model": "sketch + ink (0.8)", "Seed": "1",
        "Style prefix": "A sketch of", "Negative prompt": "colour", "Sampler": "DPM++ 2M", "Steps": "5",
        "Guidance": "3", "Size": "40 × 40", "Device": "cpu · fp32", "Threads": "2",
        "Batch": "2 of 3 drawn together", "Time": "1.31 s", "Reading the text": "0.00 s",
        "Denoising": "1.19 s · 4.20 it/s", "Decoding": "0.12 s", "Version": "9.9", "Run": "zebras",
        "Tags": "best, night",
        "File": "demo-base-zebra-1.png",
    }  # fmt: skip


def test_what_a_picture_was_drawn_from_and_how_its_words_were_read_is_told(image):
    record = msgspec.structs.replace(
        image.record, prompt="a (red:1.2) fox", style_suffix=", in ink", prompt_weighting=True, clip_skip=1,
        guidance_rescale=0.7, init_image="C:\\pictures\\fox.png", strength=0.6, mask_image="/masks/m.png",
        embeddings=("/w/inky.safetensors",), memory_savings=("tiled_vae",),
    )  # fmt: skip
    facts = dict(facts_of(msgspec.structs.replace(image, record=record)))
    assert {
        "Style suffix": ", in ink", "Brackets": "weigh their words", "Clip skip": "1", "Guidance rescale": "0.7",
        "Drawn from": "fox.png", "Strength": "0.6", "Mask": "m.png", "Learnt words": "inky",
        "Memory": "decoding in tiles",
    }.items() <= facts.items()  # fmt: skip


def test_what_is_not_known_is_left_out(image):
    bare = msgspec.structs.replace(image, record=None, scores={}, caption="", run="", tags=())
    assert facts_of(bare) == [("File", "demo-base-zebra-1.png")]
    assert (title_of(bare), model_of(bare), badge(bare)) == ("demo-base-zebra-1.png", "", "")


def test_seed_zero_and_no_guidance_are_told(image):
    record = msgspec.structs.replace(image.record, seed=0, guidance_scale=0.0)
    facts = dict(facts_of(msgspec.structs.replace(image, record=record)))
    assert (facts["Seed"], facts["Guidance"]) == ("0", "0")


def test_scores_are_the_raw_numbers_with_three_decimals_and_say_what_they_are():
    assert (score_name("cosine"), score_text(0.3)) == ("CLIP", "0.300")
    assert (score_name("sharpness"), score_text(12.3456)) == ("sharpness", "12.346")
    assert (difference_text(0.3, 0.348), difference_text(0.348, 0.3)) == ("+0.048", "−0.048")
    assert (meaning_of("CLIP"), meaning_of("Seed")) == (score_meaning(), "")
    assert "cosine" in score_meaning()


def test_numbers_are_written_as_the_language_does(image, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "es")
    try:
        language.speak("es")
        facts = [value for _name, value in facts_of(image)]
        assert {"0,348", "0,364"} <= set(facts)
        assert badge(image) == "0,348"
        assert difference_text(0.3, 0.348) == "+0,048"
        assert any(value.startswith("1,31 s") for value in facts)
        record = msgspec.structs.replace(image.record, guidance_scale=7.5)
        assert "7,5" in [value for _name, value in facts_of(msgspec.structs.replace(image, record=record))]
    finally:
        language.speak("en")


def test_a_date_that_is_none_is_shown_as_it_is(image):
    record = msgspec.structs.replace(image.record, created="yesterday")
    assert dict(facts_of(msgspec.structs.replace(image, record=record)))["Drawn"] == "yesterday"
