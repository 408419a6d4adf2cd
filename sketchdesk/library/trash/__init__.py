"""The trash: images, checkpoints and models leave, come back, or are deleted for good."""
