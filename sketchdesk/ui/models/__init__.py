"""The models tab: what is on this machine and where it came from."""
