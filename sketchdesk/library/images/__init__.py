"""Image files and what they remember: records, other programs' settings, thumbnails, stars and tags."""
