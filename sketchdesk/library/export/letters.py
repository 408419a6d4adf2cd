"""Text drawn into pictures, in the window's own typeface."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

from sketchdesk.library.paths import resource

Letters = ImageFont.FreeTypeFont | ImageFont.ImageFont
ELLIPSIS = "…"


@lru_cache
def font(size_px: int, bold: bool = False) -> Letters:
    """Return the shipped typeface, or Pillow's own where it cannot be read."""
    try:
        return ImageFont.truetype(resource(f"fonts/Inter-{'SemiBold' if bold else 'Regular'}.otf"), size_px)
    except OSError:
        return ImageFont.load_default(size_px)


def one_line(text: str, letters: Letters, width_px: float) -> str:
    """Return the text on one line, its end cut off with an ellipsis where it is too wide."""
    text = " ".join(text.split())
    if letters.getlength(text) <= width_px:
        return text
    shortest, longest = 0, len(text)
    while shortest < longest:  # the most signs that fit
        middle = (shortest + longest + 1) // 2
        if letters.getlength(text[:middle].rstrip() + ELLIPSIS) <= width_px:
            shortest = middle
        else:
            longest = middle - 1
    return text[:shortest].rstrip() + ELLIPSIS


def lines_of(text: str, letters: Letters, width_px: float, most: int) -> list[str]:
    """Return the text broken at its spaces into at most so many lines; the last is cut off where more is left."""
    words = text.split()
    lines: list[str] = []
    while words and len(lines) < most - 1:
        taken = 1
        while taken < len(words) and letters.getlength(" ".join(words[: taken + 1])) <= width_px:
            taken += 1
        lines.append(one_line(" ".join(words[:taken]), letters, width_px))
        words = words[taken:]
    return [*lines, one_line(" ".join(words), letters, width_px)] if words else lines
