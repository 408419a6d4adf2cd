"""Which files of a repository a model needs: the smallest safetensors set, and the configurations beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.files.loose import text as loose_text
from sketchdesk.library.hub.files import HubFile, Repository
from sketchdesk.library.models.installed import NOT_LOADED
from sketchdesk.library.models.kind import LORA_FOLDER_FILES, NETWORK_FILE, PEFT_SETTINGS_FILE, PIPELINE_FILE
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES

Weights = Literal["fp32", "fp16"]

CARD_FILES = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")
_PLAIN_SUFFIXES = (".json", ".txt", ".model")
"""Configurations, vocabularies and merges."""
_LARGEST_PLAIN_BYTES = 50 * 1024**2

_WEIGHTS = re.compile(
    r"(?P<stem>.+?)(?P<shard>-\d{5}-of-\d{5})?(?:\.(?P<variant>fp16|non_ema|ema|fp32|bf16))?"
    r"(?P<late>-\d{5}-of-\d{5})?\.safetensors"
)
_STEMS = ("diffusion_pytorch_model", "model")
"""What diffusers and transformers call a network's weights."""


def files_needed(repository: Repository, index: dict[str, Any] | None, weights: Weights) -> tuple[HubFile, ...]:
    """Return the files of a pipeline (`index` is its model_index.json) or, without one, of a single network or a LoRA.

    Raises SketchDeskError: UNSAFE_WEIGHTS where a part has its weights only in formats that can run code, HUB_NOT_FOUND
    where the repository holds no such model.
    """
    paths = {file.path for file in repository.files}
    if index is None and NETWORK_FILE not in paths:
        lora = next((name for name in LORA_FOLDER_FILES if name in paths), None)
        if lora is None:
            raise _nothing(repository)
        return tuple(file for file in repository.files if file.path in (*CARD_FILES, PEFT_SETTINGS_FILE, lora))
    chosen = [file for file in repository.files if file.path in (*CARD_FILES, PIPELINE_FILE)]
    for part in _parts(index):
        chosen += _of_part(repository, part, weights)
    return tuple(dict.fromkeys(chosen))


def lone_file(repository: Repository) -> str:
    """Return the path of the weight file that is all a repository holds, "" where it holds a model of several files.

    Raises SketchDeskError(BAD_INPUT) that names the weight files where there are several and nothing but them.
    """
    paths = [file.path for file in repository.files]
    if {PIPELINE_FILE, NETWORK_FILE, *LORA_FOLDER_FILES}.intersection(paths):
        return ""
    safe = [path for path in paths if path.endswith(SAFE_SUFFIX)]
    outer = [path for path in safe if "/" not in path] or safe
    if len(outer) > 1:
        text = _("“{name}” holds {count} models, a file each. Name one, such as {example}; there are: {files}")
        example, files = f"{repository.name}/{outer[0]}", ", ".join(sorted(outer))
        message = text.format(name=repository.name, count=len(outer), example=example, files=files)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    return "".join(outer)


def one_file(repository: Repository, path: str) -> tuple[HubFile, ...]:
    """Return a weight file by its path. Raises SketchDeskError: HUB_NOT_FOUND, UNSAFE_WEIGHTS."""
    found = tuple(file for file in repository.files if file.path == path)
    if not found:
        raise SketchDeskError(ErrorKind.HUB_NOT_FOUND, f"{repository.name}/{path}")
    if PurePosixPath(path).suffix.lower() != SAFE_SUFFIX:
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, path)
    return found


def _nothing(repository: Repository) -> SketchDeskError:
    """Return the error for a repository without a model: what it holds can run code, or is nothing of the kind."""
    unsafe = [file.path for file in repository.files if PurePosixPath(file.path).suffix in UNSAFE_SUFFIXES]
    if unsafe:
        return SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, f"{repository.name}/{unsafe[0]}")
    return SketchDeskError(ErrorKind.HUB_NOT_FOUND, f"{repository.name}/{PIPELINE_FILE}")


def _parts(index: dict[str, Any] | None) -> list[str]:
    """Return the folders of a pipeline, or "." for a network that is a repository of its own."""
    if index is None:
        return ["."]
    named = {name: value for name, value in index.items() if isinstance(value, list) and name not in NOT_LOADED}
    return [name for name, value in named.items() if any(value)]


def _of_part(repository: Repository, part: str, weights: Weights) -> list[HubFile]:
    inside = [file for file in repository.files if str(PurePosixPath(file.path).parent) == part]
    plain = [file for file in inside if file.path.endswith(_PLAIN_SUFFIXES) and file.size_bytes <= _LARGEST_PLAIN_BYTES]
    safe = _smallest_set([file for file in inside if file.path.endswith(SAFE_SUFFIX)], weights)
    unsafe = any(PurePosixPath(file.path).suffix in UNSAFE_SUFFIXES for file in inside)
    if unsafe and not safe:
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, f"{repository.name}/{part}".removesuffix("/."))
    # An index lists the shards of one set of weights; those of the sets that stay behind would only confuse.
    shards = {_variant(file) for file in safe if _shard(file)}
    return [file for file in plain if not _is_shard_index(file) or _index_variant(file) in shards] + safe


def _smallest_set(files: Sequence[HubFile], weights: Weights) -> list[HubFile]:
    """Return one network's weights in the precision wished for, or in the other where there is only that."""
    groups: dict[tuple[str, str], list[HubFile]] = {}
    for file in files:
        if (found := _WEIGHTS.fullmatch(PurePosixPath(file.path).name)) is not None:
            groups.setdefault((found["stem"], found["variant"] or ""), []).append(file)
    ranks = {"": 0, "fp32": 1, "fp16": 2, "bf16": 3} if weights == "fp32" else {"fp16": 0, "bf16": 1, "": 2, "fp32": 3}

    def order(group: tuple[str, str]) -> tuple[int, int, int]:
        stem, variant = group
        known = _STEMS.index(stem) if stem in _STEMS else len(_STEMS)
        return known, ranks.get(variant, len(ranks)), _size(groups[group])

    return groups[min(groups, key=order)] if groups else []


def _variant(file: HubFile) -> str:
    found = _WEIGHTS.fullmatch(PurePosixPath(file.path).name)
    return found["variant"] or "" if found else ""


def _shard(file: HubFile) -> bool:
    found = _WEIGHTS.fullmatch(PurePosixPath(file.path).name)
    return found is not None and bool(found["shard"] or found["late"])


def _is_shard_index(file: HubFile) -> bool:
    return ".index." in file.path or file.path.endswith(".index.json")


def _index_variant(file: HubFile) -> str | None:
    """Return which weights an index of shards is for; None for an index of another format."""
    name = PurePosixPath(file.path).name
    if SAFE_SUFFIX not in name:
        return None
    return next((variant for variant in ("fp16", "bf16", "non_ema", "ema", "fp32") if f".{variant}." in name), "")


def precision_taken(files: Iterable[HubFile]) -> str:
    """Return "fp16" where any weight file is of that variant, else "fp32", as a download's manifest says it."""
    return "fp16" if any(loose_text(_variant(file)) in ("fp16", "bf16") for file in files) else "fp32"


def _size(files: Iterable[HubFile]) -> int:
    return sum(file.size_bytes for file in files)
