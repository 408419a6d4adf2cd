"""Build the program as one folder, dist/sketchdesk: `python packaging/bundle.py`, then try it with smoke_test.py."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    began_s = time.monotonic()
    spec = ROOT / "packaging" / "sketchdesk.spec"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", str(spec)]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == 0:
        folder = ROOT / "dist" / "sketchdesk"
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
        print(f"{folder}: {size / 1e6:.0f} MB, built in {(time.monotonic() - began_s) / 60:.1f} min")
    return code


if __name__ == "__main__":
    sys.exit(main())
