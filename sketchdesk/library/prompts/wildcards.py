"""Wildcards in prompts: `{red|green|blue}` becomes one of its choices, another one for every image."""

from __future__ import annotations

import random

DEEPEST = 50
"""Braces inside braces beyond this stay as they are."""


def has_choices(text: str) -> bool:
    """Tell whether a text holds anything to choose from."""
    return "{" in text and "|" in text and "}" in text


def expand(text: str, seed: int) -> str:
    """Return the text with every choice made; the same text and seed always give the same.

    Choices may stand in choices and may be empty. Behind a backslash a brace or a bar is just a sign; braces without
    a choice, or never closed, stay as they are. Never fails.
    """
    if not has_choices(text):
        return text
    return _Reader(text, random.Random(f"{seed} {text}")).read()


class _Reader:
    """Reads a text once, from left to right."""

    def __init__(self, text: str, chance: random.Random) -> None:
        self._text = text
        self._at = 0
        self._chance = chance

    def read(self) -> str:
        read = ""
        while self._at < len(self._text):
            read += self._piece(0)
        return read

    def _piece(self, depth: int) -> str:
        """Return the next sign, or what the braces that begin here become."""
        sign = self._text[self._at]
        self._at += 1
        following = self._text[self._at : self._at + 1]
        if sign == "\\" and following and following in "{|}":
            self._at += 1
            return following
        return self._choice(depth + 1) if sign == "{" and depth < DEEPEST else sign

    def _choice(self, depth: int) -> str:
        """Read up to the closing brace and return one of the choices; as it stands where there are none."""
        choices = [""]
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign in "|}":
                self._at += 1
                if sign == "|":
                    choices.append("")
                    continue
                if len(choices) == 1:
                    return "{" + choices[0] + "}"
                return choices[int(self._chance.random() * len(choices))].strip()
            choices[-1] += self._piece(depth)
        return "{" + "|".join(choices)
