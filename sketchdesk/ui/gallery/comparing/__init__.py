"""Two pictures against each other, and which two."""
