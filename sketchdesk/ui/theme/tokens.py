"""The colours by what they are for. Every widget takes its colours from here, by name."""

from __future__ import annotations

from dataclasses import dataclass

GRID_PX = 8
"""Distances are multiples of this."""
RADIUS_PX = 6


@dataclass(frozen=True)
class Tokens:
    """One theme. Colours as #rrggbb; text on its background has a contrast of at least 4.5 (WCAG AA)."""

    dark: bool
    window: str
    """Behind everything, seen between cards."""
    surface: str
    """Panels, bars and cards."""
    field: str
    """What can be typed into or pressed."""
    hover: str
    border: str
    text: str
    muted: str
    """Labels, units, hints."""
    faint: str
    """What cannot be pressed now."""
    accent: str
    """The one colour that asks to be pressed, and marks what is selected."""
    accent_hover: str
    on_accent: str
    selection: str
    """Behind selected rows and text."""
    good: str
    warning: str
    bad: str
    star: str
    grid: str
    """Lines of charts."""
    series: tuple[str, ...]
    """Colours of a chart's lines, told apart also without seeing red and green alike (after Okabe and Ito, 2008)."""


DARK = Tokens(
    dark=True, window="#15171c", surface="#1c1f27", field="#242832", hover="#2d323e", border="#323846", text="#e8eaef",
    muted="#a0a8b7", faint="#646c7c", accent="#5b8cff", accent_hover="#76a0ff", on_accent="#0b1020",
    selection="#2b3d68", good="#3fc08a", warning="#f0b54a", bad="#ff7d70", star="#f5c04e", grid="#2c313d",
    series=("#5b8cff", "#3fc08a", "#f0b54a", "#e58ac4", "#6cc9e8", "#c3b15a", "#ff8a5c", "#a0a8b7"),
)  # fmt: skip
LIGHT = Tokens(
    dark=False, window="#f3f4f8", surface="#ffffff", field="#f4f5f9", hover="#e8ebf2", border="#d9dde6", text="#171a21",
    muted="#5b6474", faint="#a2a9b6", accent="#2759d6", accent_hover="#1f4ab8", on_accent="#ffffff",
    selection="#d7e3ff", good="#0f7a53", warning="#9a6200", bad="#c4352a", star="#c98a00", grid="#e4e7ee",
    series=("#2759d6", "#0f7a53", "#b26a00", "#a93b86", "#0b7fa3", "#7a6a00", "#c2491a", "#5b6474"),
)  # fmt: skip
