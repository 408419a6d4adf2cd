"""Which pairs a job wants: every seed once, more is fewer and then some, and what is held out stays so."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, write_edits
from sketchdesk.library.distillation.pair_plan import captions_of, pairs_folder, planned_pairs

FEW = ["a dog", "a cat", "a bear"]
MANY = [f"animal {number}" for number in range(200)]


def job(**changes: object) -> DistillJob:
    return DistillJob(**{"model": "demo-base", "out_dir": "out", "num_pairs": 40, "num_held_out_pairs": 10, **changes})


def test_no_pair_comes_twice():
    pairs = planned_pairs(job(num_pairs=500, num_held_out_pairs=100), FEW)
    assert len({(pair.caption, pair.seed) for pair in pairs}) == len(pairs) == 600
    assert len({pair.seed for pair in pairs}) == 600


def test_captions_come_equally_often():
    pairs = [pair for pair in planned_pairs(job(num_pairs=99), FEW) if not pair.held_out]
    assert {caption: sum(pair.caption == caption for pair in pairs) for caption in FEW} == dict.fromkeys(FEW, 33)


def test_more_pairs_begin_with_the_fewer_and_hold_out_the_same():
    few, many = planned_pairs(job(num_pairs=40), MANY), planned_pairs(job(num_pairs=160), MANY)
    assert many[:40] == few[:40]
    assert many[160:] == few[40:]


def test_the_order_in_which_captions_are_given_does_not_matter():
    assert planned_pairs(job(), MANY) == planned_pairs(job(), reversed(MANY))


def test_half_of_what_is_held_out_has_captions_of_its_own_where_there_are_enough():
    pairs = planned_pairs(job(num_pairs=1000, num_held_out_pairs=100), MANY)
    trained = {pair.caption for pair in pairs if not pair.held_out}
    assert sum(pair.caption not in trained for pair in pairs if pair.held_out) == 50
    assert 150 < len(trained) < 200


def test_captions_held_out_stay_so_when_there_are_more_of_them():
    def trained(captions: list[str]) -> set[str]:
        return {pair.caption for pair in planned_pairs(job(num_pairs=1000), captions) if not pair.held_out}

    assert trained(MANY) <= trained([*MANY, *(f"plant {number}" for number in range(100))])


def test_few_captions_are_all_trained_on():
    assert {pair.caption for pair in planned_pairs(job(), FEW) if not pair.held_out} == set(FEW)


def test_the_largest_seed_is_followed_by_others_that_are_seeds():
    assert all(0 <= pair.seed < 2**63 for pair in planned_pairs(job(seed=2**63 - 1), FEW))


def test_captions_are_those_of_prompts_and_data_set_each_once(tmp_path):
    (tmp_path / "set").mkdir()
    for number, caption in enumerate(("a dog ", "a red ball")):
        (tmp_path / "set" / f"{number}.png").write_bytes(b"only looked for")
        (tmp_path / "set" / f"{number}.txt").write_text(caption)
    found = captions_of(job(prompts=("a dog", " ", "a cat"), dataset=str(tmp_path / "set")))
    assert found == ["a dog", "a cat", "a red ball"]


def test_captions_edited_here_take_the_place_of_the_sets_own(tmp_path):
    (tmp_path / "set").mkdir()
    for number in range(2):
        (tmp_path / "set" / f"{number}.png").write_bytes(b"only looked for")
        (tmp_path / "set" / f"{number}.txt").write_text(f"dog number {number}")
    write_edits(tmp_path / "edits.json", CaptionEdits("set", {"1.png": Edit("a wolf")}))
    asked = job(prompts=(), dataset=str(tmp_path / "set"), captions_file=str(tmp_path / "edits.json"))
    assert captions_of(asked) == ["dog number 0", "a wolf"]


def test_a_job_without_a_caption_is_refused():
    with pytest.raises(SketchDeskError) as caught:
        captions_of(job(prompts=(" ",)))
    assert caught.value.kind is ErrorKind.BAD_INPUT


def test_pairs_lie_in_the_run_unless_a_place_is_named():
    assert pairs_folder(job()).as_posix() == "out/pairs"
    assert pairs_folder(job(pairs_dir="/elsewhere")).as_posix() == "/elsewhere"
