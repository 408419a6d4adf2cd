"""Text files that people made: read whole, whatever program saved them."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _

LARGEST_BYTES = 64 * 2**20
"""More than any list or recipe a person writes; a film dropped by mistake is not read into memory."""


def read_text(path: Path) -> str:
    r"""Return a file's text, its line ends as "\n": UTF-8 with or without a mark, or UTF-16 with one.

    Raises SketchDeskError(BAD_INPUT) that names the file, and the line where it stops being text.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for without end
            raise _bad(_("The file {file} cannot be read.").format(file=path))
        if found.st_size > LARGEST_BYTES:
            raise _bad(_("{file} is too large to be a text file.").format(file=path.name))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise _bad(_("The file {file} is not there.").format(file=path), str(error)) from error
    except (OSError, ValueError) as error:
        raise _bad(_("The file {file} cannot be read.").format(file=path), str(error)) from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _not_text(path, line, str(error)) from error
    if "\0" in text:
        raise _not_text(path, text.count("\n", 0, text.index("\0")) + 1, "NUL")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _not_text(path: Path, line: int, details: str) -> SketchDeskError:
    message = _("{file}, line {line}: this is not text in UTF-8; save it again as UTF-8.")
    return _bad(message.format(file=path.name, line=line), details)


def _bad(message: str, details: str = "") -> SketchDeskError:
    return SketchDeskError(ErrorKind.BAD_INPUT, message, details)
