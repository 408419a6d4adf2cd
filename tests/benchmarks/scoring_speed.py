"""Time scoring with full-size CLIP B/32, ours against a plain loop, by turns in one run; and FID's statistics.

    python tests/benchmarks/scoring_speed.py SCRATCH [--pictures 64] [--pairs 3] [--threads N] [--batch 16]

The plain loop does what torchmetrics' CLIPScore does: fp32, one batch after another, each picture read and prepared by
transformers' own processor, each text embedded every time. Ours is the engine's scoring as a job runs it, in the
precision it chooses. Weights are random (600 MB in SCRATCH, written once), pictures 512 x 512 PNG, four to a prompt.
Loading is left out on both sides, and a batch of each goes first. Waiting is the share of our time in which the model
had no prepared picture. The second part takes 30,000 x 2048 features in one pass, in a process of its own, and prints
its high-water mark.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

PROMPTS = ("a boy practicing martial arts", "a statue of a man on a horse", "a zebra running through the tall grass",
           "black and white sketch of two giraffes standing in a forest near the water")  # fmt: skip
ROWS, WIDTH, CHUNK = 30_000, 2048, 500


def clip_b32(folder: Path) -> Path:
    """Return the folder of a random CLIP B/32, written where it is not there yet."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    from sketchdesk.engine.models.tokenizer import clip_tokenizer

    if not (folder / "preprocessor_config.json").is_file():
        torch.manual_seed(0)
        CLIPModel(CLIPConfig(projection_dim=512)).save_pretrained(folder)
        clip_tokenizer(False).save_pretrained(folder)
        CLIPImageProcessorPil().save_pretrained(folder)
    return folder


def pictures(folder: Path, count: int) -> list[Path]:
    """Return PNG files that take as long to read as drawn pictures do: smooth, with a little noise."""
    import numpy as np
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{number:04d}.png" for number in range(count)]
    for number, file in enumerate(files):
        if not file.is_file():
            rng = np.random.default_rng(number)
            smooth = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)).resize((512, 512), 3)
            noisy = np.asarray(smooth, dtype=np.int16) + rng.integers(-4, 5, (512, 512, 1))
            Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(file)
    return files


def plain(model_folder: Path, batch: int):
    """Return a function that scores files and texts as a plain loop does."""
    import torch
    from PIL import Image
    from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

    model = CLIPModel.from_pretrained(model_folder, dtype=torch.float32).eval()
    processor = CLIPImageProcessorPil.from_pretrained(model_folder)
    tokenizer = AutoTokenizer.from_pretrained(model_folder)

    @torch.no_grad()
    def score(files: list[Path], texts: list[str]) -> list[float]:
        found: list[float] = []
        for start in range(0, len(files), batch):
            images = [Image.open(file).convert("RGB") for file in files[start : start + batch]]
            pixels = processor(images, return_tensors="pt")["pixel_values"]
            tokens = tokenizer(texts[start : start + batch], padding=True, return_tensors="pt")
            image = model.get_image_features(pixel_values=pixels).pooler_output
            text = model.get_text_features(**tokens).pooler_output
            found += torch.nn.functional.cosine_similarity(image, text).tolist()
        return found

    return score


def ours(model_folder: Path, batch: int, threads: int):
    """Return a function that scores files and texts as the evaluate job does, and what it says of itself."""
    from sketchdesk.engine.evaluation.placing import scoring_place
    from sketchdesk.engine.evaluation.scoring import Scorers, Subject, load_scorers, score_images
    from sketchdesk.engine.reporter import Reporter

    placement = scoring_place("cpu", "auto", threads, [str(model_folder)])
    loaded = load_scorers(placement, str(model_folder), None, batch)
    reporter = Reporter(lambda event: None)

    def score(files: list[Path], texts: list[str]) -> tuple[list[float], float]:
        assert loaded.clip is not None
        loaded.clip._remembered.clear()
        scorers = Scorers(loaded.clip, None)  # nothing is known of the pictures
        subjects = [Subject(path=file, prompt=text) for file, text in zip(files, texts, strict=True)]
        scored = score_images(subjects, scorers, files[0].parent, reporter, batch)
        return [float(one.row.cosine or 0) for one in scored], scorers.waited_s

    return score, placement.precision


def compare(options: argparse.Namespace) -> None:
    """Time both by turns and print images a second, their ratio, the waiting and the largest difference."""
    model = clip_b32(options.scratch / "clip-b32")
    files = pictures(options.scratch / "pictures-512", options.pictures)
    texts = [f"{PROMPTS[number // 4 % len(PROMPTS)]} {number // 16}" for number in range(len(files))]
    mine, precision = ours(model, options.batch, options.threads)
    their = plain(model, options.batch)
    mine(files[: options.batch], texts[: options.batch])
    their(files[: options.batch], texts[: options.batch])
    took: dict[str, list[float]] = {"plain": [], "ours": []}
    waiting, away = [], 0.0
    for pair in range(options.pairs):
        for name in ("plain", "ours") if pair % 2 == 0 else ("ours", "plain"):
            began = time.perf_counter()
            if name == "plain":
                expected = their(files, texts)
            else:
                found, waited = mine(files, texts)
            took[name].append(time.perf_counter() - began)
        waiting.append(waited / took["ours"][-1])
        away = max(away, *(abs(a - b) for a, b in zip(found, expected, strict=True)))
    ratio = statistics.median(a / b for a, b in zip(took["plain"], took["ours"], strict=True))
    print(f"CLIP B/32, {len(files)} pictures of 512 x 512, {len(set(texts))} texts, batches of {options.batch}, "
          f"{options.threads} threads, {options.pairs} pairs")  # fmt: skip
    for name, precise in (("plain", "fp32"), ("ours", precision)):
        rate = len(files) / statistics.median(took[name])
        print(f"{name:8}{precise:6}{rate:8.2f} images/s{1000 / rate:9.1f} ms an image")
    print(f"ours is {ratio:.2f} times as fast (median of pairs); waiting {statistics.median(waiting):.1%}; "
          f"largest difference of a cosine {away:.5f}")  # fmt: skip


def moments() -> None:
    """Take 30,000 x 2048 features in one pass, compute a distance, and print seconds and the high-water mark."""
    import numpy as np

    from sketchdesk.engine.evaluation.moments import Moments, frechet_distance

    rng = np.random.default_rng(0)
    began, busy = time.perf_counter(), 0.0
    found = Moments(WIDTH)
    for _start in range(0, ROWS, CHUNK):
        chunk = rng.random((CHUNK, WIDTH), dtype=np.float32)
        before = time.perf_counter()
        found.add(chunk)
        busy += time.perf_counter() - before
    one_pass = time.perf_counter() - began
    before = time.perf_counter()
    distance = frechet_distance(found, found)
    took = time.perf_counter() - before
    peak = high_water()
    print(f"{ROWS} x {WIDTH} in one pass: {busy:.1f} s of {one_pass:.1f} s with making them; distance {took:.1f} s "
          f"({distance:.1e} from itself); high-water mark {peak / 2**30:.2f} GiB")  # fmt: skip


def high_water() -> int:
    """Return this process's most bytes in memory so far; its parent's do not count."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    told = psutil.Process().memory_info()
    return int(getattr(told, "peak_wset", told.rss))


def main() -> int:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path, nargs="?")
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=psutil.cpu_count(logical=False) or 1)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--moments", action="store_true", help="only FID's statistics")
    options = parser.parse_args()
    if options.moments:
        moments()
        return 0
    if options.scratch is None:
        parser.error("SCRATCH is missing")
    options.scratch.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SKETCHDESK_HOME", str(options.scratch / "home"))
    compare(options)
    return subprocess.run([sys.executable, __file__, "--moments"], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
