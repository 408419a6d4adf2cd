"""The recipe: its form and fields, its forecast, and trying it before it starts."""
