"""Whether a pickle names anything but what weights are made of, told from its instructions; none is carried out.

To name something is to import it, which runs code by itself.
"""

from __future__ import annotations

import pickletools
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

LARGEST_PICKLE_BYTES = 64 * 2**20
"""What is looked at of each: instructions, not the numbers, which lie behind or beside them."""
OLD_FORMAT_PICKLES = 5
"""torch's old format is so many pickles in a row, then the numbers."""

_STRINGS = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING"}
_EXTENSIONS = {"EXT1", "EXT2", "EXT4"}

_NAME = re.compile(r"[A-Za-z_][\w.]* [A-Za-z_][\w.]*")
_OF_WEIGHTS = re.compile(
    r"collections (OrderedDict|Counter|defaultdict)|_codecs encode"
    r"|torch (\w*Storage|Size|device|dtype|Tensor|u?int\d+|float\d+|bfloat16|half|double|bool)"
    r"|torch\.storage (UntypedStorage|TypedStorage)|torch\._tensor _rebuild_from_type_v2|torch\._utils _rebuild_\w+"
    r"|torch\.nn\.parameter \w*Parameter"
)
"""What the pickles of plain checkpoints name."""


def calls_code(path: Path) -> bool:
    """Tell whether a file names something else than weights are made of.

    A damaged file counts up to its damage, as it would when read. Never raises.
    """
    return any(_calls(stream) for stream in _pickles(path))


def _calls(stream: BytesIO) -> bool:
    for _number in range(OLD_FORMAT_PICKLES):
        strings = ["?", "?"]
        try:
            for opcode, argument, _place in pickletools.genops(stream):
                if opcode.name in _STRINGS:
                    strings = [strings[-1], str(argument)]
                elif (named := _named(opcode.name, argument, strings)) and _is_foreign(named):
                    return True
        except Exception:  # noqa: BLE001 - of a damaged pickle pickletools raises whatever it stumbles over
            return False
    return False


def _named(opcode: str, argument: object, strings: list[str]) -> str:
    """Return what an instruction names, "module name", "" where it names nothing."""
    if opcode in ("GLOBAL", "INST"):
        return str(argument)
    if opcode == "STACK_GLOBAL":
        return " ".join(strings)
    return "? ?" if opcode in _EXTENSIONS else ""


def _is_foreign(named: str) -> bool:
    if named == "? ?":
        return True
    return bool(_NAME.fullmatch(named)) and not _OF_WEIGHTS.fullmatch(named)


def _pickles(path: Path) -> Iterator[BytesIO]:
    """Yield the pickles of a file, those of an archive one by one."""
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                yield BytesIO(file.read(LARGEST_PICKLE_BYTES))
            return
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".pkl"):
                    with archive.open(name) as file:
                        yield BytesIO(file.read(LARGEST_PICKLE_BYTES))
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        return
