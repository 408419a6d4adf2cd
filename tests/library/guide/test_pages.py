from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.library.guide.pages import PAGES, Place, place_of, read_page, search, words_of


def test_a_page_has_a_title_and_sections_with_what_stands_under_them() -> None:
    page = read_page("drawing", "en")
    assert page.title == "Drawing"
    seeds = next(section for section in page.sections if section.anchor == "seeds")
    assert (seeds.level, seeds.title) == (2, "Seeds")
    assert seeds.body.startswith("A seed is the number")
    assert "<a id" not in page.markdown
    assert "\n## Seeds\n" in page.markdown


def test_a_sharp_in_a_piece_of_code_is_no_heading() -> None:
    lists = next(section for section in read_page("drawing", "en").sections if section.anchor == "lists")
    assert "\n# animals\n" in lists.body


def test_a_language_without_a_guide_reads_english() -> None:
    assert read_page("drawing", "fr") == read_page("drawing", "en")


def test_a_page_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(SketchDeskError) as caught:
        read_page("cooking", "en")
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert "cooking" in caught.value.message
    assert "first-steps" in caught.value.message


@pytest.mark.parametrize(
    ("link", "page", "place"),
    [
        ("drawing.md#seeds", "gallery", Place("drawing", "seeds")),
        ("drawing.md", "gallery", Place("drawing")),
        ("#seeds", "drawing", Place("drawing", "seeds")),
        ("drawing#seeds", "", Place("drawing", "seeds")),
        ("", "", None),
        ("cooking.md", "drawing", None),
        ("https://example.org/drawing.md", "drawing", None),
    ],
)
def test_links_lead_to_places(link: str, page: str, place: Place | None) -> None:
    assert place_of(link, page) == place
    if place:
        assert place_of(str(place)) == place


def test_every_word_must_be_found_and_titles_come_first() -> None:
    found = search("seed", "en")
    assert found[0].place == Place("drawing", "seeds")
    assert {each.place for each in search("seed dice", "en")} < {each.place for each in found}
    assert search("seed zeppelin", "en") == []
    assert search("  ", "en") == []


def test_capitals_accents_and_the_ends_of_words_make_no_difference() -> None:
    wanted = Place("drawing", "seeds")
    assert wanted in [each.place for each in search("SEMI", "es")]
    assert Place("training", "ema") in [each.place for each in search("media", "es")]
    assert [each.place for each in search("orientacao", "pt")] == [each.place for each in search("orientação", "pt")]
    assert Place("drawing", "guidance") in [each.place for each in search("orientacao", "pt")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_finds_itself(language: str) -> None:
    for name in PAGES:
        for section in read_page(name, language).sections:
            assert Place(name, section.anchor) in [each.place for each in search(section.title, language)]


def test_an_excerpt_shows_the_word_that_was_found() -> None:
    found = next(each for each in search("dice", "en") if each.place.anchor == "seeds")
    assert "dice" in found.excerpt
    assert len(found.excerpt) < 100


def test_words_without_marks() -> None:
    assert words_of("**Bold** and `code`, a [link](x.md#y)\n\n![picture](p.png)\n\n| a | b |\n|---|---|\n") == (
        "Bold and code , a link a b"
    )
