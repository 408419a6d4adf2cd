"""Summaries from scored images."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.engine.evaluation.scores import ALL_PROMPTS, Scored, ScoreRow
from sketchdesk.engine.evaluation.statistics import t_interval
from sketchdesk.engine.evaluation.summary import called_drawings, summarise, summary_rows


def image(model, prompt, seed, cosine, colourfulness=0.5, experiment="1", caption=""):
    row = ScoreRow(
        experiment=experiment, model=model, prompt=prompt, seed=seed, file="x.png", cosine=cosine, caption=caption
    )
    return Scored(Path("x.png"), row, colourfulness)


@pytest.fixture
def scored():
    base = {"a": [0.1, 0.2], "b": [0.3, 0.4]}
    tuned = {"a": [0.3, 0.5], "b": [0.4, 0.4]}
    return [
        image(model, prompt, seed, value, 0.4 if model == "base" else 0.0)
        for model, values in (("base", base), ("tuned", tuned))
        for prompt, row in values.items()
        for seed, value in enumerate(row)
    ]


def test_means_intervals_and_paired_difference(scored):
    cosine, colour = summarise(scored)
    assert (cosine.metric, colour.metric) == ("cosine", "colourfulness")
    by_hand = [
        (cosine.models["base"].overall, t_interval([0.15, 0.35])),
        (cosine.models["tuned"].by_prompt["a"], t_interval([0.3, 0.5])),
        (cosine.comparison.difference, t_interval([0.25, 0.05])),
    ]
    for found, expected in by_hand:
        assert (found.low, found.mean, found.high) == pytest.approx((expected.low, expected.mean, expected.high))
        assert found.units == 2
    assert colour.comparison.difference.mean == pytest.approx(-0.4)


def test_the_rows_of_the_summary_hold_each_statement_once(scored):
    rows = summary_rows(summarise(scored))
    keys = [(row.metric, row.model, row.prompt) for row in rows]
    expected = [
        (metric, model, prompt)
        for metric in ("cosine", "colourfulness")
        for model in ("base", "tuned", "tuned - base")
        for prompt in (ALL_PROMPTS, "a", "b")
    ]
    assert keys == expected
    overall = rows[6]
    assert (overall.images, overall.mean, overall.method) == (4, pytest.approx(0.15), "t")
    assert (overall.verdict, overall.win_rate) == ("no difference shown at this size", 3.5 / 4)
    assert overall.sign_test_p == pytest.approx(2 / 2**3)
    assert rows[0].images == 4
    assert rows[7].verdict


def test_experiments_are_kept_apart(scored):
    other = [image("base", "a", 0, 0.9, experiment="2"), image("tuned", "a", 0, 0.1, experiment="2")]
    summaries = summarise([*scored, *other])
    assert [(s.experiment, s.metric) for s in summaries] == [
        ("1", "cosine"), ("1", "colourfulness"), ("2", "cosine"), ("2", "colourfulness"),
    ]  # fmt: skip
    assert summaries[0].models["base"].images_of == {"a": 2, "b": 2}
    assert summaries[2].comparison.difference.mean == pytest.approx(-0.8)


def test_models_that_drew_nothing_in_common_are_not_compared():
    scored = [image("base", "a", 0, 0.1), image("tuned", "a", 1, 0.2), image("tuned", "b", 0, 0.2)]
    assert summarise(scored)[0].comparison is None


def test_images_without_a_cosine_are_left_out_of_the_cosines_only():
    cosine, colour = summarise([image("m", "a", 0, 0.1), image("m", "", None, None)])
    assert cosine.models["m"].images_of == {"a": 1}
    assert colour.models["m"].images_of == {"a": 1, "": 1}


def test_captions_that_name_a_drawing_are_counted():
    captions = [
        "a Black and White drawing of a zebra", "a sketch of an owl", "a drawer", "a colour picture of a fox", "",
    ]  # fmt: skip
    scored = [image("tuned", "a", seed, 0.1, caption=caption) for seed, caption in enumerate(captions)]
    assert called_drawings(scored, "1", "tuned") == (2, 4)
    assert called_drawings(scored, "1", "base") == (0, 0)


def test_the_intervals_of_a_share_end_within_nought_and_one_wherever_they_are_told():
    def captioned(model, prompt, seed, found):
        row = ScoreRow(model=model, prompt=prompt, seed=seed, file="x.png", values={"nouns_found": found})
        return Scored(Path("x.png"), row, 0.5)

    nearly_all = {"base": {"a": [1.0, 1.0], "b": [0.5, 1.0]}, "tuned": {"a": [1.0, 1.0], "b": [1.0, 1.0]}}
    of_prompt = [(model, prompt, values) for model, each in nearly_all.items() for prompt, values in each.items()]
    shown = [captioned(model, prompt, seed, found) for model, prompt, values in of_prompt
             for seed, found in enumerate(values)]  # fmt: skip
    (nouns,) = [one for one in summarise(shown) if one.metric == "nouns_found"]
    told = [row for row in summary_rows([nouns]) if row.model in nearly_all]
    told_means = [standing.mean for standing in nouns.standings]
    assert len(told) == 6 and len(told_means) == 2
    for found in (*told, *told_means):
        assert 0 <= found.low < found.mean <= found.high <= 1
        assert found.method == "wilson"
    assert t_interval([1.0, 0.75]).high > 1
    assert {standing.model: standing.mean for standing in nouns.standings} == {
        model: summary.overall for model, summary in nouns.models.items()
    }
