"""Notes lie in their run's folder."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.runs.notes import FILE, read_notes, write_notes


def test_notes_come_back_as_they_were_and_empty_ones_leave_nothing(tmp_path):
    assert read_notes(tmp_path) == ""
    write_notes(tmp_path, "más\ntinta\n")
    assert read_notes(tmp_path) == "más\ntinta\n"
    write_notes(tmp_path, "  ")
    assert not (tmp_path / FILE).exists()
    write_notes(tmp_path, "")


def test_notes_of_a_run_that_is_gone_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SketchDeskError):
        write_notes(tmp_path / "file" / "run", "text")
