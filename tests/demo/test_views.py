from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
import torch
from PIL import ImageOps

from sketchdesk.demo.autoencoder import pixels
from sketchdesk.demo.dataset import is_held_out
from sketchdesk.demo.scenes import draw
from sketchdesk.demo.views import softened, views

SOME = list(islice(views(0), 600))


def test_views_show_training_scenes_half_of_them_sketches():
    assert not any(is_held_out(scene) for scene, _ in SOME)
    assert sum(scene.style == "sketch" for scene, _ in SOME) / len(SOME) == pytest.approx(0.5, abs=0.07)


def test_nouns_are_told_from_left_to_right_in_mirrored_pictures_too():
    mirrored = 0
    for scene, picture in SOME:
        if picture.tobytes() != draw(scene).tobytes():
            mirrored += 1
            original = draw(replace(scene, nouns=scene.nouns[::-1]))
            assert ImageOps.mirror(picture).tobytes() == original.tobytes()
    assert 0.25 < mirrored / len(SOME) < 0.55


def test_the_same_seed_gives_the_same_views():
    again = list(islice(views(0), 50))
    assert [scene for scene, _ in again] == [scene for scene, _ in SOME[:50]]
    assert [scene for scene, _ in islice(views(1), 50)] != [scene for scene, _ in SOME[:50]]


def test_softened_pictures_stay_pictures_of_the_same_thing():
    torch.manual_seed(0)
    sharp = pixels([picture for _, picture in SOME[:32]])
    soft = softened(sharp)
    assert soft.shape == sharp.shape
    assert soft.abs().max() <= 1
    difference = (soft - sharp).abs().mean(dim=(1, 2, 3))
    assert difference.min() > 0
    assert difference.max() < 0.25
