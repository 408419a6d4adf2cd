"""Scores: how well pictures fit their prompts, what they show, and how sure one can be of a difference."""
