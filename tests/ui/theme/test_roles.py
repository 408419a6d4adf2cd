"""The style sheet's colours are roles of the palette: each is the theme's own, and no two share a role."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel

from sketchdesk.library.paths import resource
from sketchdesk.ui.theme.manager import theme
from sketchdesk.ui.theme.roles import ROLES, named_in_sheet, palette
from sketchdesk.ui.theme.stylesheet import IMAGES, stylesheet
from sketchdesk.ui.theme.tokens import DARK, LIGHT, Tokens

THEMES = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [part / 255 for part in QColor(colour).getRgb()[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_no_two_colours_share_a_role():
    assert len(set(ROLES.values())) == len(ROLES)


@THEMES
def test_every_name_in_the_sheet_is_drawn_in_the_themes_colour(qtbot, colours: Tokens):
    theme().apply("dark" if colours is DARK else "light")
    for name, role in ROLES.items():
        label = QLabel()
        qtbot.addWidget(label)
        label.setStyleSheet(f"QLabel {{ background: {named_in_sheet(role)}; }}")
        label.resize(20, 20)
        assert label.grab().toImage().pixelColor(10, 10).name() == getattr(colours, name), name
    theme().apply("light")


def test_the_sheet_has_no_colour_of_its_own():
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", stylesheet())


@THEMES
def test_what_cannot_be_done_has_faint_text(qtbot, colours: Tokens):
    disabled = QApplication.palette().ColorGroup.Disabled
    made = palette(colours)
    assert made.color(disabled, made.ColorRole.ButtonText).name() == colours.faint


@THEMES
@pytest.mark.parametrize("image", IMAGES.values())
def test_the_sheets_images_can_be_seen_in_every_theme(image: str, colours: Tokens):
    (stroke,) = re.findall(r'stroke="(#[0-9a-f]{6})"', resource(f"icons/{image}.svg").read_text(encoding="utf-8"))
    behind = colours.accent if image.startswith("accent") else colours.field
    assert contrast(stroke, behind) >= 3  # noqa: PLR2004 - WCAG 2, 1.4.11
