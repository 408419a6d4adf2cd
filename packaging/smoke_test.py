"""Try a built bundle as a user would: `python packaging/smoke_test.py dist/sketchdesk`.

The window opens, the engine answers, the guide is read, a demo picture is drawn, a data set in a parquet file is looked
through and captioned, two steps are trained, the picture is scored.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet

TIME_LIMIT_S = 600


class Bundle:
    """The frozen program with a data folder of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        windows = sys.platform == "win32"
        self.window = folder / ("sketchdesk.exe" if windows else "sketchdesk")
        self.console = folder / ("sketchdesk-console.exe" if windows else "sketchdesk")
        outside = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
        kept = {name: value for name, value in os.environ.items() if name not in outside}
        self.environment = kept | {"SKETCHDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}

    def run(self, *arguments: str) -> dict[str, object]:
        """Run a command with --json and return its answer; raise if it fails."""
        done = subprocess.run(
            [self.console, *arguments, "--json"],
            env=self.environment, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False,
        )  # fmt: skip
        if done.returncode:
            said = f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{said}")
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def ask_engine(self, request: dict[str, object]) -> list[dict[str, object]]:
        """Start the engine process, give it one request, and return its events."""
        engine = subprocess.Popen(
            [self.console, "--engine"],
            env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert engine.stdin
        assert engine.stdout
        engine.stdin.write(json.dumps(request).encode() + b"\n")
        engine.stdin.flush()
        events = []
        for line in engine.stdout:
            events.append(json.loads(line))
            if events[-1]["type"] == "JobEnded":
                break
        engine.stdin.close()
        engine.wait(30)
        return events

    def open_window(self) -> float:
        """Open the window, let it paint and close itself; return the seconds until it had ended."""
        began_s = time.monotonic()
        environment = self.environment | {"SKETCHDESK_QUIT_AFTER_PAINT": "1"}
        done = subprocess.run([self.window], env=environment, capture_output=True, timeout=TIME_LIMIT_S, check=False)
        if done.returncode:
            raise RuntimeError(f"the window ended with {done.returncode}:\n{done.stderr.decode()[-4000:]}")
        return time.monotonic() - began_s


def write_set(file: Path, pictures: Sequence[Path]) -> Path:
    """Write a data set of pictures without captions as one parquet file, as the hub keeps them."""
    rows = [{"image": {"bytes": picture.read_bytes(), "path": picture.name}, "text": ""} for picture in pictures]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0] if arguments else "dist/sketchdesk").resolve()
    with tempfile.TemporaryDirectory() as scratch:
        home, work = Path(scratch, "home"), Path(scratch, "work")
        home.mkdir()
        work.mkdir()
        bundle = Bundle(folder, home)
        print(f"window: opened, painted and closed in {bundle.open_window():.1f} s")
        probed = bundle.ask_engine({"type": "run", "job_id": "probe", "job": {"type": "probe"}, "run_dir": str(work)})
        assert probed[-1]["state"] == "done", probed[-1]
        print(f"engine: {[event['device'] for event in probed if event['type'] == 'DeviceFound']}")
        print(f"guide: {len(dict(bundle.run('guide')['pages']))} pages")  # type: ignore[call-overload]
        drawn = bundle.run("generate", "--model", "demo-base", "--prompt", "a zebra", "--out", str(work / "images"))
        print(f"drawn: {drawn['images']}")
        data_set = write_set(work / "set.parquet", sorted(work.glob("images/**/*.png")))
        looked = bundle.run("dataset", "check", str(data_set))
        print(f"looked through: {looked['pictures']} pictures")
        captioned = bundle.run("dataset", "caption", str(data_set), "--out", str(work / "captions.json"))
        print(f"captioned: {captioned['captions']} pictures")
        recipe = work / "two-steps.toml"
        recipe.write_text('model = "demo-base"\ndataset = "demo-sketch"\nmax_train_steps = 2\ntrain_batch_size = 4\n')
        trained = bundle.run("train", str(recipe), "--set", "max_train_samples=16", "--out", str(work / "run"))
        print(f"trained: {trained['steps']} steps, loss {trained['final_loss']}")
        scored = bundle.run("evaluate", "--images", str(work / "images"), "--out", str(work / "scores"))
        print(f"scored: {scored['scores_csv']}")
    print("the bundle works")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
