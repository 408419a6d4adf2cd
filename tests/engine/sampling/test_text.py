"""Texts that are remembered: the same states, and the encoder is asked once."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from sketchdesk.engine.sampling.text import KEPT_TEXTS, encode_text


@pytest.fixture
def asked(model):
    """How many texts the encoder was given, call by call."""
    counts: list[int] = []
    handle = model.text_encoder.register_forward_pre_hook(lambda _layer, given: counts.append(len(given[0])))
    yield counts
    handle.remove()


@pytest.fixture
def remembering(model):
    return dataclasses.replace(model, text_states={})


def test_a_text_is_encoded_once_and_its_states_are_equal_to_the_last_bit(model, remembering, asked):
    first = encode_text(remembering, ["a zebra", "", "a zebra"])
    assert asked == [1, 1]
    again = encode_text(remembering, ["", "a zebra"])
    assert asked == [1, 1]
    assert torch.equal(again, first[[1, 0]])
    assert torch.equal(again[1:], encode_text(model, ["a zebra"]))


def test_another_clip_skip_and_weights_are_other_states(remembering, asked):
    plain = encode_text(remembering, ["a (zebra:1.5)"])
    skipped = encode_text(remembering, ["a (zebra:1.5)"], clip_skip=1)
    weighted = encode_text(remembering, ["a (zebra:1.5)"], weighted=True)
    assert asked == [1, 1, 1]
    assert not torch.equal(plain, skipped)
    assert not torch.equal(plain, weighted)


def test_only_the_texts_used_last_are_kept(remembering, asked):
    encode_text(remembering, ["first"])
    encode_text(remembering, [f"text {number}" for number in range(KEPT_TEXTS - 1)])
    encode_text(remembering, ["first"])
    encode_text(remembering, ["one more"])
    assert len(remembering.text_states) == KEPT_TEXTS
    assert len(asked) == KEPT_TEXTS + 1
    encode_text(remembering, ["first"])
    assert len(asked) == KEPT_TEXTS + 1
    encode_text(remembering, ["text 0"])
    assert len(asked) == KEPT_TEXTS + 2


def test_a_model_that_may_change_remembers_nothing(model, asked):
    encode_text(model, ["a zebra"])
    encode_text(model, ["a zebra"])
    assert asked == [1, 1]
