"""Prompt lists, wildcards and seeds, read and written."""
