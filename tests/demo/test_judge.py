from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from PIL import Image, ImageFilter

from sketchdesk.demo import judge
from sketchdesk.demo.captions import caption
from sketchdesk.demo.dataset import is_held_out
from sketchdesk.demo.scenes import Scene
from sketchdesk.demo.vocabulary import NOUNS


def test_templates_name_real_pictures(every_noun):
    style, scenes, pictures = every_noun
    scores = judge.template_scores(pictures[::3], style)
    assert judge.share_named(scores, [scene.nouns for scene in scenes[::3]]) == 1.0
    assert scores.amax(dim=1).min() > 0.99
    assert scores.max() <= 1 + 1e-4


def test_templates_still_name_soft_pictures(every_noun):
    style, scenes, pictures = every_noun
    soft = [picture.filter(ImageFilter.GaussianBlur(2)) for picture in pictures[::8]]
    scores = judge.template_scores(soft, style)
    assert judge.share_named(scores, [scene.nouns for scene in scenes[::8]]) > 0.97


def test_templates_know_the_wrong_picture(every_noun):
    style, scenes, pictures = every_noun
    others = [scene.nouns for scene in scenes[8::12]]
    assert judge.share_named(judge.template_scores(pictures[:-8:12], style), others) == 0.0


def test_a_blank_picture_matches_no_template():
    scores = judge.template_scores([Image.new("RGB", (128, 128), "#fdf3dc")], "colour")
    assert torch.isfinite(scores).all()
    assert scores.max() < 0.2


def test_the_share_named_counts_pictures_with_all_nouns_in_the_best():
    scores = torch.zeros(2, len(NOUNS))
    first, second, third = list(NOUNS)[:3]
    scores[0, :2] = torch.tensor([2.0, 1.0])
    scores[1, 2] = 1.0
    assert judge.share_named(scores, [(first,), (first,)]) == 0.5
    assert judge.share_named(scores, [(first, second), (third,)], top=2) == 1.0
    assert judge.share_named(scores, [(second,), (second,)]) == 0.0


@pytest.mark.parametrize(
    ("text", "nouns"),
    [
        ("a colour picture of a zebra in a forest", {"zebra"}),
        ("a house in front of a house", {"house"}),
        ("a giraffe in front of a house", {"giraffe"}),
        ("a man on a horse and a horse", {"man on a horse", "horse"}),
        ("a man on a horse", {"man on a horse"}),
        ("a teddy bear", {"teddy bear"}),
        ("a boy riding a bike on the road", {"man riding a bike"}),
        ("a police car and a car", {"police car", "car"}),
        ("a pineapple", {"pineapple"}),
        ("", set()),
    ],
)
def test_the_nouns_of_a_caption(text, nouns):
    assert judge.nouns_said(text) == nouns


def test_a_caption_is_right_only_with_exactly_the_nouns_shown():
    zebra = Scene(("zebra",), "forest", "colour", 0)
    right = caption(zebra)
    assert judge.share_captioned([right, "a zebra and a cat", "a cat"], [zebra] * 3) == pytest.approx(1 / 3)
    assert judge.share_in_style([right, "a black and white drawing of a zebra"], [zebra] * 2) == 0.5
    assert judge.share_in_style(["a black and white drawing of a cat"], [replace(zebra, style="sketch")]) == 1.0


@pytest.mark.parametrize("style", judge.STYLES)
def test_combinations_measured_are_held_out_and_singles_go_through_every_noun(style):
    pairs = judge.measured_scenes("pair", style, 50)
    settings = judge.measured_scenes("setting", style, 50)
    assert all(is_held_out(scene) and scene.style == style for scene in pairs + settings)
    assert {(len(scene.nouns), scene.setting is None) for scene in pairs} == {(2, True)}
    assert {(len(scene.nouns), scene.setting is None) for scene in settings} == {(1, False)}
    singles = judge.measured_scenes("single", style, 2 * len(NOUNS))
    assert sorted(scene.nouns[0] for scene in singles) == sorted([*NOUNS, *NOUNS])
    assert singles[:10] == judge.measured_scenes("single", style, 10)
