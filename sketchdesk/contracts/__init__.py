"""What the processes say to each other: typed jobs down, typed events up. No Qt, no torch."""
