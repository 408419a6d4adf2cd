"""Captions held out, and a representative share of captions."""

from __future__ import annotations

from collections import Counter

from sketchdesk.library.training.held_out import HELD_OUT, read_held_out, representative, write_held_out


def test_what_was_written_is_read_each_caption_once(tmp_path):
    write_held_out(tmp_path, ["a fox", "an owl ", "a fox", " "])
    assert read_held_out(tmp_path) == ("a fox", "an owl")


def test_nothing_held_out_or_a_damaged_file_gives_none(tmp_path):
    assert read_held_out(tmp_path) == ()
    (tmp_path / HELD_OUT).write_bytes(b"[1, 2")
    assert read_held_out(tmp_path) == ()


def test_a_share_has_long_captions_and_short_ones_as_the_whole_has():
    captions = [f"{number:04} " + "x" * (number % 100) for number in range(1000)]
    share = representative(captions, 100, seed=3)
    assert len(set(share)) == 100
    tenths = Counter((len(caption) - 5) // 10 for caption in share)
    assert tenths == dict.fromkeys(range(10), 10)


def test_the_same_seed_draws_the_same_share():
    captions = [str(number) for number in range(50)]
    assert representative(captions, 7, seed=1) == representative(captions, 7, seed=1)
    assert representative(captions, 7, seed=1) != representative(captions, 7, seed=2)
    assert representative(["a", "b", "a"], 5) == ("a", "b")
