"""Queries narrow and order as the gallery says they do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.images.tags import Tags
from sketchdesk.library.index.index import GalleryImage, ImageIndex, Query
from sketchdesk.library.index.query import signed_seed

PICTURE = Image.new("RGB", (4, 4))


def draw(path: Path, prompt: str, seed: int | None, model: str = "base", age_s: int = 0, **more: object) -> Path:
    values = {"width": 4, "height": 4} | more
    record = ImageRecord(
        prompt=prompt, seed=seed, num_inference_steps=25, guidance_scale=7.5, sampler="euler", model=model, **values
    )
    save_png(PICTURE, path, record)
    os.utime(path, (1_700_000_000 - age_s, 1_700_000_000 - age_s))
    return path


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ImageIndex]:
    folder = tmp_path / "images"
    draw(folder / "a.png", "a zebra", 7, age_s=50)
    draw(folder / "b.png", "A Zebra", 7, model="tuned", age_s=40)
    draw(folder / "c.png", "a horse", 8, model="tuned", age_s=30)
    draw(folder / "d.png", "a horse", 3, age_s=20)
    draw(folder / "e.png", "a whale", None, age_s=10)
    with ImageIndex(tmp_path / "index.sqlite3", [folder]) as opened:
        opened.refresh()
        for name, cosine in {"a": 0.31, "b": 0.42, "c": -0.1}.items():
            scores = {"cosine": cosine, "colourfulness": 1 - cosine}
            opened.set_scores(folder / f"{name}.png", scores, f"drawing {name}")
        yield opened


def found(index: ImageIndex, **query: object) -> str:
    """The names of what a query finds, in order, as one word."""
    asked = Query(**query)
    ids = index.ids(asked)
    assert index.count(asked) == len(ids)
    return "".join(image.path.stem for image in index.images(ids))


@pytest.mark.parametrize(
    ("sort", "order"),
    [("newest", "edcba"), ("oldest", "abcde"), ("score", "baced"), ("prompt", "dceba"), ("seed", "dbace"),
     ("model", "edacb"), ("run", "edcba"), ("star", "dbeca"), ("tag", "ceadb")],
)  # fmt: skip
def test_every_order(index, sort, order):
    folder = path_of(index, "a").parent
    index.mirror_stars({folder / "b.png", folder / "d.png"})
    index.mirror_tags(Tags({folder / "e.png": ["night", "x"], folder / "a.png": ["night"], folder / "c.png": ["Day"]}))
    assert found(index, sort=sort) == order


def test_days(index):
    """All were made on one day, by the clock of this machine."""
    day = datetime.fromtimestamp(1_700_000_000).date()
    before, after = (str(day + timedelta(days=days)) for days in (-1, 1))
    for query in ({"since": str(day)}, {"until": str(day)}, {"since": str(day), "until": str(day)}, {"since": "soon"}):
        assert found(index, **query) == "edcba", query
    for query in ({"since": after}, {"until": before}, {"since": after, "until": before}):
        assert found(index, **query) == "", query
    os.utime(path_of(index, "a"), (0, (datetime.fromisoformat(after)).timestamp()))
    index.refresh()
    os.utime(path_of(index, "b"), (0, (datetime.fromisoformat(before)).timestamp()))
    index.refresh()
    for sort, order in (("newest", "aedcb"), ("oldest", "bcdea"), ("seed", "dbace")):
        for since, until, kept in ((after, "", "a"), ("", day, "bcde"), (day, day, "cde"), (before, before, "b")):
            wanted = "".join(name for name in order if name in kept)
            assert found(index, since=str(since), until=str(until), sort=sort) == wanted, (sort, since, until)


def path_of(index: ImageIndex, name: str) -> Path:
    return next(image.path for image in index.images(index.ids(Query())) if image.path.stem == name)


@pytest.mark.parametrize("sort", ["newest", "oldest", "prompt"])
def test_filters_of_the_same_table_and_of_others_go_together_in_every_order(index, sort):
    day = datetime.fromtimestamp(1_700_000_000).date()
    days = {"since": str(day - timedelta(days=1)), "until": str(day + timedelta(days=1))}
    order = {"newest": "cb", "oldest": "bc", "prompt": "cb"}[sort]
    assert found(index, model="tuned", sort=sort) == order
    assert found(index, model="tuned", sort=sort, **days) == order
    assert found(index, model="tuned", text="horse", sort=sort, **days) == "c"
    assert found(index, model="tuned", seed=7, prompt="a zebra", sort=sort) == "b"
    assert found(index, model="base", min_score=0.2, sort=sort) == "a"


def test_what_is_not_scored_comes_last_newest_first_and_goes_where_a_least_score_is_asked_for(index):
    assert found(index, sort="score") == "baced"
    assert found(index, sort="score", min_score=0.0) == "ba"
    assert found(index, sort="score", min_score=-1.0, model="tuned") == "bc"
    assert found(index, sort="score", model="base") == "aed"


def test_another_score_orders_otherwise(index):
    assert found(index, sort="score", score="colourfulness") == "cabed"
    assert found(index, score="colourfulness", min_score=0.69) == "ca"
    assert found(index, sort="score", score="unknown") == "edcba"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"prompt": "a zebra"}, "ba"), ({"prompt": ""}, ""), ({"prompt": "zebra"}, ""), ({"seed": 7}, "ba"),
        ({"seed": 7, "model": "tuned"}, "b"), ({"min_score": 0.31}, "ba"), ({"min_score": 0.311}, "b"),
        ({"text": "hor", "sort": "seed"}, "dc"), ({"starred": True}, ""), ({"run": "x"}, ""),
    ],
)  # fmt: skip
def test_every_filter(index, query, names):
    assert found(index, **query) == names


def test_scores_and_captions_are_shown_with_the_image(index):
    best = index.images(index.ids(Query(sort="score")))[0]
    assert (best.scores, best.caption) == ({"cosine": 0.42, "colourfulness": pytest.approx(0.58)}, "drawing b")
    assert index.score_range() == (-0.1, 0.42)
    assert index.score_range("unknown") is None


def test_scores_of_other_names_and_captions_that_are_not_told_stay(index, tmp_path):
    path = tmp_path / "images" / "a.png"
    index.set_scores(path, {"cosine": 0.5, "broken": float("nan"), "endless": float("inf")})
    image = index.find(path)
    assert image is not None
    assert image.scores == {"cosine": 0.5, "colourfulness": pytest.approx(0.69)}
    assert image.caption == "drawing a"
    index.set_scores(path, {}, caption="")
    assert index.find(path).caption == ""


def test_scores_told_before_the_image_is_there_wait_for_it(index, tmp_path):
    path = tmp_path / "images" / "late.png"
    index.set_scores(path, {"cosine": 0.9})
    assert index.find(path) is None
    draw(path, "late", 1)
    image = index.add_image(path, "a run")
    assert image is not None
    assert (image.scores, image.run) == ({"cosine": 0.9}, "a run")
    assert found(index, min_score=0.8) == "late"
    assert found(index, run="a run") == "late"
    assert index.runs() == [("a run", 1)]


def test_an_image_that_changes_keeps_its_id_and_no_id_is_given_twice(index, tmp_path):
    path = tmp_path / "images" / "e.png"
    before = index.find(path)
    draw(path, "a giraffe", 5)
    after = index.add_image(path)
    assert before.id == after.id
    assert after.record.prompt == "a giraffe"
    assert (found(index, text="whale"), found(index, text="giraffe")) == ("", "e")
    path.unlink()
    assert index.add_image(path) is None
    again = index.add_image(draw(path, "a giraffe", 5))
    assert again.id > after.id


def test_an_image_that_goes_takes_its_scores_along_and_brings_them_back(index, tmp_path):
    path = tmp_path / "images" / "b.png"
    kept = path.rename(tmp_path / "kept.png")
    index.add_images([path])
    assert found(index, min_score=0.0) == "a"
    kept.rename(path)
    index.add_images([path])
    assert found(index, min_score=0.0) == "ba"


def test_prompts_and_models_are_counted(index):
    assert [(prompt.lower(), images) for prompt, images in index.prompts()] == [
        ("a horse", 2), ("a zebra", 2), ("a whale", 1),
    ]  # fmt: skip
    assert index.prompts(limit=1) == [("a horse", 2)]
    assert index.models() == [("base", 3), ("tuned", 2)]


def names_of(images: list[GalleryImage]) -> list[str]:
    return [image.path.stem for image in images]


def test_a_same_seed_pair_has_the_prompt_the_seed_and_the_size_but_another_model(index, tmp_path):
    folder = tmp_path / "images"
    draw(folder / "larger.png", "a zebra", 7, model="tuned", width=8)
    draw(folder / "styled.png", "a zebra", 7, model="tuned", style_prefix="a sketch of")
    draw(folder / "skipped.png", "a zebra", 7, model="tuned", clip_skip=1)
    draw(folder / "from.png", "a zebra", 7, model="tuned", init_image="/x.png", init_hash="1", strength=0.5)
    draw(folder / "same.png", "a zebra", 7)
    # Weighting makes no difference without brackets.
    ink = (LoraUse(path="/x/ink.safetensors", weight=0.8),)
    draw(folder / "lora.png", "a zebra", 7, loras=ink, age_s=60, prompt_weighting=True)
    index.refresh()
    assert names_of(index.pair_of(index.find(folder / "a.png"))) == ["b", "lora"]
    assert names_of(index.pair_of(index.find(folder / "styled.png"))) == []
    assert ("base + ink (0.8)", 1) in index.models()


def test_images_without_a_prompt_or_a_seed_have_no_pair(index, tmp_path):
    folder = tmp_path / "images"
    paths = [draw(folder / f"{model}.png", "", 1, model=model) for model in ("base", "tuned")]
    paths += [draw(folder / f"{model}2.png", "x", None, model=model) for model in ("base", "tuned")]
    index.refresh()
    assert [index.pair_of(index.find(path)) for path in paths] == [[], [], [], []]


def test_pairs_of_two_models_take_the_newest_of_several_alike(index, tmp_path):
    folder = tmp_path / "images"
    draw(folder / "newer.png", "a zebra", 7)
    draw(folder / "f.png", "a horse", 8)
    index.refresh()
    assert [names_of(list(pair)) for pair in index.pairs("base", "tuned")] == [["f", "c"], ["newer", "b"]]
    assert [names_of(list(pair)) for pair in index.pairs("tuned", "base", limit=1)] == [["c", "f"]]
    assert index.pairs("base", "nobody") == []


@pytest.mark.parametrize("seed", [0, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)])
def test_every_seed_of_64_bits_is_found_again(index, tmp_path, seed):
    assert -(2**63) <= signed_seed(seed) < 2**63
    index.add_image(draw(tmp_path / "images" / "seeded.png", "x", seed))
    assert found(index, seed=seed) == "seeded"
