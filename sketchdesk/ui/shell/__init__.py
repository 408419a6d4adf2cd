"""What surrounds the tabs: top bar, messages, status, palette, help, first start."""
