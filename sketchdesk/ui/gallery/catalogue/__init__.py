"""What the gallery knows of the images: asked in threads, read from the folders, told by signals."""
