"""The queue strip: what works, what waits, and what can be done about it."""
