from __future__ import annotations

import random
from itertools import islice

import pytest

from sketchdesk.demo.captions import SYNONYMS, caption
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.judge import nouns_said, style_said
from sketchdesk.demo.scenes import Scene
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS, STYLE_PREFIX, article

SOME = list(islice(scenes("train", 3, 0.5), 1000))


def test_the_plain_form_of_a_pair_in_a_setting():
    assert caption(Scene(("zebra", "monkey"), "house", "colour", 0)) == "a zebra and a monkey in front of a house"


def test_every_caption_says_its_nouns_setting_and_style_and_no_others():
    rng = random.Random(0)
    for scene in SOME:
        for text in (caption(scene), caption(scene, rng)):
            assert nouns_said(text) == set(scene.nouns), text
            settings = [name for name, words in SETTINGS.items() if text.endswith(words)]
            assert settings == ([scene.setting] if scene.setting else [])
            assert style_said(text) == scene.style


def test_the_style_words_can_be_forced_and_left_out():
    zebra = Scene(("zebra",), None, "sketch", 0)
    assert caption(zebra) == f"{STYLE_PREFIX} a zebra"
    assert caption(zebra, style_words=False) == "a zebra"
    assert caption(Scene(("zebra",), None, "colour", 0), style_words=True) == f"{STYLE_PREFIX} a zebra"


def test_captions_vary_and_use_every_synonym():
    rng = random.Random(1)
    for noun, words in SYNONYMS.items():
        said = {caption(Scene((noun,), None, "colour", 0), rng) for _ in range(400)}
        assert {article(noun), *(article(word) for word in words)} <= said


def test_no_synonym_is_a_noun_of_its_own():
    said = [word for words in SYNONYMS.values() for word in words]
    assert set(SYNONYMS) <= set(NOUNS)
    assert not set(said) & set(NOUNS)
    assert len(said) == len(set(said))


@pytest.mark.parametrize(("noun", "said"), [("owl", "an owl"), ("unicorn", "a unicorn"), ("zebra", "a zebra")])
def test_the_article_fits_the_sound(noun, said):
    assert article(noun) == said
