from __future__ import annotations

from itertools import islice

import pytest

from sketchdesk.contracts.jobs import EvaluateJob, MetricSources
from sketchdesk.demo.dataset import REPORT_COMBINATIONS, is_held_out, scenes, with_drawn_dataset
from sketchdesk.demo.scenes import Scene
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS

TRAIN = list(islice(scenes("train", 0, 0.3), 20_000))
HELD_OUT = list(islice(scenes("held-out", 0, 0.3), 2_000))


def combinations(shown: list[Scene]) -> set[frozenset[str] | tuple[str, str]]:
    pairs = {frozenset(scene.nouns) for scene in shown if len(scene.nouns) == 2}
    return pairs | {(noun, scene.setting) for scene in shown if scene.setting for noun in scene.nouns}


def test_the_same_arguments_give_the_same_scenes():
    assert TRAIN[:500] == list(islice(scenes("train", 0, 0.3), 500))
    assert TRAIN[:500] != list(islice(scenes("train", 1, 0.3), 500))


def test_every_held_out_scene_shows_a_combination_training_never_shows():
    trained = combinations(TRAIN)
    assert all(combinations([scene]) - trained for scene in HELD_OUT)


def test_no_scene_is_in_both_splits():
    assert not any(is_held_out(scene) for scene in TRAIN)
    assert all(is_held_out(scene) for scene in HELD_OUT)


def test_the_order_of_a_pair_does_not_matter():
    assert all(
        is_held_out(scene) == is_held_out(Scene(scene.nouns[::-1], scene.setting, scene.style, 0))
        for scene in TRAIN + HELD_OUT
    )


def test_training_shows_every_noun_alone_and_every_setting():
    assert {scene.nouns[0] for scene in TRAIN if len(scene.nouns) == 1 and not scene.setting} == set(NOUNS)
    assert {scene.setting for scene in TRAIN} == {None, *SETTINGS}


@pytest.mark.parametrize(("nouns", "setting"), [(("giraffe",), "forest"), (("man riding a bike",), "road"),
                                                (("zebra", "monkey"), None), (("monkey", "zebra"), "house")])
def test_what_the_reports_ask_for_is_held_out(nouns, setting):
    assert is_held_out(Scene(nouns, setting, "colour", 0))


def test_the_reports_things_are_in_the_language():
    assert {word for parts in REPORT_COMBINATIONS for word in parts} <= set(NOUNS) | set(SETTINGS)


def test_the_share_of_sketches_is_the_one_asked_for():
    assert sum(scene.style == "sketch" for scene in TRAIN) / len(TRAIN) == pytest.approx(0.3, abs=0.02)
    assert {scene.style for scene in islice(scenes("train", 0, 0.0), 500)} == {"colour"}


def test_what_measures_may_name_a_set_as_a_training_does(home):
    folder = home / "datasets" / "demo-sketch"
    folder.mkdir(parents=True)
    (folder / "metadata.jsonl").touch()  # drawn already
    sources = MetricSources(training_set="demo-sketch", style_prompt="ink")
    job = EvaluateJob(images_dir="a", out_dir="b", sources=sources)
    found = with_drawn_dataset(job)
    assert found.sources == MetricSources(training_set=str(folder), style_prompt="ink")
    assert with_drawn_dataset(found) == found
