"""What does not fit into memory is halved, for all that comes; only one alone may fail."""

from __future__ import annotations

import pytest
import torch

from sketchdesk.contracts.events import Event, Notice
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.reporter import Reporter


def worked(room: int, error: type[Exception] = torch.OutOfMemoryError) -> tuple[list[list[int]], list[str]]:
    """Work through twice five things where so many fit; return the portions that did, and what was told."""
    events: list[Event] = []

    def work(items: range) -> list[int]:
        if len(items) > room:
            raise error("CUDA out of memory")
        return list(items)

    portions = Portions(4, Reporter(events.append))
    done = [made for _time in range(2) for _part, made in portions.of(range(5), work)]
    return done, [event.message for event in events if isinstance(event, Notice)]


def test_all_of_it_is_done_in_smaller_portions_from_then_on():
    assert worked(4) == ([[0, 1, 2, 3], [4]] * 2, [])
    assert worked(2) == ([[0, 1], [2, 3], [4]] * 2, ["Memory ran out; from here on 2 pictures are drawn at a time."])
    done, told = worked(1, MemoryError)
    assert done == [[0], [1], [2], [3], [4]] * 2
    assert [text.split(" here on ")[1][:9] for text in told] == ["2 picture", "1 picture"]


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, ZeroDivisionError])
def test_what_smaller_portions_do_not_help_is_raised(error):
    with pytest.raises(error):
        worked(0, error)
