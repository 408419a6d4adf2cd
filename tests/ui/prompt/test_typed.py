"""Typed and pasted lines mean what those of a .txt list mean, and nothing of them is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.ui.prompt.prompt_list import PromptList
from sketchdesk.ui.prompt.typed import typed


def test_options_are_settings_and_comments_are_left_out():
    rows, problems = typed("# animals\na fox --s 30 --l 7.5\n\na dog --n blur")
    assert rows == [
        PromptRow(prompt="a fox", num_inference_steps=30, guidance_scale=7.5),
        PromptRow(prompt="a dog", negative_prompt="blur"),
    ]
    assert problems == []


@pytest.mark.parametrize(("line", "reason"), [("a fox --ar 3", "no option --ar"), ("a fox --s many", "“many”")])
def test_a_line_that_is_not_understood_stands_as_it_is_and_is_told(qtbot, line, reason):
    rows = PromptList()
    with qtbot.waitSignal(rows.lines_unclear) as told:
        rows.take(typed(f"a dog\n{line}"))
    assert [row.prompt for row in rows.rows()] == ["a dog", line]
    assert "line 2" in told.args[0][0].message
    assert reason in told.args[0][0].message


def test_a_row_that_is_written_anew_takes_options_and_keeps_the_rest():
    rows = PromptList()
    rows.restore([PromptRow(prompt="a fox", seed=3)])
    rows.setData(rows.index(0), "a red fox --s 30")
    assert rows.rows() == (PromptRow(prompt="a red fox", seed=3, num_inference_steps=30),)
    rows.setData(rows.index(0), "#1 fox", Qt.ItemDataRole.EditRole)
    assert rows.rows()[0].prompt == "#1 fox"
