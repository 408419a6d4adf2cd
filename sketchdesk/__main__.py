"""`python -m sketchdesk` is the same as the `sketchdesk` command."""

from __future__ import annotations

import sys

from sketchdesk.entry import main

if __name__ == "__main__":
    sys.exit(main())
