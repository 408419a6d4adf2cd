"""The engine: the only part of SketchDesk that imports torch. It takes jobs and says events; it knows no window."""

import logging
import os

# The libraries' own bars and hints would run across ours; what matters of them reaches the person as an event.
for _name in ("DIFFUSERS_VERBOSITY", "TRANSFORMERS_VERBOSITY"):
    os.environ.setdefault(_name, "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
logging.getLogger("bitsandbytes").setLevel(logging.CRITICAL)
