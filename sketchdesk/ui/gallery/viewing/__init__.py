"""One picture: large, with what is known of it beside it."""
