"""The prompt panel: what to draw, with what, and how."""
