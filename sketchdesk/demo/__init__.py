"""The demo project: small real models, the pictures they learnt from, and the recipes to rebuild them."""

import sketchdesk.engine  # noqa: F401 - first of all: it quiets the libraries before anything imports them
