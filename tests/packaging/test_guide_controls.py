"""What the guide calls **so** is called so: in the source for English, in a language's catalogue for its pages."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from sketchdesk.library.guide.pages import PAGES, read_page

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("translations", ROOT / "packaging" / "translations.py")
translations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(translations)

CONTROL = re.compile(r"\*\*(.+?)\*\*")
LEAST_LETTERS = 6
"""So much of a message must be words of its own for it to be known among others with something filled in."""

Forms = tuple[str, ...]


def plain(text: str) -> str:
    """Return a text as it is seen: without mnemonics, dots and capitals."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…. ").casefold()


def forms_of(message: str | Forms) -> Forms:
    return (message,) if isinstance(message, str) else message


def pattern(message: str) -> re.Pattern[str] | None:
    """Return what recognises a message with its places filled in; None where there is too little of it."""
    pieces = re.split(r"\{\w+\}", plain(message))
    if len(pieces) == 1 or sum(sign.isalpha() for sign in "".join(pieces)) < LEAST_LETTERS:
        return None
    return re.compile(".*?".join(re.escape(piece.strip()) for piece in pieces) + ".?")


def says(message: str, control: str) -> bool:
    found = pattern(message)
    return plain(message) == plain(control) or bool(found and found.fullmatch(plain(control)))


@cache
def source() -> tuple[tuple[Forms, str | None], ...]:
    """Return every message of the program with its context."""
    return tuple((forms_of(message.id), message.context) for message in translations.extract() if message.id)


@cache
def messages_of(control: str) -> tuple[tuple[Forms, str | None], ...]:
    """Return the messages a control of an English page may stand for: those that are it, else those that fit."""
    exact = [entry for entry in source() if any(plain(form) == plain(control) for form in entry[0])]
    return tuple(exact or (entry for entry in source() if any(says(form, control) for form in entry[0])))


@cache
def catalogue(language: str):
    return translations.read(language)


def translated(entry: tuple[Forms, str | None], language: str) -> Forms:
    """Return a message in a language; nothing where it has not been translated yet, which another test tells."""
    forms, context = entry
    message = catalogue(language).get(forms if len(forms) > 1 else forms[0], context)
    return tuple(form for form in forms_of(message.string) if form) if message else ()


def controls(name: str, language: str) -> list[tuple[str, list[str]]]:
    """Return each section's title with what it names."""
    return [(section.title, CONTROL.findall(section.body)) for section in read_page(name, language).sections]


@pytest.mark.parametrize("name", PAGES)
def test_every_control_of_an_english_page_is_in_the_program(name: str) -> None:
    named = {control for _title, found in controls(name, "en") for control in found}
    assert sorted(control for control in named if not messages_of(control)) == []


@pytest.mark.parametrize("language", ["es", "pt"])
@pytest.mark.parametrize("name", PAGES)
def test_every_control_of_a_translated_page_is_called_as_in_the_program(name: str, language: str) -> None:
    wrong: list[str] = []
    for (_title, asked), (title, given) in zip(controls(name, "en"), controls(name, language), strict=True):
        left, unknown = set(given), 0
        for control in dict.fromkeys(asked):
            names = [form for entry in messages_of(control) for form in translated(entry, language)]
            fitting = {one for one in given if any(says(form, one) for form in names)}
            left -= fitting
            unknown += not names
            if names and not fitting:
                wrong.append(f"{title}: {control} should be one of {sorted(set(names))}")
        if len(left) > unknown:
            wrong.append(f"{title}: {sorted(left)} are nothing in the English page")
    assert wrong == []


def test_the_guide_is_in_the_wheel_and_in_the_bundle() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"]["resources"] == "sketchdesk/resources"
    assert not any("guide" in str(part) for part in build.get("exclude", []))
    spec = (ROOT / "packaging" / "sketchdesk.spec").read_text(encoding="utf-8")
    assert 'datas = [(str(ROOT / "resources"), "resources")' in spec
