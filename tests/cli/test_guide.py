from __future__ import annotations

import re
import shlex

import pytest

from sketchdesk.cli.main import build_parser
from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.library.guide.pages import PAGES, read_page

COMMAND = re.compile(r"^sketchdesk .+$", re.MULTILINE)


def examples() -> list[str]:
    """Return every command that stands on a line of its own, on any page in any language, once."""
    pages = (read_page(name, language) for name in PAGES for language in LANGUAGES)
    bodies = (section.body for page in pages for section in page.sections)
    found = (command for body in bodies for code in re.findall(r"```\n(.*?)```", body, re.DOTALL)
             for command in COMMAND.findall(code))  # fmt: skip
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("command", examples())
def test_every_example_of_the_guide_is_a_command(command: str) -> None:
    options = build_parser().parse_args(shlex.split(command)[1:])
    assert callable(options.run)


def test_every_command_has_an_example() -> None:
    parser = build_parser()
    commands = next(action.choices for action in parser._actions if action.dest == "command")
    assert {shlex.split(command)[1] for command in examples()} == set(commands)


def test_every_option_and_command_named_in_the_text_exists() -> None:
    """Options between backticks, outside of examples: --fast, --resume, …"""
    help_texts = [build_parser().format_help()]
    commands = next(action.choices for action in build_parser()._actions if action.dest == "command")
    for parser in commands.values():
        help_texts.append(parser.format_help())
        nested = next((action.choices for action in parser._actions if action.dest == "command"), {})
        help_texts += [each.format_help() for each in nested.values()]
    known = set(re.findall(r"--[a-z][a-z-]+", " ".join(help_texts)))
    for name in ("command-line", "fast-drawing", "troubleshooting"):
        for section in read_page(name, "en").sections:
            told = re.findall(r"`[^`\n]*?(--[a-z][a-z-]+)[^`\n]*`", section.body)
            assert set(told) <= known, section.title


def test_the_pages_are_listed_and_shown(run) -> None:
    listed = run("guide", "--json")
    assert listed.code == 0
    assert list(listed.answer["pages"]) == list(PAGES)
    assert listed.answer["pages"]["drawing"] == "Drawing"
    shown = run("guide", "drawing")
    assert shown.code == 0
    assert shown.out.startswith("Drawing\n=======\n")
    assert "**" not in shown.out
    assert run("guide", "drawing", LANGUAGE="es").out.startswith("Dibujar\n")


def test_a_page_that_is_not_there_is_refused_in_words(run) -> None:
    done = run("guide", "cooking", "--json")
    assert done.code == 2
    assert "first-steps" in done.answer["error"]["message"]
