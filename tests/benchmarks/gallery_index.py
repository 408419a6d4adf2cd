"""How fast the gallery's index is with very many images: `python tests/benchmarks/gallery_index.py [images]`.

The rows go in by the index's own bulk writing, from made-up records. The files beside them, for the time of reading
the folder through, have only the size and the time the index knows: what is known is not read.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sketchdesk.library.images.metadata import ImageRecord
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.index.sources import Told, key_of
from sketchdesk.library.index.write import Entry, batches, write_entries, write_stars, write_told
from sketchdesk.library.paths import HOME_VARIABLE, images_dir, index_file

REPEATS = 5
PAGE = 120
WORDS = (
    "zebra", "giraffe", "horse", "castle", "rocket", "owl", "fox", "whale", "boat", "cactus", "bicycle", "forest",
    "road", "night", "snow", "river", "red", "blue", "tall", "old", "running", "sleeping", "flying", "drawn", "ink",
    "charcoal", "detailed", "portrait", "skyline", "harbour", "lantern", "mountain",
)  # fmt: skip
MODELS = ("demo-base", "sketch-lora", "sd-turbo", "stable-diffusion-v1-5")


def entry(number: int, rng: random.Random) -> Entry:
    """One made-up image; every other one has a same-seed partner by another model."""
    choice = random.Random(number // 2)
    model = MODELS[number % 2] if number % 10 else rng.choice(MODELS)
    prompt = "a " + " ".join(choice.choices(WORDS, k=choice.randint(3, 14)))
    record = ImageRecord(
        prompt=prompt, seed=number // 2, num_inference_steps=25, guidance_scale=7.5, sampler="euler", width=512,
        height=512, model=model, created="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    stamp = (1_700_000_000_000_000_000 + number * 1_000_000, rng.randint(20_000, 400_000))
    return Entry(key_of(images_dir() / f"{number % 100:02d}" / f"{number:06d}.png"), stamp, record)


def fill(index: ImageIndex, images: int) -> None:
    """Write the images, what is told of them, and some stars."""
    rng = random.Random(0)
    db = index._file.db
    for part in batches(range(images)):
        write_entries(db, [entry(number, rng) for number in part])
    paths = [path for (path,) in db.execute("SELECT path FROM images")]
    told = [
        Told(path=path, run=f"run {number // 250}", scores={"cosine": rng.gauss(0.28, 0.05), "colourfulness": 0.4})
        for number, path in enumerate(paths)
        if number % 5
    ]
    write_told(db, told)
    write_stars(db, set(rng.sample(paths, images // 50)))


def report(name: str, work: Callable[[], object]) -> None:
    """Print how long the work takes, as the median and the worst of some repeats."""
    times_ms = []
    for _repeat in range(REPEATS):
        began = time.perf_counter()
        result = work()
        times_ms.append((time.perf_counter() - began) * 1000)
    size = f"{len(result):>8,}" if hasattr(result, "__len__") else f"{result!s:>8}"
    print(f"{name:<40} {statistics.median(times_ms):8.1f} ms  worst {max(times_ms):8.1f} ms  {size}")


def report_queries(index: ImageIndex) -> None:
    """Time what a gallery asks."""
    for sort in ("newest", "oldest", "score", "prompt", "seed"):
        report(f"ids, {sort}", lambda sort=sort: index.ids(Query(sort=sort)))
    queries = {
        "search “zebra”": Query(text="zebra"),
        "search “z”": Query(text="z"),
        "search “a”, in every image": Query(text="a"),
        "search “zebra night”, by score": Query(text="zebra night", sort="score"),
        "one model": Query(model="demo-base"),
        "one run": Query(run="run 12"),
        "every day": Query(since="2023-01-01", until="2033-01-01"),
        "some days, oldest first": Query(since="2023-11-14", until="2023-11-15", sort="oldest"),
        "some days of a model": Query(since="2023-11-14", until="2023-11-15", model="demo-base"),
        "starred": Query(starred=True),
        "score ≥ 0.35, by score": Query(min_score=0.35, sort="score"),
        "model and score ≥ 0.3, by prompt": Query(model="sketch-lora", min_score=0.3, sort="prompt"),
    }
    for name, query in queries.items():
        report(f"ids, {name}", lambda query=query: index.ids(query))
    report("count, all", lambda: index.count(Query()))
    report("count, “zebra”", lambda: index.count(Query(text="zebra")))
    ids = index.ids(Query(sort="score"))
    middle = len(ids) // 2
    report(f"images, a page of {PAGE}", lambda: index.images(ids[middle : middle + PAGE]))
    report("models", index.models)
    report("runs", index.runs)
    report("prompts", index.prompts)
    report("score_range", index.score_range)
    image = index.images(ids[middle : middle + 1])[0]
    report("pair_of", lambda: index.pair_of(image))
    report("pairs, 500", lambda: index.pairs(*MODELS[:2]))
    report("pairs of a rare model", lambda: index.pairs(*MODELS[2:]))
    report("set_scores", lambda: index.set_scores(image.path, {"cosine": 0.3}))


def report_refresh(index: ImageIndex, images: int) -> None:
    """Time reading the folder through when nothing there has changed."""
    for number in range(100):
        (images_dir() / f"{number:02d}").mkdir(parents=True)
    for path, mtime_ns, size_bytes in index._file.db.execute("SELECT path, mtime_ns, size_bytes FROM images"):
        with Path(os.fsdecode(path)).open("wb") as file:
            file.truncate(size_bytes)  # a hole, which takes no room
        os.utime(path, ns=(mtime_ns, mtime_ns))
    report(f"refresh, {images:,} known files", index.refresh)


def main(images: int) -> None:
    """Fill an index in a data folder of its own and time it."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        os.environ[HOME_VARIABLE] = folder
        with ImageIndex(index_file(), [images_dir()]) as index:
            began = time.perf_counter()
            fill(index, images)
            seconds = time.perf_counter() - began
            size_mib = index_file().stat().st_size / 2**20
            print(f"{images:,} images written in {seconds:.1f} s, {size_mib:.0f} MiB")
            report("to compare: a million squares", lambda: sum(number * number for number in range(1_000_000)))
            report_queries(index)
            report_refresh(index, images)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
