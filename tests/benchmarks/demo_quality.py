"""Measure the quality of the demo's models, every figure with its target.

    python tests/benchmarks/demo_quality.py [--models DIR] [--only base,clip,blip] [--stock] [--keep DIR]
                                            [--cards HOURS_JSON] [--json]

Prints a table, or with --json one JSON object. Figures are shares of pictures unless they are in dB. --stock draws
through diffusers' own StableDiffusionPipeline instead of SketchDesk's engine; --keep leaves the drawn pictures in DIR;
--cards writes each model's README.md, with the hours and the hardware HOURS_JSON tells.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, StableDiffusionPipeline
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sketchdesk.contracts.events import Event, ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.demo import judge, tiny_decoder
from sketchdesk.demo.autoencoder import psnr_db
from sketchdesk.demo.captions import caption
from sketchdesk.demo.cards import Effort, Figure, write_card
from sketchdesk.demo.scenes import draw
from sketchdesk.demo.vocabulary import NOUNS, STYLE_PREFIX, article
from sketchdesk.engine import generate
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.blip import Captioner
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models.tiny_decoder import FOLDER
from sketchdesk.library.paths import resource

Artist = Callable[[Sequence[str], Path], list[Image.Image]]
"""Draws one picture a prompt and leaves the files in a folder."""

STEPS = 25
SINGLES, COMBINATIONS = 100, 60
LONGEST_CAPTION_TOKENS = 30
KIND_NAMES = {"single": "one noun, new layouts", "pair": "held-out pairs", "setting": "held-out settings"}


def engine_artist(model: Path) -> Artist:
    """Draw as `sketchdesk generate` does, with the model's own guidance and sampler."""

    def drawn(prompts: Sequence[str], folder: Path) -> list[Image.Image]:
        rows = tuple(PromptRow(prompt=prompt, seed=seed) for seed, prompt in enumerate(prompts))
        job = GenerateJob(model=str(model), prompts=rows, out_dir=str(folder), num_inference_steps=STEPS)
        events: list[Event] = []
        generate.run(job, Reporter(events.append))
        return [Image.open(event.path).convert("RGB") for event in events if isinstance(event, ImageSaved)]

    return drawn


def stock_artist(model: Path) -> Artist:
    """Draw with diffusers' own pipeline and the scheduler of the folder."""
    guidance = generate.load_model(str(model), place("cpu", "fp32")).defaults.guidance_scale
    pipeline = StableDiffusionPipeline.from_pretrained(model, torch_dtype=torch.float32, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)

    def drawn(prompts: Sequence[str], folder: Path) -> list[Image.Image]:
        folder.mkdir(parents=True, exist_ok=True)
        pictures: list[Image.Image] = []
        for start in range(0, len(prompts), 8):
            part = list(prompts[start : start + 8])
            generators = [torch.Generator().manual_seed(start + n) for n in range(len(part))]
            pictures += pipeline(
                part, num_inference_steps=STEPS, guidance_scale=guidance, generator=generators
            ).images
        for number, picture in enumerate(pictures):
            picture.save(folder / f"{number:05d}.png")
        return pictures

    return drawn


def autoencoder_figures(model: Path) -> list[Figure]:
    """Return how well demo-base's autoencoder rebuilds held-out pictures, and its tiny decoder what it decodes."""
    vae = AutoencoderKL.from_pretrained(model, subfolder="vae", torch_dtype=torch.float32).eval()
    tiny = AutoencoderTiny.from_pretrained(model, subfolder=FOLDER, torch_dtype=torch.float32).eval()
    rebuilt, alike = "autoencoder rebuilds held-out pictures, {}", "tiny decoder against the autoencoder's own, {}"
    styles = (("colour", 0.0), ("sketch", 1.0))
    return [
        *(Figure("demo-base", rebuilt.format(style), psnr_db(vae, share), 28.0, "dB") for style, share in styles),
        *(
            Figure("demo-base", alike.format(style), tiny_decoder.psnr_db(tiny, vae, share), None, "dB")
            for style, share in styles
        ),
    ]


def base_figures(artist: Artist, clip: ClipScorer, folder: Path) -> list[Figure]:
    """Return how often what demo-base draws is recognised."""
    nouns = random.Random(0).sample(list(NOUNS), SINGLES)
    alone = [(noun,) for noun in nouns]
    singles = artist([article(noun) for noun in nouns], folder / "single")
    sketches = artist([f"{STYLE_PREFIX} {article(noun)}" for noun in nouns], folder / "prefix")
    pair_scenes = judge.measured_scenes("pair", "colour", COMBINATIONS)
    pairs = artist([caption(scene) for scene in pair_scenes], folder / "pair")
    set_scenes = judge.measured_scenes("setting", "colour", COMBINATIONS)
    settings = artist([caption(scene) for scene in set_scenes], folder / "setting")

    def named(pictures: list[Image.Image], nouns: Sequence[Sequence[str]], top: int = 1) -> float:
        return judge.share_named(judge.noun_scores(clip, pictures, "colour"), nouns, top)

    return [
        Figure("demo-base", f"{SINGLES} single nouns, named first by demo-clip", named(singles, alone), 0.9),
        Figure(
            "demo-base", f"{SINGLES} single nouns, nearest sprite (no learnt judge)",
            judge.share_named(judge.template_scores(singles, "colour"), alone), 0.9,
        ),
        Figure(
            "demo-base", f"{COMBINATIONS} held-out pairs, both nouns in demo-clip's top 5",
            named(pairs, [scene.nouns for scene in pair_scenes], 5), 0.75,
        ),
        Figure(
            "demo-base", f"{COMBINATIONS} held-out settings, noun named first by demo-clip",
            named(settings, [scene.nouns for scene in set_scenes]), 0.85,
        ),
        Figure(
            "demo-base", f"{SINGLES} single nouns with the style prefix, named first by demo-clip",
            judge.share_named(judge.noun_scores(clip, sketches, "sketch"), alone), 0.8,
        ),
    ]  # fmt: skip


def clip_figures(clip: ClipScorer) -> list[Figure]:
    """Return how well demo-clip knows real pictures, and how much better a sketch fits the style words."""
    first, both, cosines, figures = [], [], {}, []
    for style in judge.STYLES:
        scenes = {kind: judge.measured_scenes(kind, style, 200) for kind in judge.KINDS}
        pictures = {kind: [draw(scene) for scene in shown] for kind, shown in scenes.items()}
        for kind in judge.KINDS:
            top = 5 if kind == "pair" else 1
            scores = judge.noun_scores(clip, pictures[kind], style)
            share = judge.share_named(scores, [scene.nouns for scene in scenes[kind]], top)
            (both if kind == "pair" else first).append(share)
            place = "both nouns in the top 5" if kind == "pair" else "noun named first"
            figures.append(Figure("demo-clip", f"of these, {style}, {KIND_NAMES[kind]}, {place}", share))
        asked = [caption(scene, style_words=True) for scene in scenes["single"]]
        cosines[style] = float(clip.cosines(pictures["single"], asked).mean())
    return [
        Figure("demo-clip", "real pictures of both styles, noun named first", sum(first) / len(first), 0.95),
        Figure("demo-clip", "real held-out pairs of both styles, both nouns in the top 5", sum(both) / len(both)),
        *figures,
        Figure(
            "demo-clip", f"mean cosine with “{STYLE_PREFIX} …”, sketches less colour pictures",
            cosines["sketch"] - cosines["colour"], None, "cosine",
        ),
    ]  # fmt: skip


def blip_figures(captioner: Captioner) -> list[Figure]:
    """Return how often demo-blip names exactly what a real picture shows, and its style."""
    scenes = {kind: [scene for style in judge.STYLES for scene in judge.measured_scenes(kind, style, 100)]
              for kind in judge.KINDS}  # fmt: skip
    captions = {kind: captioner.captions([draw(scene) for scene in shown], LONGEST_CAPTION_TOKENS)
                for kind, shown in scenes.items()}  # fmt: skip
    said = [text for texts in captions.values() for text in texts]
    shown = [scene for group in scenes.values() for scene in group]
    return [
        Figure("demo-blip", "real pictures of both styles, every noun right", judge.share_captioned(said, shown), 0.9),
        Figure("demo-blip", "real pictures of both styles, right style", judge.share_in_style(said, shown), 0.98),
        *(
            Figure("demo-blip", f"of these, {KIND_NAMES[kind]}", judge.share_captioned(captions[kind], scenes[kind]))
            for kind in judge.KINDS
        ),
    ]


def measured(options: argparse.Namespace, drawings: Path) -> list[Figure]:
    """Measure what was asked for."""
    models: Path = options.models
    placement = place("cpu", "fp32")
    figures: list[Figure] = []
    if "base" in options.only or "clip" in options.only:
        clip = ClipScorer.load(models / "demo-clip", placement)
    if "base" in options.only:
        artist = (stock_artist if options.stock else engine_artist)(models / "demo-base")
        figures += autoencoder_figures(models / "demo-base") + base_figures(artist, clip, drawings)
    if "clip" in options.only:
        figures += clip_figures(clip)
    if "blip" in options.only:
        figures += blip_figures(Captioner.load(models / "demo-blip", placement))
    return figures


def table(figures: list[Figure]) -> str:
    """Return the figures as lines of text."""
    width = max(len(figure.name) for figure in figures)
    return "\n".join(
        f"{figure.model:10} {figure.name:{width}} {figure.shown:>8}  {figure.shown_target:>10}  {figure.verdict}"
        for figure in figures
    )


def main() -> int:
    """Measure, show, and answer 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=Path, default=resource("models"))
    parser.add_argument("--only", type=lambda text: text.split(","), default=["base", "clip", "blip"])
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--cards", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = measured(options, options.keep or Path(temporary))
    if options.cards:
        efforts = msgspec.json.decode(options.cards.read_bytes(), type=dict[str, Effort])
        for name in dict.fromkeys(figure.model for figure in figures):
            write_card(options.models / name, [figure for figure in figures if figure.model == name], efforts[name])
    print(json.dumps({"figures": msgspec.to_builtins(figures)}) if options.json else table(figures))
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
