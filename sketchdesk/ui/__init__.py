"""The window: widgets that show what the runner tells and pass on what the person wishes. No torch, no engine."""
