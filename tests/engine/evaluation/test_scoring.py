"""Scoring pictures: rows say what is asked now, whatever was scored before, and what goes wrong is told once."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.contracts.events import Notice, ScoreReady
from sketchdesk.engine.evaluation.journal import ScoreJournal
from sketchdesk.engine.evaluation.placing import scoring_place
from sketchdesk.engine.evaluation.scoring import Subject, load_scorers, score_images
from sketchdesk.engine.reporter import Reporter


@pytest.fixture
def score(tiny_clip, tmp_path):
    """Score subjects with the tiny CLIP, going on with what was scored; return the scores and what was told."""
    scorers = load_scorers(scoring_place("cpu", "fp32", 1), str(tiny_clip), None, 2)

    def run(*subjects):
        events: list[object] = []
        journal = ScoreJournal(tmp_path, "judges")
        return score_images(subjects, scorers, tmp_path, Reporter(events.append), 2, journal), events

    return run


@pytest.fixture
def pictures(tmp_path):
    for number in range(5):
        Image.new("RGB", (24, 24), (40 * number, 90, 200)).save(tmp_path / f"{number}.png")
    return [tmp_path / f"{number}.png" for number in range(5)]


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_a_picture_that_says_no_seed_stands_where_it_is_put_now_and_not_where_it_was(score, pictures):
    (before,), _events = score(Subject(path=pictures[0], prompt="a fox", seed=0))
    (after,), events = score(Subject(path=pictures[0], prompt="a fox", seed=7))
    assert (before.row.seed, after.row.seed) == (0, 7)
    assert after.row.cosine == before.row.cosine
    assert of(ScoreReady, events) == []


def test_the_same_words_of_another_prompt_are_another_row(score, pictures):
    (before,), _events = score(Subject(path=pictures[0], prompt="fox in ink", scorer_prefix="a"))
    (after,), _events = score(Subject(path=pictures[0], prompt="in ink", scorer_prefix="a fox"))
    assert (before.row.prompt, after.row.prompt) == ("fox in ink", "in ink")
    assert after.row.cosine == before.row.cosine


def test_every_subject_of_a_picture_is_scored_in_the_order_asked_for(score, pictures):
    asked = [
        Subject(path=path, prompt="a fox", seed=number, experiment=name, scorer_prefix=prefix)
        for name, prefix in (("1", ""), ("2", "in ink")) for number, path in enumerate(pictures)
    ]  # fmt: skip
    found, events = score(*asked)
    assert [(one.path, one.row.experiment, one.row.seed) for one in found] == [
        (one.path, one.experiment, one.seed) for one in asked
    ]
    assert len(of(ScoreReady, events)) == 10
    alone = [score(one)[0][0].row.cosine for one in asked]
    assert [one.row.cosine for one in found] == alone
    assert len(set(alone)) > 5


def test_what_cannot_be_read_is_named_once_and_the_rest_is_scored(score, pictures):
    pictures[1].write_bytes(b"no picture")
    asked = [Subject(path=path, prompt="a fox", experiment=name) for name in "12" for path in pictures[:3]]
    found, events = score(*asked)
    assert [one.path.name for one in found] == ["0.png", "2.png", "0.png", "2.png"]
    assert [notice.message for notice in of(Notice, events)] == ["Left out, not a readable image: 1.png"]


def test_prompts_that_are_too_long_are_told_of_in_one_sentence(score, pictures):
    asked = [Subject(path=path, prompt=f"{'a fox ' * 60}{number}") for number, path in enumerate(pictures)]
    _found, events = score(*asked, Subject(path=pictures[0], prompt="a fox"))
    (notice,) = of(Notice, events)
    assert "the ends of 5 prompts do not count" in notice.message
    assert len(notice.message) < 250
