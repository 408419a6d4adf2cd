"""No test sees the models that the person who runs it has in the hub's cache."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty data folder of every test, with an empty hub cache in it."""
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "hub-cache"))
    return home
