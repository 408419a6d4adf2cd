"""The tokenizer built from the shipped merges gives the ids CLIP is known by."""

from __future__ import annotations

import pytest

from sketchdesk.engine.models.tokenizer import clip_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return clip_tokenizer(open_clip=False)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a photo of a cat", [320, 1125, 539, 320, 2368]),
        ("A  photo\nof a CAT", [320, 1125, 539, 320, 2368]),
        ("hello world!", [3306, 1002, 256]),
        ("", []),
    ],
)
def test_known_texts_have_their_published_ids(tokenizer, text, ids):
    assert tokenizer(text).input_ids == [49406, *ids, 49407]


def test_every_byte_can_be_said_and_comes_back(tokenizer):
    text = "ñandú über 猫 🐈 x"
    ids = tokenizer(text).input_ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert len(tokenizer) == 49408


def test_the_second_generation_pads_with_token_zero():
    padded = clip_tokenizer(open_clip=True)("cat", padding="max_length", max_length=77).input_ids
    assert padded == [49406, 2368, 49407] + [0] * 74
    first = clip_tokenizer(open_clip=False)("cat", padding="max_length", max_length=77).input_ids
    assert first == [49406, 2368] + [49407] * 75


def test_a_saved_tokenizer_reads_back_the_same(tmp_path):
    from transformers import CLIPTokenizer

    clip_tokenizer(open_clip=True).save_pretrained(tmp_path)
    again = CLIPTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert again("a photo of a cat", padding="max_length", max_length=8).input_ids == [
        49406, 320, 1125, 539, 320, 2368, 49407, 0,
    ]  # fmt: skip
    assert again.model_max_length == 77
