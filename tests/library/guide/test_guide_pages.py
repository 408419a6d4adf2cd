"""The pages themselves: alike in every language, and every link and picture leads somewhere."""

from __future__ import annotations

import re

import pytest

from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.library.guide.pages import PAGES, place_of, read_page
from sketchdesk.library.paths import resource

EVERY = [(name, language) for name in PAGES for language in LANGUAGES]
LARGEST_PICTURE_BYTES = 150_000


def text_of(name: str, language: str) -> str:
    return resource(f"guide/{language}/{name}.md").read_text(encoding="utf-8")


def test_there_is_no_page_that_is_not_listed() -> None:
    for language in LANGUAGES:
        assert {file.stem for file in resource(f"guide/{language}").glob("*.md")} == set(PAGES)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_page_has_the_same_headings_in_every_language(name: str, language: str) -> None:
    shape = [(section.level, section.anchor) for section in read_page(name, language).sections]
    assert shape == [(section.level, section.anchor) for section in read_page(name, "en").sections]
    anchors = [anchor for _level, anchor in shape[1:]]
    assert shape[0] == (1, "")
    assert all(anchors)
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_page_has_the_same_code_links_and_tables_in_every_language(name: str, language: str) -> None:
    def fixed(text: str) -> tuple[list[str], list[str], int]:
        code = re.findall(r"```\n(.*?)```", text, re.DOTALL)
        links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)]*)\)", text)
        return code, links, text.count("\n|")

    assert fixed(text_of(name, language)) == fixed(text_of(name, "en"))


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_link_leads_to_a_heading(name: str, language: str) -> None:
    for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)]*)\)", text_of(name, language)):
        place = place_of(link, name)
        assert place is not None, link
        assert place.anchor in {section.anchor for section in read_page(place.page, language).sections}, link


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_picture_is_there_small_in_the_page_s_language_and_in_both_themes(name: str, language: str) -> None:
    for alt, link in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text_of(name, language)):
        path = resource(f"guide/{language}") / link
        dark = path.with_name(path.name.replace("-light.", "-dark."))
        assert alt
        assert link.startswith(f"../pictures/{language}/")
        assert path != dark
        assert 0 < path.stat().st_size < LARGEST_PICTURE_BYTES
        assert 0 < dark.stat().st_size < LARGEST_PICTURE_BYTES


def test_no_picture_lies_about_that_no_page_shows() -> None:
    shown = {
        (resource(f"guide/{language}") / link).resolve().name
        for name, language in EVERY
        for link in re.findall(r"!\[[^\]]*\]\(([^)]*)\)", text_of(name, language))
    }
    shown |= {name.replace("-light.", "-dark.") for name in shown}
    assert {file.name for file in resource("guide/pictures").rglob("*.png")} == shown
