"""The guide: a window beside the work, and the small buttons that lead into it."""
