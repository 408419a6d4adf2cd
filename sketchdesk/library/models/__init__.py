"""Models on disk: which there are, what they are, what they bring along and what can be added to them."""
