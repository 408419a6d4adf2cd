"""The user's guide: pages of Markdown under resources/guide, a folder a language; read, searched, followed.

A heading carries its anchor behind its words, `## Seeds <a id="seeds"></a>`, the same in every language, so that links
hold in all of them and on the pages of a code forge too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import LANGUAGES, _
from sketchdesk.library.paths import resource

PAGES = (
    "first-steps", "drawing", "fast-drawing", "models", "gallery", "training", "one-step", "evaluation",
    "command-line", "troubleshooting", "keyboard",
)  # fmt: skip
"""The pages' names, in the order in which they are read."""
EXCERPT_SIGNS = 90

_HEADING = re.compile(r'(?P<marks>#{1,3}) (?P<title>.+?)(?: <a id="(?P<anchor>[a-z0-9-]+)"></a>)?')
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*|`|^#+ |^> ?|^[-|: ]+$|\|", re.MULTILINE)


class Section(Struct, frozen=True):
    """A heading and what stands under it, up to the next one."""

    anchor: str
    """"" for the page's own title."""
    level: int
    title: str
    body: str
    """Markdown."""


class Page(Struct, frozen=True):
    """One page in one language."""

    name: str
    language: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.sections[0].title

    @property
    def markdown(self) -> str:
        """The page without its anchors, as it is shown."""
        return "\n\n".join(f"{'#' * each.level} {each.title}\n\n{each.body}" for each in self.sections)


class Place(Struct, frozen=True):
    """A page, and a heading of it or "" for its beginning."""

    page: str
    anchor: str = ""

    def __str__(self) -> str:
        """Write it as place_of() reads it."""
        return f"{self.page}#{self.anchor}" if self.anchor else self.page


class Found(Struct, frozen=True):
    """A section that holds what was searched for."""

    place: Place
    title: str
    excerpt: str
    """Its words around the first one that was found."""


def read_page(name: str, language: str) -> Page:
    """Return a page, in English where the language has none. Raises SketchDeskError(BAD_INPUT) for another name."""
    if name not in PAGES:
        message = _("The guide has no page “{name}”; there are {pages}.").format(name=name, pages=", ".join(PAGES))
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    return _read(name, language if language in LANGUAGES else "en")


def place_of(link: str, page: str = "") -> Place | None:
    """Return where a link leads that stands on `page`: "drawing.md#seeds", "#seeds", or just "drawing#seeds".

    None for one that leads out of the guide.
    """
    if ":" in link:
        return None
    target, _mark, anchor = link.partition("#")
    name = PurePosixPath(target).name.removesuffix(".md") if target else page
    return Place(name, anchor) if name in PAGES else None


def search(text: str, language: str) -> list[Found]:
    """Return the sections that hold every word of the text, or its beginning; those with it in their title first.

    Capitals and accents make no difference. No words find nothing.
    """
    words = _plain(text).split()
    if not words:
        return []
    found: list[tuple[bool, Found]] = []
    for name in PAGES:
        page = read_page(name, language)
        for section in page.sections:
            told = words_of(section.body)
            title, known = f" {_plain(section.title)}", f" {_plain(section.title)} {_plain(told)}"
            if all(f" {word}" in known for word in words):
                is_named = all(f" {word}" in title for word in words)
                found.append((not is_named, Found(Place(name, section.anchor), section.title, _excerpt(told, words))))
    return [each for _order, each in sorted(found, key=lambda one: one[0])]


def words_of(markdown: str) -> str:
    """Return Markdown as one line of words, without marks, pictures and the targets of links."""
    return " ".join(_MARKS.sub(" ", _LINK.sub(r"\1", _PICTURE.sub(" ", markdown))).split())


@cache
def _read(name: str, language: str) -> Page:
    text = resource(f"guide/{language}/{name}.md").read_text(encoding="utf-8")
    return Page(name, language, tuple(_sections(text)))


def _sections(text: str) -> Iterator[Section]:
    head, body, is_code = None, list[str](), False
    for line in text.split("\n"):
        is_code ^= line.startswith("```")
        match = None if is_code else _HEADING.fullmatch(line)
        if match is None:
            body.append(line)
            continue
        if head is not None:
            yield _section(head, body)
        head, body = match, []
    if head is not None:
        yield _section(head, body)


def _section(head: re.Match[str], body: list[str]) -> Section:
    return Section(head["anchor"] or "", len(head["marks"]), head["title"], "\n".join(body).strip("\n"))


def _plain(text: str) -> str:
    """Return a text's words in small letters without accents, one space between them."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[\w.+#-]+", bare))


def _excerpt(told: str, words: list[str]) -> str:
    """Return the part of a section's words in which the first of the searched words stands that it has."""
    each = told.split()
    plain = [_plain(word) for word in each]
    first = next((place for place, word in enumerate(plain) if any(word.startswith(one) for one in words)), 0)
    begin = max(0, first - 4)
    excerpt = ("… " if begin else "") + " ".join(each[begin:])
    return excerpt if len(excerpt) <= EXCERPT_SIGNS else excerpt[:EXCERPT_SIGNS].rsplit(" ", 1)[0] + " …"
