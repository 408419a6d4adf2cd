from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.scenes import IMAGE_PX, Scene, draw
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS

SOME = list(islice(scenes("train", 0, 0.5), 200))


def test_equal_scenes_give_equal_pictures():
    for scene in SOME:
        assert draw(scene).tobytes() == draw(replace(scene)).tobytes()


def test_pictures_are_rgb_of_one_size():
    assert {(draw(scene).mode, draw(scene).size) for scene in SOME} == {("RGB", (IMAGE_PX, IMAGE_PX))}


def test_sketches_are_grey_on_white():
    for scene in SOME:
        array = np.asarray(draw(replace(scene, style="sketch"))).astype(int)
        assert np.ptp(array, axis=2).max() == 0
        assert (array == 255).mean() > 0.4
        assert array.min() < 64


def test_colour_pictures_have_colour():
    for scene in SOME:
        array = np.asarray(draw(replace(scene, style="colour"))).astype(int)
        assert np.ptp(array, axis=2).max() > 8


def test_another_layout_seed_moves_things():
    pictures = {draw(Scene(("zebra",), None, "colour", seed)).tobytes() for seed in range(40)}
    assert len(pictures) > 20


@pytest.mark.parametrize("style", ["colour", "sketch"])
def test_every_noun_and_every_setting_makes_another_picture(style):
    nouns = {draw(Scene((noun,), None, style, 0)).tobytes() for noun in NOUNS}
    settings = {draw(Scene(("zebra",), setting, style, 0)).tobytes() for setting in (None, *SETTINGS)}
    assert len(nouns) == len(NOUNS) >= 150
    assert len(settings) == 1 + len(SETTINGS)
