"""The training dashboard: recipe, runs, live charts, samples."""
