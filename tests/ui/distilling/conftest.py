"""Models and threads for the wizard's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sketchdesk.library.models.installed import ModelEntry, resolve_model
from sketchdesk.workers.background import Background


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    made.shutdown()


@pytest.fixture
def models(tmp_path) -> list[ModelEntry]:
    fields = {"path": tmp_path, "origin": "linked", "prediction_type": "epsilon", "family": "stable_diffusion"}
    return [
        ModelEntry(name="demo-base", **(fields | {"path": resolve_model("demo-base"), "origin": "shipped"})),
        ModelEntry(name="flow", **(fields | {"family": "instaflow", "prediction_type": ""})),
        ModelEntry(name="broken", **(fields | {"problem": "A file is missing."})),
        ModelEntry(name="clip", **(fields | {"family": "clip"})),
    ]
