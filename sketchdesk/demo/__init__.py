"""The demo project: small real models, the pictures they learnt from, and the recipes to rebuild them."""
