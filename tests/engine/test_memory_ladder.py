"""Memory that does not suffice: forecast before loading, and a rung lower when it runs out all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from PIL import Image

import sketchdesk
from sketchdesk.contracts.events import ImageSaved, Notice
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate, memory
from sketchdesk.engine.device import place
from sketchdesk.engine.ladder import Rung, apply, fitting
from sketchdesk.engine.out_of_memory import is_out_of_memory
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.source import picture_tensor
from sketchdesk.library.drawing.forecast import tile_side_px
from sketchdesk.library.drawing.remake import job_of
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.models.draw_facts import DrawFacts
from sketchdesk.library.paths import resource

SD1 = DrawFacts(parameters=1_066_000_000)


def job(model: object, out: Path, **settings) -> GenerateJob:
    defaults = {"num_inference_steps": 2, "guidance_scale": 2.0, "precision": "fp32", "num_threads": 1, "count": 4}
    rows = (PromptRow(prompt="a zebra"),)
    return GenerateJob(model=str(model), prompts=rows, out_dir=str(out), **{**defaults, **settings})


def run(work: GenerateJob) -> tuple[list[ImageSaved], list[str]]:
    events: list = []
    generate.run(work, Reporter(events.append))
    saved = [event for event in events if isinstance(event, ImageSaved)]
    return saved, [event.message for event in events if isinstance(event, Notice)]


@pytest.fixture
def warm(tiny_sd):
    yield generate.load_model(str(tiny_sd), place("cpu", "fp32", 1))
    generate.forget_models()


def failing(module, name, monkeypatch, errors, fails):
    """Let a part of the model raise the errors, one a call, for as long as `fails` says of its input."""
    real, left = getattr(module, name), list(errors)

    def part(tensor, *arguments, **options):
        if left and fails(tensor):
            raise left.pop(0)
        return real(tensor, *arguments, **options)

    monkeypatch.setattr(module, name, part)


ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:83] data. DefaultCPUAllocator: not enough memory"),
    RuntimeError("MPS backend out of memory"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{type(error).__name__}-{str(error)[-20:]}")
def test_a_batch_that_does_not_fit_is_drawn_in_halves_and_all_pictures_are_the_same(
    warm, tiny_sd, tmp_path, monkeypatch, error
):
    whole, _notices = run(job(tiny_sd, tmp_path / "whole"))
    failing(warm.unet, "forward", monkeypatch, [error], lambda x: len(x) > 4)
    halves, notices = run(job(tiny_sd, tmp_path / "halves"))
    assert [image.seed for image in halves] == [0, 1, 2, 3]
    assert len(notices) == 1
    assert "2 pictures at a time" in notices[0]
    assert [read_record(Path(image.path)).batch_size for image in halves] == [2, 2, 2, 2]
    for one, other in zip(whole, halves, strict=True):
        pixels = (np.asarray(Image.open(image.path)).astype(int) for image in (one, other))
        assert np.abs(np.subtract(*pixels)).max() <= 1


def test_every_rung_is_tried_down_to_the_lowest_and_is_remembered(warm, tiny_sd, tmp_path, monkeypatch):
    failing(warm.vae, "decode", monkeypatch, [MemoryError()] * 5, lambda _x: True)
    saved, notices = run(job(tiny_sd, tmp_path))
    assert len(saved) == 4
    assert len(notices) == 5
    record = read_record(Path(saved[-1].path))
    assert record.batch_size == 1
    assert record.memory_savings == ("sequential_guidance", "sliced_attention", "tiled_vae")
    again, notices = run(job_of(record, tmp_path / "again"))
    assert notices == []
    assert np.array_equal(np.asarray(Image.open(saved[-1].path)), np.asarray(Image.open(again[0].path)))


def test_below_the_lowest_rung_the_job_fails_and_keeps_what_is_drawn(warm, tiny_sd, tmp_path, monkeypatch):
    calls = []
    failing(warm.vae, "decode", monkeypatch, [MemoryError()] * 99, lambda x: calls.append(x) or len(calls) > 1)
    with pytest.raises(MemoryError):
        run(job(tiny_sd, tmp_path, batch_size=1))
    assert len(list(tmp_path.glob("*.png"))) == 1
    apply(warm, ())


def test_another_error_is_not_tried_again(warm, tiny_sd, tmp_path, monkeypatch):
    failing(warm.unet, "forward", monkeypatch, [RuntimeError("size mismatch")] * 2, lambda _x: True)
    with pytest.raises(RuntimeError, match="size mismatch"):
        run(job(tiny_sd, tmp_path))
    assert not is_out_of_memory(RuntimeError("size mismatch"))


STARVED = """
import resource, sys
import torch
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.device import place
from sketchdesk.engine.session import run_job
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.source import picture_tensor

model, out, spare_mib = sys.argv[1], sys.argv[2], int(sys.argv[3])
def job(count, folder):
    return GenerateJob(model=model, prompts=(PromptRow(prompt="a zebra"),), out_dir=out + folder, count=count,
                       num_inference_steps=1, guidance_scale=2.0, precision="fp32", num_threads=1, device="cpu",
                       width=128, height=128, sampler="ddim", batch_size=count)
print(run_job(job(1, "/first"), Reporter(lambda event: None)).state)
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + spare_mib * 2**20, -1))
said = []
ended = run_job(job(8, "/starved"), Reporter(said.append))
for event in said:
    if type(event).__name__ == "Notice":
        print("NOTICE", event.message)
print(ended.state, ended.kind, ended.result)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_real_failed_allocation_is_survived(tiny_sd, tmp_path):
    """A process that may not take as much memory as eight pictures at once need draws them in smaller batches."""
    script = tmp_path / "starved.py"
    script.write_text(STARVED)
    one_thread = {"OMP_NUM_THREADS": "1"}  # each takes address space of its own
    done = subprocess.run(
        [sys.executable, str(script), str(tiny_sd), str(tmp_path / "out"), "60"], capture_output=True, text=True,
        timeout=170, check=False,
        env={**os.environ, **one_thread, "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1])},
    )  # fmt: skip
    told = done.stdout.splitlines()
    assert told, done.stderr[-3000:]
    assert told[-1].startswith("done"), done.stdout + done.stderr[-3000:]
    assert any(line.startswith("NOTICE Memory ran out") for line in told), done.stdout
    assert len(list((tmp_path / "out" / "starved").glob("*.png"))) == 8


def test_what_fits_is_left_alone_and_what_does_not_is_saved_for_step_by_step():
    many = GenerateJob(model="m", prompts=(PromptRow(prompt="a"),), out_dir="o", count=8, width=256, height=256)
    assert fitting(many, SD1, "fp16", 100.0)[0] == Rung()
    rung, needed = fitting(many, SD1, "fp16", 2.9)
    assert rung.batch_size == 1
    assert rung.savings == ()
    assert needed <= 2.9
    rows = tuple(PromptRow(prompt="a", seed=seed) for seed in range(8))  # as pictures are made again
    assert fitting(msgspec.structs.replace(many, prompts=rows, count=1), SD1, "fp16", 2.9) == (rung, needed)
    large = GenerateJob(model="m", prompts=(PromptRow(prompt="a"),), out_dir="o", width=1024, height=1024)
    whole, tiled = (fitting(large, SD1, "fp16", gib) for gib in (100.0, 3.5))
    assert whole[0] == Rung()
    assert "tiled_vae" in tiled[0].savings
    assert tiled[1] <= 3.5 < whole[1]
    lowest, needed = fitting(large, SD1, "fp16", 0.1)
    assert lowest.lower(1, True) is None
    assert needed > 0.1
    assert fitting(large, DrawFacts(), "fp16", 0.1) == (Rung(), None)


def test_guidance_by_turns_is_no_rung_for_what_is_not_guided():
    assert Rung().lower(1, guided=True).savings == ("sequential_guidance",)
    assert Rung().lower(1, guided=False).savings == ("sliced_attention",)
    assert Rung().lower(7, guided=True) == Rung(batch_size=3)


def test_too_little_memory_is_told_before_loading(tiny_sd, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "budget_gib", lambda _device: 0.01)
    saved, notices = run(job(tiny_sd, tmp_path, count=2))
    assert len(saved) == 2
    assert "0.0 GiB are free" in notices[0]
    assert read_record(Path(saved[0].path)).batch_size == 1


def test_a_small_picture_is_the_same_in_tiles(warm):
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        whole = warm.vae.decode(x, return_dict=False)[0]
        apply(warm, ("tiled_vae",))
        tiled = warm.vae.decode(x, return_dict=False)[0]
        apply(warm, ())
    assert torch.equal(whole, tiled)


def test_tiles_leave_no_seams():
    """The demo's own VAE on pictures it knows: near the whole decoding, and no rougher where tiles meet."""
    vae = AutoencoderKL.from_pretrained(resource("models") / "demo-base" / "vae").eval()
    with Image.open(resource("demo") / "sprites-colour.png") as atlas:
        sprites = atlas.convert("RGBA").crop((0, 0, 256, 256))
    picture = Image.alpha_composite(Image.new("RGBA", sprites.size, "white"), sprites).convert("RGB")
    pictures = []
    with torch.no_grad():
        latents = vae.encode(picture_tensor(picture, (256, 256))).latent_dist.mode()
        for tile in (None, tile_side_px(128, 16)):
            if tile:
                vae.use_tiling, vae.tile_sample_min_size, vae.tile_latent_min_size = True, tile, tile // 16
            pictures.append(vae.decode(latents, return_dict=False)[0])
    whole, tiled = pictures
    assert not torch.equal(whole, tiled)
    assert (tiled - whole).abs().mean() * 127.5 <= 4
    step = (tiled[..., 1:] - tiled[..., :-1]).abs().mean(dim=(0, 1, 2))
    borders = step[[95, 127, 191, 223]]  # tiles of 128 pixels that overlap by 32
    assert borders.mean() <= 1.5 * step.mean()
