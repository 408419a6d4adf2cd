"""HTML that cannot be broken by what it shows: every text is escaped unless this module made it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

VOID = {"img", "meta", "br", "input", "line", "circle"}


class Markup(str):
    """Finished HTML. Any other string is text and is escaped when it becomes part of an element."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """Return <name …>children</name>.

    In an attribute's name a _ inside is a dash and one at the end, there to keep clear of Python's words, is dropped.
    An attribute that is None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{written}>" if name not in {"line", "circle"} else f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{together(*children)}</{name}>")


def together(*children: str) -> Markup:
    """Return the children one after another, texts escaped."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


def plain_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Return a table of texts in a panel; on a narrow page each cell stands under its title."""
    head = element("thead", element("tr", *(element("th", title) for title in titles)))
    body = element("tbody", *(element("tr", *_cells(row, titles)) for row in rows))
    return element("div", element("table", head, body), class_="panel")


def _cells(row: Sequence[str], titles: Sequence[str]) -> list[Markup]:
    first = element("th", row[0])
    return [first, *(element("td", text, data_label=title) for text, title in zip(row[1:], titles[1:], strict=True))]
