"""The files of a repository, as they are spoken of before any of them is here. No client of the hub in this module."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

RepositoryKind = Literal["model", "dataset"]


class HubFile(Struct, frozen=True, kw_only=True):
    """One file of a repository."""

    path: str
    size_bytes: int
    digest: str
    """SHA-256 (64 digits) of a large file, git's SHA-1 (40 digits) of a small one."""


class Repository(Struct, frozen=True, kw_only=True):
    """A repository at one commit, at which its files cannot change any more."""

    name: str
    commit: str
    licence: str
    files: tuple[HubFile, ...]
    kind: RepositoryKind = "model"
