"""Image-caption sets of every layout: read, looked through, split and cropped; a person's files are never touched."""
