"""Write the form of demo-flow that ships: `python packaging/pack_flow.py MODEL [FOLDER]`.

MODEL is a finished model of `sketchdesk demo build flow` or of a distillation of demo-base, FOLDER resources/models/
demo-flow unless given; the card gets FOLDER's name. VAE, text encoder and tokenizer stay demo-base's. Then
`python tests/benchmarks/one_step.py --model FOLDER --card "HOURS and hardware"` adds what was measured to the card, and
the name in SHIPPED of sketchdesk/library/models/shipped.py makes it a model of the program.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sketchdesk.demo.flow import NAME, pack
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.paths import resource

LARGEST_BYTES = 36e6


def main() -> int:
    """Pack it, say how large it is, and answer 1 where it is larger than it may be."""
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        return 2
    made = pack(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else resource("models") / NAME)
    card = made / "README.md"
    write_text(card, re.sub(r"^# .*$", f"# {made.name}", card.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE))
    size_bytes = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
    print(f"{made}: {size_bytes / 1e6:.1f} MB")
    return 0 if size_bytes <= LARGEST_BYTES else 1


if __name__ == "__main__":
    raise SystemExit(main())
