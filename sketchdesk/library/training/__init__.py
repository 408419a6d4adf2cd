"""A training on disk: settings, recipes, forecast, checkpoints."""
