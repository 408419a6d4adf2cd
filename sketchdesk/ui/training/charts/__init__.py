"""Charts over steps, and the samples and phases that belong to them."""
