"""The command line: the window's jobs without the window, with progress bars, JSON and exit codes."""
