"""Text cannot become markup."""

from __future__ import annotations

from html.parser import HTMLParser

from sketchdesk.library.wording.markup import Markup, element, together


def test_text_and_attributes_are_escaped_and_elements_are_not():
    html = element("p", "<b> & ", element("i", '"x"'), title='"><script>')
    assert html == '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt; &amp; <i>&quot;x&quot;</i></p>'
    assert isinstance(html, Markup)


def test_attribute_names():
    cell = element("td", class_="a", data_label="b", viewBox="c", style=None)
    assert cell == '<td class="a" data-label="b" viewBox="c"></td>'
    assert element("img", src="x") == '<img src="x">'
    assert element("circle", r=4.5) == '<circle r="4.5"/>'


def test_a_string_made_of_markup_and_text_is_text_again():
    assert together(Markup("<b>") + "x") == "&lt;b&gt;x"


def test_a_parser_reads_back_what_was_put_in():
    words = []
    parser = HTMLParser()
    parser.handle_data = words.append
    parser.feed(element("p", "1 < 2 & “3” > '0'"))
    parser.close()
    assert "".join(words) == "1 < 2 & “3” > '0'"
