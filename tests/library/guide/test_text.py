from __future__ import annotations

import pytest

from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.library.guide.pages import PAGES, Page, Section, read_page
from sketchdesk.library.guide.text import terminal_text

PAGE = Page("drawing", "en", (
    Section("", 1, "Title", "Some **Control** and `code` with a [link](x.md#y).\n\n![gone](p.png)"),
    Section("a", 2, "Part", "- one item that is long enough to be broken\n- two\n\n```\n# code  stays\n```"),
    Section("b", 2, "Table", "| name | what |\n|---|---|\n| short | it says a thing that is rather long |\n| x | y |"),
))  # fmt: skip


def test_marks_become_plain_and_pictures_go() -> None:
    text = terminal_text(PAGE, 60)
    assert text.startswith("Title\n=====\n\nSome “Control” and code with a link.\n\nPart\n----")
    assert "gone" not in text


def test_lists_hang_and_code_stays() -> None:
    text = terminal_text(PAGE, 30)
    assert "- one item that is long enough\n  to be broken\n- two" in text
    assert "\n  # code  stays\n" in text


def test_a_table_has_columns_and_its_last_one_is_filled() -> None:
    assert terminal_text(PAGE, 40).endswith(
        "name    what\nshort   it says a thing that is rather\n        long\nx       y"
    )


def test_a_table_that_has_no_room_becomes_a_list() -> None:
    assert "short: it says a" in terminal_text(PAGE, 20)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [40, 80, 100])
def test_every_page_fits_into_a_terminal(name: str, language: str, width: int) -> None:
    page = read_page(name, language)
    code = {line for section in page.sections for line in section.body.split("\n")}
    for line in terminal_text(page, width).split("\n"):
        words = line.split()
        assert len(line) <= width or line.strip() in code or len(words) < 3, line
