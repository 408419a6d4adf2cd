from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.hub.verify import verify_model


def test_a_model_that_is_gone_is_told_and_ends_nothing_else(tmp_path: Path):
    with pytest.raises(SketchDeskError) as caught:
        verify_model(tmp_path / "gone", lambda _done, _total: None)
    assert caught.value.kind is ErrorKind.MODEL_UNREADABLE
