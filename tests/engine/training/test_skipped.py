"""Steps that could not be done are counted, over a resume as well; too many in a row end the run."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.training.skipped import Skipped


def test_single_steps_are_counted_and_three_in_a_row_end_the_run_that_was_resumed_between():
    skipped = Skipped(3)
    skipped.note(1, True)
    assert skipped.told == {}
    for number, is_done in enumerate((False, False, True, False, False), 2):
        skipped.note(number, is_done)
    assert skipped.told == {"skipped_steps": 4.0}
    resumed = Skipped(3)
    resumed.load_state(skipped.state())
    with pytest.raises(SketchDeskError, match="7") as told:
        resumed.note(7, False)
    assert (told.value.kind, resumed.count) == (ErrorKind.NOT_FINITE, 5)
