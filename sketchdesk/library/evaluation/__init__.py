"""Studies: their settings, what was measured, what it says, what people vote, and how all of it is taken elsewhere."""
