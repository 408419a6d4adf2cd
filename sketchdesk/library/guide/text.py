"""A page of the guide for a terminal: plain words in lines of a given width, tables in columns."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from sketchdesk.library.guide.pages import Page

INDENT = "  "
GAP = "   "

_ITEM = re.compile(r"(?:- |\d+\. )")
_RULE = re.compile(r"[|:\- ]+")
_INLINE = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"“\1”"),
    (re.compile(r"`([^`]+)`"), r"\1"),
)


def terminal_text(page: Page, width: int) -> str:
    """Return a page as text in lines of at most `width` signs; code and the narrowest tables stay as they are."""
    parts: list[str] = []
    for section in page.sections:
        parts.append(f"{section.title}\n{('=' if section.level == 1 else '-') * len(section.title)}")
        parts += _blocks(section.body, width)
    return "\n\n".join(part for part in parts if part.strip())


def _blocks(body: str, width: int) -> Iterator[str]:
    """Yield a section's paragraphs, lists, tables and pieces of code, each as lines."""
    for is_code, lines in _by_fences(body):
        if is_code:
            yield textwrap.indent("\n".join(lines), INDENT)
            continue
        for has_words, group in groupby(lines, key=lambda line: bool(line.strip())):
            if has_words:
                yield _block(list(group), width)


def _by_fences(body: str) -> Iterator[tuple[bool, list[str]]]:
    is_code, lines = False, list[str]()
    for line in body.split("\n"):
        if line.startswith("```"):
            yield is_code, lines
            is_code, lines = not is_code, []
        else:
            lines.append(line)
    yield is_code, lines


def _block(lines: list[str], width: int) -> str:
    if lines[0].startswith("|"):
        return _table([_cells(line) for line in lines if not _RULE.fullmatch(line)], width)
    if _ITEM.match(lines[0]):
        return "\n".join(_filled(_inline(line), width, hanging=True) for line in lines)
    return _filled(_inline(" ".join(line.removeprefix("> ") for line in lines)), width)


def _filled(text: str, width: int, hanging: bool = False) -> str:
    return textwrap.fill(text, width, subsequent_indent=INDENT if hanging else "", break_long_words=False,
                         break_on_hyphens=False)  # fmt: skip


def _inline(text: str) -> str:
    for pattern, plain in _INLINE:
        text = pattern.sub(plain, text)
    return text.strip()


def _cells(line: str) -> list[str]:
    return [_inline(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _table(rows: Sequence[Sequence[str]], width: int) -> str:
    """Return columns as wide as their widest cell, the last one filled into what is left of the width."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    before = sum(widths[:-1]) + len(GAP) * (len(widths) - 1)
    if width - before < len(GAP) * 6:  # too narrow for columns: a row becomes a little list
        return "\n".join(_filled(": ".join([row[0], "; ".join(row[1:])]), width, hanging=True) for row in rows)
    lines: list[str] = []
    for row in rows:
        head = "".join(cell.ljust(wide) + GAP for cell, wide in zip(row[:-1], widths, strict=False))
        last = textwrap.wrap(row[-1], width - before, break_long_words=False) or [""]
        lines += [head + last[0], *(" " * before + part for part in last[1:])]
    return "\n".join(line.rstrip() for line in lines)
