"""Small controls of the window's own that any panel uses."""
