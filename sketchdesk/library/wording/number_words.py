"""Numbers for people: the language's decimal mark and a real minus sign. Files for machines keep the point."""

from __future__ import annotations

from collections.abc import Callable

from sketchdesk.contracts.text import language

MINUS = "\N{MINUS SIGN}"
COMMA_LANGUAGES = frozenset({"es", "pt"})


def localized(written: str) -> str:
    """Return a number that was written with a point, and without groups, as the language in use writes it."""
    shown = written.replace("-", MINUS)
    return shown.replace(".", ",") if language() in COMMA_LANGUAGES else shown


def as_typed(text: str) -> str:
    """Return a number as a person types it: with the decimal mark of the language in use, and a minus of the keyboard.

    `text` is one that was typed, in any language, or written with a point; without groups.
    """
    return with_point(text).replace(".", ",") if language() in COMMA_LANGUAGES else with_point(text)


def with_point(text: str) -> str:
    """Return a number that was typed, in any language, as Python and files have it."""
    return text.replace(",", ".").replace(MINUS, "-")


def number(value: float, digits: int = 3) -> str:
    """Return the value with so many decimals."""
    return localized(f"{value:.{digits}f}")


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign."""
    return localized(f"{value:+.{digits}f}")


def short(value: float) -> str:
    """Return the value with as many decimals as it needs: 7.5, 0.0001."""
    return localized(f"{value:g}")


def span(low: float, high: float, say: Callable[[float], str] = number) -> str:
    """Return a range, e.g. "[0.1, 0.3]"; where the comma is the decimal mark, "[0,1; 0,3]"."""
    mark = ";" if language() in COMMA_LANGUAGES else ","
    return f"[{say(low)}{mark} {say(high)}]"
