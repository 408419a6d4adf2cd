"""Values that other programs wrote, read without trust: the right type or None."""

from __future__ import annotations

import math
import re
from typing import Any

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_LIMITS = range(-(2**63), 2**64)


def whole(value: object) -> int | None:
    """Return a whole number of at most 64 bits, from a number or a text, or None."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    elif not isinstance(value, int) or isinstance(value, bool):
        found = number(value)
        value = int(found) if found is not None and found.is_integer() else None
    return value if isinstance(value, int) and value in _LIMITS else None


def number(value: object) -> float | None:
    """Return a finite number, from a number or a text, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def text(value: object) -> str:
    """Return a text, or an empty one where there is none; half signs (lone surrogates) become question marks."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    """Return a dict, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return a list, or an empty one where there is none."""
    return value if isinstance(value, list) else []
