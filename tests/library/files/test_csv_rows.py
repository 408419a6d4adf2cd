"""Tables of any columns: read back the same, and nothing in them runs in a spreadsheet."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from sketchdesk.library.files.csv_rows import read_rows, with_guard, without_guard, write_rows, write_table


class Row(Struct, frozen=True):
    name: str
    number: int | None = None
    share: float | None = None


def test_rows_are_read_back(tmp_path):
    rows = [Row("a, “b”\nc", 2**63, 0.25), Row("=1+1"), Row("'=x", None, -1e-9)]
    write_rows(tmp_path / "new" / "a.csv", Row, rows)
    assert read_rows(tmp_path / "new" / "a.csv", Row) == rows


def test_a_table_has_empty_cells_for_none_and_guards_its_header_too(tmp_path):
    path = tmp_path / "a.csv"
    write_table(path, ["=file", "n"], [["+1", None], ["plain", 0.123456789]])
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["'=file", "n"], ["'+1", ""], ["plain", "0.123457"]]


@given(st.text())
def test_a_guard_comes_off_as_it_went_on(text):
    assert without_guard(with_guard(text)) == text
    assert not with_guard(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))


@pytest.mark.parametrize("text", ["'tis", "plain", "", "a=b"])
def test_ordinary_texts_stay_as_they_are(text):
    assert with_guard(text) == without_guard(text) == text
