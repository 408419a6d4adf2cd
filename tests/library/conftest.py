"""No test sees, or writes to, the data folder or the hub cache of the person who runs it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SKETCHDESK_HOME", str(folder))
    monkeypatch.setenv("HF_HUB_CACHE", str(folder / "hub-cache"))
    return folder
