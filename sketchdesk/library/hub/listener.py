"""Whom a download tells how it goes."""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """What a download needs of the one who asked for it. `check` and `bytes_done` may raise, which ends it."""

    def stage(self, name: str, index: int = 0, total: int = 1) -> None:
        """A part of the work begins: "asking", "checking", "downloading"."""

    def bytes_done(self, done: int, total: int) -> None:
        """So many bytes of the stage are done; called with every packet."""

    def notice(self, message: str) -> None:
        """Something the person should know; the work goes on."""

    def check(self) -> None:
        """Called wherever the work can stop."""


class Nobody:
    """A listener who does not listen: for work that nobody waits for."""

    def stage(self, name: str, index: int = 0, total: int = 1) -> None:
        """Say nothing."""

    def bytes_done(self, done: int, total: int) -> None:
        """Say nothing."""

    def notice(self, message: str) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Go on."""
