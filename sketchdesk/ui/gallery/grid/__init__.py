"""The grid of pictures: cells, their layout by arithmetic, their paint, their thumbnails."""
