"""Find by a few letters: every letter of what was typed, in order, and the more they belong together the better."""

from __future__ import annotations

import unicodedata

_START, _TOGETHER, _LETTER = 8, 5, 1


def score(query: str, text: str) -> int | None:
    """Return how well `text` fits, higher is better, or None where a letter is missing.

    Capitals and accents make no difference. Letters at the beginning of a word and letters that follow one another
    count more; of two texts that fit alike the shorter is better.
    """
    wanted, held = _plain(query).replace(" ", ""), _plain(text)
    if not wanted:
        return 0
    whole = held.find(_plain(query).strip())
    if whole >= 0:
        begins = whole == 0 or not held[whole - 1].isalnum()
        place = _START if begins else 0
        return len(wanted) * (_START + _TOGETHER) + place + (_START if whole == 0 else 0) - len(held) // 8
    walks = (_walk(wanted, held, by_words) for by_words in (True, False))
    return max((points - len(held) // 8 for points in walks if points is not None), default=None)


def _walk(wanted: str, held: str, by_words: bool) -> int | None:
    """Return the points for finding one letter after the other; `by_words` leaps to the beginnings of words."""
    points, last, at = 0, -2, 0
    for letter in wanted:
        found = held.find(letter, at)
        begin = held.find(" " + letter, at) + 1 if by_words else 0
        if begin and found != last + 1:
            found = begin
        if found < 0:
            return None
        points += _LETTER
        points += _TOGETHER if found == last + 1 else 0
        points += _START if found == 0 or not held[found - 1].isalnum() else 0
        last, at = found, found + 1
    return points


def _plain(text: str) -> str:
    """Return the text in small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
