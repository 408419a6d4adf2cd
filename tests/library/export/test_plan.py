"""Any export, wherever it is to go."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.export.outcome import no_progress
from sketchdesk.library.export.plan import ExportPlan, Kind

NAMES = {"folder": "out", "zip": "out.zip", "sheet": "out.png", "page": "out.html", "table": "out.csv"}


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_kind_makes_its_folder(make, tmp_path, kind):
    target = tmp_path / "new" / "deeper" / NAMES[kind]
    done = ExportPlan(kind=kind, target=target).run([make(), make()], no_progress)
    assert (done.images, done.target.exists()) == (2, True)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_place_that_cannot_be_written_to_is_told_and_no_picture_is_blamed(make, tmp_path, kind):
    (tmp_path / "file").write_text("in the way")
    places = [tmp_path / "file" / "below", Path("/proc/nowhere")]
    for place in (place for place in places if place.parent.exists()):
        with pytest.raises(SketchDeskError) as caught:
            ExportPlan(kind=kind, target=place / NAMES[kind]).run([make()], no_progress)
        assert caught.value.kind is ErrorKind.NOT_WRITABLE
