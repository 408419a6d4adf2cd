"""Blind votes are shuffled, kept as they are given, taken back, and counted."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.jobs import StudyJob
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.evaluation.votes import VOTES, ballots, cast, count, read_votes, votes_sentence


@pytest.fixture
def study():
    images = tuple(
        StudyImage(model=model, prompt=f"prompt {prompt}", seed=seed, file="a.png", colourfulness=0.1,
                   cosine=0.2 + (0.1 if model == "tuned" else 0.0),
                   values={"hps": 20.0 + (model == "base"), "nearest_training": 0.5 + (model == "tuned"),
                           "nearest_training_image": model})
        for model in ("base", "tuned") for prompt in range(20) for seed in range(2)
    )  # fmt: skip
    variant = VariantFindings(
        name="1", title="", generator_prefix="", scorer_prefix="", models=(), cosine=None, colourfulness=None,
        verdict=None, win_rate=None, images=(*images, StudyImage(
            model="base", prompt="alone", seed=0, file="b.png", cosine=0.1, colourfulness=0.1
        )),
    )  # fmt: skip
    job = StudyJob(title="t", out_dir="", prompts=("a",), models=())
    return Study(title="t", created="", pair=BASE_AND_TUNED, job=job, variants=(variant,))


def test_every_pair_is_asked_about_in_a_fixed_shuffled_order_with_both_models_at_either_side(study):
    (variant,) = study.variants
    found = ballots(study, variant)
    assert len({ballot.key for ballot in found}) == 40
    assert found == ballots(study, variant)
    assert found != ballots(study, variant, seed=1)
    assert [ballot.key for ballot in found] != sorted(ballot.key for ballot in found)
    assert all({ballot.left.model, ballot.right.model} == {"base", "tuned"} for ballot in found)
    assert 10 <= sum(ballot.left.model == "tuned" for ballot in found) <= 30


def test_votes_are_kept_and_the_last_one_on_a_pair_counts(study, tmp_path):
    (variant,) = study.variants
    first, second, third = ballots(study, variant)[:3]
    for ballot, better in ((first, "left"), (second, "equal"), (third, "right"), (first, "right"), (third, None)):
        cast(tmp_path, "1", ballot, better)
    found = read_votes(tmp_path, "1")
    assert {key: vote.better for key, vote in found.items()} == {first.key: "right", second.key: "equal"}
    assert read_votes(tmp_path, "2") == {}


def test_a_vote_cut_short_is_passed_over_and_the_next_one_counts(study, tmp_path):
    first, second = ballots(study, study.variants[0])[:2]
    cast(tmp_path, "1", first, "left")
    with (tmp_path / VOTES).open("ab") as file:
        file.write(b'{"variant": "1", "pro')
    cast(tmp_path, "1", second, "left")
    assert set(read_votes(tmp_path, "1")) == {first.key, second.key}


def test_wins_ties_and_agreement_are_counted_by_model_not_by_side(study, tmp_path):
    (variant,) = study.variants
    for number, ballot in enumerate(ballots(study, variant)[:8]):
        tuned_side = "left" if ballot.left.model == "tuned" else "right"
        other = "right" if tuned_side == "left" else "left"
        cast(tmp_path, "1", ballot, tuned_side if number < 5 else other if number < 7 else "equal")
    found = count(study.pair, variant, read_votes(tmp_path, "1"))
    assert (found.wins, found.losses, found.ties, found.votes) == (5, 2, 1, 8)
    assert found.sign_test_p == pytest.approx(2 * (1 + 7 + 21) / 2**7)
    assert found.agreement == {"cosine": (5, 7), "hps": (2, 7)}  # likeness to training pictures is neither good nor bad
    sentence = votes_sentence(found, study.pair)
    assert sentence.startswith("Blind votes: fine-tuned better in 5, base in 2, 1 equal")
    assert "agrees with 5 of 7 (71 %)" in sentence
    assert votes_sentence(count(study.pair, variant, {}), study.pair) == ""
