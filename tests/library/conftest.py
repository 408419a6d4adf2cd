"""No test sees the models that the person who runs it has in the hub's cache; and someone to tell of a download."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def data_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty data folder of every test, with an empty hub cache in it."""
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "hub-cache"))
    return home


class StopError(Exception):
    """The person pressed stop."""


@dataclass
class Heard:
    """Remembers what it is told of a download; from `stop_at` bytes on it wants no more, and raises StopError."""

    stages: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    steps: list[tuple[int, int]] = field(default_factory=list)
    stop_at: int | None = None

    def stage(self, name: str, index: int = 0, total: int = 1) -> None:
        self.stages.append(name)

    def bytes_done(self, done: int, total: int) -> None:
        assert 0 <= done <= total
        self.steps.append((done, total))
        if self.stop_at is not None and done >= self.stop_at:
            raise StopError

    def notice(self, message: str) -> None:
        self.notices.append(message)

    def check(self) -> None:
        """Go on."""


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def stop_error() -> type[StopError]:
    """What is raised where a download is stopped."""
    return StopError
