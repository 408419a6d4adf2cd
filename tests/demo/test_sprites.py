from __future__ import annotations

import json

import numpy as np
import pytest

from sketchdesk.demo.sprites import sprite
from sketchdesk.demo.vocabulary import sprite_names
from sketchdesk.library.paths import resource

STYLES = ("colour", "sketch")


def test_the_atlas_holds_exactly_the_sprites_of_the_language():
    assert json.loads(resource("demo/sprites.json").read_text(encoding="utf-8")) == sprite_names()


@pytest.mark.parametrize("style", STYLES)
def test_every_sprite_shows_something_and_leaves_ground_free(style):
    for name in sprite_names():
        alpha = np.asarray(sprite(name, style, 96))[..., 3]
        assert 0.03 < (alpha > 128).mean() < 0.97, name


def test_sketch_sprites_are_black_where_they_are_visible():
    for name in sprite_names():
        rgba = np.asarray(sprite(name, "sketch", 96))
        assert rgba[..., :3][rgba[..., 3] > 250].max() < 16, name


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [32, 56, 64, 80, 96])
def test_sprites_come_in_the_size_asked_for(style, size):
    assert sprite("zebra", style, size).size == (size, size)


def test_a_sprite_the_atlas_lacks_is_a_key_error():
    with pytest.raises(KeyError):
        sprite("no-such-sprite", "colour", 64)
