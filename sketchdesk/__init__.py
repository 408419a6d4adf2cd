"""SketchDesk: teach a text-to-image model a style, draw with it, and know whether it got better."""

__version__ = "0.1.0"
