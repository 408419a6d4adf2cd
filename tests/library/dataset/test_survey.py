"""A data set as its page shows it: found too small by the resolution it would be trained at."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.library.dataset.survey import survey


@pytest.mark.parametrize(("resolution", "small"), [(None, 1), (128, 1), (32, 0)])
def test_where_no_resolution_is_named_pictures_are_too_small_for_the_models_own(tmp_path: Path, resolution, small):
    """demo-base draws 128 × 128 pixels."""
    for name, side in (("small", 64), ("large", 128)):
        Image.new("RGB", (side, side), "red").save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.txt").write_text(f"a {name} square")
    job = TrainJob(model="demo-base", dataset=str(tmp_path), out_dir="", resolution=resolution)
    report = survey(job).report
    assert (report.pictures, report.count(Flaw.SMALL)) == (2, small)
