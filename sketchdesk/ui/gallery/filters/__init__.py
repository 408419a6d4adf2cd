"""What is looked for: the search line and the chips beside it."""
