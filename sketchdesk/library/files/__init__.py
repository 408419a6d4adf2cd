"""Files, read and written: whole or not at all, by one writer at a time, what others wrote without trust."""
