"""The user's guide, for the window and for a terminal."""
