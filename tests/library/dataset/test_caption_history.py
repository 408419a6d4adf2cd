"""Changes of captions can be taken back one by one; what one job writes is one change."""

from __future__ import annotations

from sketchdesk.library.dataset.caption_history import CaptionHistory
from sketchdesk.library.dataset.captions import CaptionEdits, Edit


def test_every_change_is_taken_back_in_its_turn():
    history = CaptionHistory(CaptionEdits("x", {"a": Edit("first")}))
    history.change({"a": Edit("second"), "b": Edit("new")})
    history.change({"a": None})
    assert history.edits.edits == {"b": Edit("new")}
    assert history.undo() == {"a": Edit("second")}
    assert history.undo() == {"a": Edit("first"), "b": None}
    assert history.edits.edits == {"a": Edit("first")}
    assert not history.can_undo
    assert history.undo() == {}


def test_what_a_job_writes_bit_by_bit_is_one_change():
    history = CaptionHistory(CaptionEdits("x"))
    history.change({"a": Edit("dog", "blip")}, "job")
    history.change({"c": Edit("by hand")})
    history.change({"b": Edit("cat", "blip")}, "job")
    assert history.undo() == {"c": None}
    assert history.undo() == {"a": None, "b": None}
    assert history.edits.edits == {}
