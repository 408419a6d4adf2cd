"""A distillation on disk: settings, pairs, forecast, report."""
