"""The data set page: what a set holds, its flaws, its captions."""
