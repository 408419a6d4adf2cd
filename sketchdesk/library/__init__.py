"""What lies on disk: paths, settings, runs, images, prompt lists, models. No Qt, no torch."""
