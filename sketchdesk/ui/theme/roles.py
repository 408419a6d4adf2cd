"""Which role of Qt's palette carries each colour: the style sheet names the roles, a theme fills them."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QPalette

from sketchdesk.ui.theme.tokens import Tokens

_Role = QPalette.ColorRole
ROLES: dict[str, QPalette.ColorRole] = {
    "window": _Role.Window,
    "surface": _Role.Base,
    "field": _Role.AlternateBase,
    "hover": _Role.Light,
    "border": _Role.Mid,
    "text": _Role.Text,
    "muted": _Role.PlaceholderText,
    "faint": _Role.ToolTipText,
    "accent": _Role.Highlight,
    "accent_hover": _Role.LinkVisited,
    "on_accent": _Role.HighlightedText,
    "selection": _Role.Shadow,
    "good": _Role.Midlight,
    "warning": _Role.Dark,
    "bad": _Role.BrightText,
}
"""The colours a style sheet can name, one role each. The last ones stand in roles that Fusion hardly looks at."""

_ALSO = {
    _Role.WindowText: "text",
    _Role.ButtonText: "text",
    _Role.Button: "field",
    _Role.Accent: "accent",
    _Role.Link: "accent",
    _Role.ToolTipBase: "field",
}
"""What Fusion paints with besides."""


def palette(colours: Tokens) -> QPalette:
    """Return Qt's palette in the colours of a theme."""
    made = QPalette()
    for name, role in ROLES.items():
        made.setColor(role, QColor(getattr(colours, name)))
    for role, name in _ALSO.items():
        made.setColor(role, QColor(getattr(colours, name)))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.faint))
    return made


def named_in_sheet(role: QPalette.ColorRole) -> str:
    """Return a role as a style sheet writes it: palette(alternate-base) for AlternateBase."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "-", role.name.replace("ToolTip", "Tooltip"))
    return f"palette({words.lower()})"
