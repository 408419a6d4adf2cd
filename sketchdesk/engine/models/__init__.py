"""Model families: how each is found on disk, loaded and saved."""
