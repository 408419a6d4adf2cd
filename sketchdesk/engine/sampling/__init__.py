"""Samplers: from noise to latents, one generator function for every use."""
