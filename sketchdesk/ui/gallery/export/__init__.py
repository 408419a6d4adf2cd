"""Handing pictures on: what, as what, and where to."""
