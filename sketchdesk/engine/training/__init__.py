"""Fine-tuning: the loop on a page, and the pieces it is made of."""
