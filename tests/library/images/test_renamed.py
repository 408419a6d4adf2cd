"""Images that came back under another name are found by what they were called when something was told of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sketchdesk.library.images.renamed import Renaming, Renamings, note_renamings
from sketchdesk.library.paths import renamed_file

A, B, C = (Path(f"/images/{name}.png") for name in "abc")


def now(path: Path, time_s: float) -> Path:
    return Path(os.fsdecode(Renamings.load().now(os.fsencode(path), time_s)))


def test_what_was_told_before_the_image_left_is_of_the_new_name_and_what_came_after_is_of_the_old_one():
    assert now(A, 5) == A
    note_renamings([Renaming(old=A, until_s=10, new=B, since_s=12)])
    assert (now(A, 9), now(A, 10), now(A, 13), now(B, 5)) == (B, A, A, B)


def test_names_are_followed_in_the_order_they_were_given():
    note_renamings([Renaming(old=B, until_s=11, new=C, since_s=11.5)])  # another image, that was B before
    note_renamings([Renaming(old=A, until_s=10, new=B, since_s=12)])
    note_renamings([Renaming(old=B, until_s=20, new=A, since_s=21)])
    assert (now(A, 9), now(B, 9), now(B, 15)) == (A, C, A)


@pytest.mark.parametrize("line", [b"{", b"[1, 2]", b'["a", "b", "c", "d"]', b"\xff", b"[" * 100_000, b"null", b""])
def test_a_line_that_is_none_is_passed_over(line):
    note_renamings([Renaming(old=A, until_s=10, new=B, since_s=12)])
    renamed_file().write_bytes(line + b"\n" + renamed_file().read_bytes())
    assert now(A, 9) == B


def test_a_file_that_leads_in_a_circle_ends():
    note_renamings([Renaming(old=A, until_s=10, new=B, since_s=0), Renaming(old=B, until_s=10, new=A, since_s=0)])
    assert now(A, 5) == B


@pytest.mark.parametrize("lost", [1, 9])
def test_what_is_noted_after_a_torn_line_is_known(lost):
    note_renamings([Renaming(old=A, until_s=10, new=B, since_s=12)])
    note_renamings([Renaming(old=C, until_s=10, new=B, since_s=12)])
    renamed_file().write_bytes(renamed_file().read_bytes()[:-lost])  # as a crash leaves it
    note_renamings([Renaming(old=B, until_s=20, new=C, since_s=21)])
    assert (now(A, 9), now(B, 15)) == (C, C)
