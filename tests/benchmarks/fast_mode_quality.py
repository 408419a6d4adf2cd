"""What each shortcut of fast drawing, and bf16, costs in quality: the same pictures of demo-base, judged by demo-clip.

    python tests/benchmarks/fast_mode_quality.py [--pictures 100] [--steps 20] [--only exact,bf16,…]

A table: how far the pixels are from the exact pictures (fp32, no shortcut; mean grey levels, 0 to 255), how often
demo-clip names the noun first, its mean cosine with the prompt, what that is over the exact pictures' with a 95 %
interval of the paired differences, and the seconds that denoising and decoding took.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from sketchdesk.contracts.events import Event, ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.demo import judge
from sketchdesk.demo.vocabulary import NOUNS, article
from sketchdesk.engine import generate
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.statistics import t_interval
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.paths import resource

WAYS: dict[str, dict[str, Any]] = {
    "exact": {},
    "bf16": {"precision": "bf16"},
    "guidance_cutoff": {"fast": ("guidance_cutoff",)},
    "feature_caching": {"fast": ("feature_caching",)},
    "both": {"fast": ("guidance_cutoff", "feature_caching")},
    "tiny_decoder": {"fast": ("tiny_decoder",)},
    "all": {"fast": ("tiny_decoder", "guidance_cutoff", "feature_caching")},
}


@dataclass
class Drawn:
    """The pictures of one way, and the seconds that denoising and decoding them took."""

    pictures: list[Image.Image]
    denoise_s: float
    decode_s: float

    def apart(self, exact: Drawn) -> float:
        """Return the mean difference of the pixels, in grey levels."""
        ours, theirs = (np.stack([np.asarray(each, float) for each in of.pictures]) for of in (self, exact))
        return float(np.abs(ours - theirs).mean())


def draw(prompts: list[str], steps: int, folder: Path, settings: dict[str, Any]) -> Drawn:
    """Draw a picture of every prompt, with the seeds 0, 1, …"""
    rows = tuple(PromptRow(prompt=prompt, seed=seed) for seed, prompt in enumerate(prompts))
    job = GenerateJob(
        model="demo-base", prompts=rows, out_dir=str(folder), num_inference_steps=steps, device="cpu",
        **{"precision": "fp32", **settings},
    )  # fmt: skip
    events: list[Event] = []
    generate.run(job, Reporter(events.append))
    paths = [Path(event.path) for event in events if isinstance(event, ImageSaved)]
    records = [record for path in paths if (record := read_record(path))]
    denoise_s = sum(record.denoise_s / record.batch_size for record in records)
    decode_s = sum(record.decode_s / record.batch_size for record in records)
    return Drawn([Image.open(path).convert("RGB") for path in paths], denoise_s, decode_s)


def main() -> int:
    """Draw, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WAYS))
    options = parser.parse_args()
    nouns = random.Random(0).sample(list(NOUNS), options.pictures)
    prompts = [article(noun) for noun in nouns]
    clip = ClipScorer.load(resource("models/demo-clip"), place("cpu", "fp32"))
    exact: Drawn | None = None
    print(f"{options.pictures} pictures, {options.steps} steps")
    print(f"{'':16}{'grey levels':>12}{'named':>7}{'cosine':>8}{'- exact':>24}{'denoise s':>11}{'decode s':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for way in dict.fromkeys(["exact", *options.only]):
            drawn = draw(prompts, options.steps, Path(folder) / way, WAYS[way])
            scores = judge.noun_scores(clip, drawn.pictures, "colour")
            named = judge.share_named(scores, [(noun,) for noun in nouns])
            cosines = np.asarray(clip.cosines(drawn.pictures, prompts), float)
            if exact is None:
                exact, exact_cosines = drawn, cosines
            lost = t_interval(cosines - exact_cosines)
            print(
                f"{way:16}{drawn.apart(exact):12.2f}{named:7.0%}{cosines.mean():8.4f}"
                f"{lost.mean:+10.4f} [{lost.low:+.3f}, {lost.high:+.3f}]{drawn.denoise_s:9.1f}{drawn.decode_s:10.1f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
