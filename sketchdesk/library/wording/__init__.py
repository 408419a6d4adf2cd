"""Words and numbers for people, the same in the window, the terminal and the reports."""
