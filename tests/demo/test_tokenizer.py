from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from sketchdesk.demo.captions import corpus
from sketchdesk.demo.tokenizer import END, MAX_TOKENS, START, build_tokenizer
from sketchdesk.demo.vocabulary import NOUNS, STYLE_PREFIX


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> CLIPTokenizer:
    return build_tokenizer(tmp_path_factory.mktemp("tokenizer"))


def test_every_caption_fits_and_comes_back_as_it_was(tokenizer):
    texts = corpus()
    for text, ids in zip(texts, tokenizer(texts).input_ids, strict=True):
        assert len(ids) <= MAX_TOKENS
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_every_word_of_the_language_is_one_token(tokenizer):
    words = {word for noun in NOUNS for word in noun.split()} | set(STYLE_PREFIX.split())
    assert {word for word in words if len(tokenizer(word).input_ids) != 3} == set()


def test_the_end_token_has_the_largest_id_and_pads(tokenizer):
    ids = tokenizer("a zebra", padding="max_length", truncation=True).input_ids
    assert tokenizer.eos_token_id == max(tokenizer.get_vocab().values()) == len(tokenizer) - 1 > 2
    assert len(ids) == MAX_TOKENS
    assert ids[0] == tokenizer.convert_tokens_to_ids(START)
    assert set(ids[3:]) == {tokenizer.convert_tokens_to_ids(END)} == {tokenizer.pad_token_id}


def test_capitals_and_spaces_do_not_matter(tokenizer):
    assert tokenizer(" A  ZEBRA\n").input_ids == tokenizer("a zebra").input_ids


@given(st.text(max_size=40).filter(lambda text: "<|" not in text))
def test_any_text_tokenises_without_an_unknown_token_inside(tokenizer, text):
    ids = tokenizer(text).input_ids
    assert ids[0] == tokenizer.bos_token_id and ids[-1] == tokenizer.eos_token_id
    assert tokenizer.unk_token_id not in ids[1:-1]


@pytest.mark.parametrize("text", ["żółć", "漢字", "😀", "wyvern", "naïve"])
def test_words_never_seen_are_spelt_out_in_bytes(tokenizer, text):
    assert tokenizer.decode(tokenizer(text).input_ids, skip_special_tokens=True) == text


def test_the_same_files_are_learnt_every_time(tokenizer, tmp_path):
    assert build_tokenizer(tmp_path).get_vocab() == tokenizer.get_vocab()
