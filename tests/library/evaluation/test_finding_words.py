"""What is said follows from the interval, in both directions."""

from __future__ import annotations

import pytest

from sketchdesk.contracts import text
from sketchdesk.engine.evaluation.statistics import compare
from sketchdesk.library.evaluation.finding_words import (
    cosine_sentence,
    interval_words,
    method_sentences,
    model_name,
    needed_sentence,
    p_words,
    variant_sentence,
)
from sketchdesk.library.evaluation.findings import Interval, Pair
from sketchdesk.library.paths import resource
from sketchdesk.library.wording.number_words import number, signed


def scores(**values):
    return {(prompt, seed): value for prompt, row in values.items() for seed, value in enumerate(row)}


BASE = scores(a=[0.1, 0.2], b=[0.3, 0.2], c=[0.2, 0.2])


@pytest.mark.parametrize(
    ("shift", "beginning", "zero"),
    [
        ({"a": 0.10, "b": 0.11, "c": 0.12}, "The fine-tuned model scores higher: +0.110 (95 % interval +", "outside"),
        ({"a": -0.1, "b": -0.11, "c": -0.12}, "The fine-tuned model scores lower: −0.110 (95 % interval −", "outside"),
        ({"a": 0.1, "b": -0.1, "c": 0.03}, "No difference shown at this size: +0.010 (95 % interval −", "inside"),
    ],
)
def test_the_sentence_says_direction_amount_interval_and_zero(shift, beginning, zero):
    tuned = {(prompt, seed): value + shift[prompt] for (prompt, seed), value in BASE.items()}
    sentence = cosine_sentence(compare(BASE, tuned))
    assert sentence.startswith(beginning)
    assert f"zero is {zero}" in sentence


def test_one_prompt_is_said_to_show_nothing():
    sentence = cosine_sentence(compare(scores(a=[0.1]), scores(a=[0.4])))
    assert sentence.startswith("No difference shown")
    assert "no interval" in sentence
    assert "zero is" not in sentence


def test_numbers_have_a_real_minus_and_tiny_p_values_a_limit():
    assert (number(-0.0123), signed(0.5, 2), signed(-1.0, 1)) == ("−0.012", "+0.50", "−1.0")
    assert (p_words(0.016), p_words(1e-9)) == ("p = 0.016", "p < 0.001")
    assert interval_words(Interval(0.2, 0.1, 0.3, "t", 5), number) == "95 % interval 0.100 to 0.300"


def test_the_method_is_said_for_the_intervals_there_are():
    small, large = Interval(0, -1, 1, "t", 5), Interval(0, -1, 1, "bootstrap", 40)
    (first, second) = method_sentences([small, small, large])
    assert "5 prompts" in first
    assert "Student's t" in first
    assert "40 prompts" in second
    assert "4000 resamples" in second


def test_two_models_of_other_names_are_called_by_them():
    shift = {"a": 0.10, "b": 0.11, "c": 0.12}
    tuned = {(prompt, seed): value + shift[prompt] for (prompt, seed), value in BASE.items()}
    assert cosine_sentence(compare(BASE, tuned), Pair("some/first", "second")).startswith(
        "second scores higher than first: +0.110"
    )


@pytest.mark.parametrize(
    ("drawn", "read", "models", "expected"),
    [
        ("in ink", "in ink", 2, "Both models drew “in ink …”, and CLIP compared every picture with the same words."),
        ("", "{ink}", 2, "Both models drew the bare prompt, and CLIP compared every picture with “{ink} …”."),
        ("", "ink", 3, "Every model drew the bare prompt, and CLIP compared every picture with “ink …”."),
        ("a", "b", 2, "The models drew “a …”, and CLIP compared every picture with “b …”."),
        ("a", "", 2, "The models drew “a …”, and CLIP compared every picture with the bare prompt."),
        ("", "", 2, "The models drew the bare prompt, and CLIP compared every picture with it."),
    ],
)
def test_what_was_drawn_and_what_was_read_is_said(drawn, read, models, expected):
    assert variant_sentence(drawn, read, models) == expected


def test_what_would_be_needed_is_said_only_where_nothing_was_shown():
    shift = {"a": 0.1, "b": -0.1, "c": 0.03}
    unclear = compare(BASE, {(prompt, seed): value + shift[prompt] for (prompt, seed), value in BASE.items()})
    assert unclear.needed.prompts > 100
    assert f"takes about {unclear.needed.prompts} prompts" in needed_sentence(unclear)
    assert "images" not in needed_sentence(unclear)  # of three prompts that cannot be said
    six = {(prompt + copy, seed): value for copy in "12" for (prompt, seed), value in BASE.items()}
    moved = {(prompt, seed): value + shift[prompt[0]] for (prompt, seed), value in six.items()}
    assert "More images of the same prompts would not be enough." in needed_sentence(compare(six, moved))
    assert needed_sentence(compare(BASE, BASE)) == ""
    clear = compare(BASE, {key: value + 0.1 + 0.01 * number for number, (key, value) in enumerate(BASE.items())})
    assert needed_sentence(clear) == ""


def test_models_that_a_study_names_are_called_in_the_readers_language(monkeypatch):
    monkeypatch.setattr(text, "_catalog", text._catalog)
    assert [model_name(name) for name in ("base", "tuned", "step 40", "4 steps", "runs/one/model", "x step 4")] == [
        "base", "fine-tuned", "step 40", "4 steps", "one", "x step 4"
    ]  # fmt: skip
    text.use_language(resource("translations"), "es")
    assert [model_name(name) for name in ("tuned", "step 40", "4 steps")] == ["ajustado", "paso 40", "4 pasos"]


def test_a_sentence_that_begins_with_a_studys_own_name_begins_large_and_a_models_name_stays():
    tuned = {key: value + 0.1 + 0.001 * place for place, (key, value) in enumerate(BASE.items())}
    assert cosine_sentence(compare(BASE, tuned), Pair("many steps", "one step")).startswith("One step scores higher")
    assert cosine_sentence(compare(BASE, tuned), Pair("base", "sd-turbo")).startswith("sd-turbo scores higher")
