"""The studies there are: listed, opened, followed while they work."""
