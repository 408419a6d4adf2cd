"""A drawing before and after it is made: the draft, what it asks for in vain, its forecast, drawing it again."""
