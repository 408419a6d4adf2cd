"""The reports' HTML is made as the library makes it."""

from __future__ import annotations

from sketchdesk.library.markup import Markup, element, together

__all__ = ["Markup", "element", "together"]
