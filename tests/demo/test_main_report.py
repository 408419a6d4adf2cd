"""What the main job says, for outcomes in every direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts.jobs import StudyVariant
from sketchdesk.demo.main_report import build_report
from sketchdesk.engine.evaluation.outcome import Outcome, result_numbers, summary_text
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow
from sketchdesk.engine.evaluation.summary import summarise

EXPERIMENTS = (
    StudyVariant(name="1", title="First", generator_prefix="in ink", scorer_prefix="in ink"),
    StudyVariant(name="2", title="Second", scorer_prefix="in ink"),
)


def outcome(shift=0.05, tuned_colour=0.01, caption="a black and white drawing"):
    """Three prompts, two seeds, both models, both experiments; tuned differs by about `shift`."""
    scored = []
    for experiment in EXPERIMENTS:
        for number, prompt in enumerate(("a zebra", "a fox", "an owl")):
            for seed in range(2):
                base = 0.2 + number / 10 + seed / 50
                tuned = base + shift + number / 500
                values = {"base": (base, 0.3, "a colour picture"), "tuned": (tuned, tuned_colour, caption)}
                for model, (cosine, colour, said) in values.items():
                    row = ScoreRow(
                        experiment=experiment.name, model=model, prompt=prompt, seed=seed, file="x.png", cosine=cosine,
                        caption=said,
                    )  # fmt: skip
                    scored.append(Scored(Path("x.png"), row, colour))
    return Outcome(EXPERIMENTS, scored, summarise(scored))


def test_the_summary_says_by_how_much_and_with_what_interval():
    text = summary_text(outcome())
    first, second = text.split("\n\n")
    assert first.startswith("First\n")
    assert second.startswith("Second\n")
    assert "CLIP cosine: base 0.310, fine-tuned 0.362." in first
    assert "The fine-tuned model scores higher: +0.052 (95 % interval +0.047 to +0.057; zero is outside)." in first
    assert "in 6 of 6 same-seed pairs (sign test p = 0.031)" in first
    assert "less colourful: −0.290" in first
    assert "visibly black and white" in first
    assert "BLIP calls 6 of 6 fine-tuned pictures a drawing; base: 0 of 6." in first


def test_a_worse_model_is_called_worse_and_a_coloured_one_coloured():
    text = summary_text(outcome(shift=-0.05, tuned_colour=0.3, caption="a colour picture"))
    assert "The fine-tuned model scores lower: −0.048" in text
    assert "The fine-tuned pictures are not black and white." in text
    assert "BLIP calls 0 of 6" in text


def test_no_difference_is_called_that():
    assert "No difference shown at this size: +0.000" in summary_text(outcome(shift=-0.002))


def test_the_headline_holds_both_experiments_and_the_black_and_white():
    report = build_report(outcome(), [("a zebra running", "a zebra"), ("a fox", "a fox")], "in ink", [])
    assert report.headline[0].startswith("First. The fine-tuned model scores higher: +0.052")
    assert report.headline[1].startswith("Second. ")
    assert report.headline[2].startswith("The fine-tuned pictures are visibly black and white.")
    assert report.sections[0].prompt_notes == {"a zebra": "In the report: a zebra running"}
    assert "Both models drew “in ink …”" in report.sections[0].explanation
    assert "the bare prompt" in report.sections[1].explanation
    assert {one.row.experiment for one in report.sections[1].scored} == {"2"}


def test_the_numbers_are_named_by_experiment():
    numbers = result_numbers(outcome())
    assert numbers["experiment_1_cosine_difference"] == pytest.approx(0.052)
    assert numbers["experiment_2_cosine_verdict"] == "higher"
    assert numbers["experiment_1_colourfulness_tuned"] == pytest.approx(0.01)
    assert numbers["experiment_1_cosine_difference_low"] < 0.052 < numbers["experiment_1_cosine_difference_high"]


def test_with_only_one_model_scored_nothing_is_compared():
    found = outcome()
    only_base = [one for one in found.scored if one.row.model == "base"]
    alone = Outcome(EXPERIMENTS, only_base, summarise(only_base))
    assert summary_text(alone) == "First\n\nSecond"
    assert result_numbers(alone) == {}
    assert build_report(alone, [], "in ink", []).headline == []
