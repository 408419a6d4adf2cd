"""The table of prompts, without its view."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt

from sketchdesk.ui.evaluation.results.prompt_model import INTERVAL_ROLE, PAIRS_ROLE, Column, PromptTable

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def table(qapp, study, folder):
    made = PromptTable()
    made.show_variant(study, folder, study.variants[0])
    return made


def column(table, which, role=Qt.ItemDataRole.DisplayRole):
    return [table.index(row, which).data(role) for row in range(table.rowCount())]


def test_a_row_says_means_difference_drawings_and_pictures(table, folder):
    assert column(table, Column.PROMPT) == ["a fox", "an owl", "a zebra"]
    assert column(table, Column.BASE) == ["0.200"] * 3
    assert column(table, Column.TUNED) == ["0.300", "0.150", "0.400"]
    assert column(table, Column.DIFFERENCE) == ["+0.100", "−0.050", "+0.200"]
    assert column(table, Column.DRAWINGS) == ["1 / 2"] * 3
    pairs = column(table, Column.PICTURES, PAIRS_ROLE)[0]
    assert pairs == (
        (folder / "images/1/base/0-0.png", folder / "images/1/tuned/0-0.png"),
        (folder / "images/1/base/0-1.png", folder / "images/1/tuned/0-1.png"),
    )
    titles = [table.headerData(each, Qt.Orientation.Horizontal) for each in Column]
    assert titles[1:4] == ["Base", "Fine-tuned", "Difference, 95 % interval"]


def test_rows_are_sorted_by_any_column_and_stay_what_they_are(table, study, folder):
    fox = QPersistentModelIndex(table.index(0, 0))
    table.sort(Column.DIFFERENCE, DESCENDING)
    assert column(table, Column.PROMPT) == ["a zebra", "a fox", "an owl"]
    assert (fox.row(), fox.data()) == (1, "a fox")
    table.sort(Column.PROMPT, ASCENDING)
    assert column(table, Column.PROMPT) == ["a fox", "a zebra", "an owl"]
    table.sort(Column.DIFFERENCE, ASCENDING)
    table.show_variant(study, folder, study.variants[1])  # there every difference has the other sign
    assert column(table, Column.PROMPT) == ["a zebra", "a fox", "an owl"]


def test_what_was_not_measured_comes_last_in_either_order(qapp, study, folder):
    variant = study.variants[0]
    part = msgspec.structs.replace(
        variant.cosine, by_prompt={name: found for name, found in variant.cosine.by_prompt.items() if name != "a fox"}
    )
    table = PromptTable()
    table.show_variant(study, folder, msgspec.structs.replace(variant, cosine=part))
    for order in (ASCENDING, DESCENDING):
        table.sort(Column.DIFFERENCE, order)
        assert column(table, Column.PROMPT)[-1] == "a fox"
    assert column(table, Column.DIFFERENCE)[-1] == "–"


def test_all_whiskers_share_a_scale_with_zero_in_it(table):
    assert table.scale == pytest.approx((-0.07, 0.22))
    assert [found.mean for found in column(table, Column.DIFFERENCE, INTERVAL_ROLE)] == pytest.approx([0.1, -0.05, 0.2])


def test_without_a_comparison_every_model_has_its_own_rows(qapp, study, folder):
    variant = msgspec.structs.replace(study.variants[0], cosine=None)
    table = PromptTable()
    table.show_variant(study, folder, variant)
    assert table.rowCount() == 6
    assert column(table, Column.BASE)[:2] == ["base", "fine-tuned"]
    assert column(table, Column.TUNED)[:2] == ["0.200", "0.300"]
    assert table.scale[0] > 0
    assert len(column(table, Column.PICTURES, PAIRS_ROLE)[0]) == 2
