"""Training data: what is read, in which order, and what never happens to a source file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Notice
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.data import batch_indices, encode_examples, load_picture, step_seed, to_pixels
from sketchdesk.library.datasets import Example


def test_each_pass_shows_every_example_once():
    shown = torch.cat([batch_indices(10, 3, step, seed=4) for step in range(20)])
    for start in range(0, 60, 10):
        assert sorted(shown[start : start + 10].tolist()) == list(range(10))
    assert shown[:10].tolist() != shown[10:20].tolist()


def test_the_order_depends_on_nothing_but_seed_and_step():
    assert torch.equal(batch_indices(100, 8, 57, seed=1), batch_indices(100, 8, 57, seed=1))
    assert not torch.equal(batch_indices(100, 8, 57, seed=1), batch_indices(100, 8, 57, seed=2))


def test_step_seeds_do_not_collide():
    seeds = {step_seed(seed, step, purpose) for seed in range(5) for step in range(500) for purpose in (1, 2)}
    assert len(seeds) == 5 * 500 * 2


def test_pictures_are_cropped_upright_and_laid_on_white(tmp_path):
    wide = Image.new("RGBA", (60, 30), (255, 0, 0, 0))
    wide.save(tmp_path / "clear.png")
    assert load_picture(tmp_path / "clear.png", 16).getpixel((8, 8)) == (255, 255, 255)
    halves = Image.new("RGB", (40, 20), "blue")
    halves.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise when shown
    halves.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    turned = load_picture(tmp_path / "turned.jpg", 20)
    assert turned.getpixel((10, 1))[0] > 200
    assert turned.getpixel((10, 18))[2] > 200


def test_encoding_matches_the_vae_skips_what_is_broken_and_leaves_sources_alone(tiny_sd, tmp_path):
    good, broken = tmp_path / "good.png", tmp_path / "broken.png"
    Image.effect_noise((32, 32), 60).convert("RGB").save(good)
    broken.write_bytes(b"no picture")
    before = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in (good, broken)}
    model = load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
    events: list = []
    examples = [Example(broken, "nothing"), Example(good, "noise")]
    data = encode_examples(examples, model, 32, True, True, 0, Reporter(events.append))
    assert data.captions == ["noise"]
    assert [event.level for event in events if isinstance(event, Notice)] == ["warning"]
    pixels = to_pixels([Image.open(good)])
    with torch.no_grad():
        for view, expected in enumerate((pixels, pixels.flip(-1))):
            posterior = model.vae.encode(expected).latent_dist
            assert torch.allclose(data.mean[view], posterior.mean, atol=1e-5)
            assert torch.allclose(data.std[view], posterior.std, atol=1e-5)
    assert {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in (good, broken)} == before


def test_a_set_without_one_readable_picture_is_refused(tiny_sd, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    model = load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
    with pytest.raises(SketchDeskError) as refused:
        encode_examples([Example(Path(broken), "x")], model, 32, True, False, 0, Reporter(lambda event: None))
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE
