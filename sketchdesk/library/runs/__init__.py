"""Runs: a folder each, its events and state, and the order in which runs wait."""
