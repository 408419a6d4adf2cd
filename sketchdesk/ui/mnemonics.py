"""The underlined letters of a menu: one letter for one entry, whatever the language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_ESCAPED = "\0"
"""Stands for "&&", which shows an ampersand."""


def mnemonic_of(text: str) -> str:
    """Return the letter after the "&", small; "" where there is none."""
    _before, found, after = text.replace("&&", _ESCAPED).partition("&")
    return after[0].casefold() if found and after else ""


def distinct(texts: Sequence[str]) -> list[str]:
    """Return the texts of one menu with no two mnemonics alike.

    Of two alike the first stays; the other text takes another of its letters, one that begins a word if it can, or
    has none where all are taken.
    """
    taken: set[str] = set()
    keeps = []
    for text in texts:
        letter = mnemonic_of(text)
        keeps.append(letter not in taken)
        taken |= {letter} - {""}
    return [text if kept else _with_another(text, taken) for text, kept in zip(texts, keeps, strict=True)]


def _with_another(text: str, taken: set[str]) -> str:
    """Return the text with a mnemonic that is not taken, which is taken then."""
    plain = text.replace("&&", _ESCAPED).replace("&", "")
    for place in _places(plain):
        letter = plain[place].casefold()
        if letter not in taken:
            taken.add(letter)
            plain = f"{plain[:place]}&{plain[place:]}"
            break
    return plain.replace(_ESCAPED, "&&")


def _places(plain: str) -> Iterator[int]:
    letters = [place for place, sign in enumerate(plain) if sign.isalpha() and sign.isascii()]
    yield from (place for place in letters if place == 0 or plain[place - 1] == " ")
    yield from letters
