"""From sources to latents: what is encoded, kept, found again, made live; and what never happens to a file."""

from __future__ import annotations

import contextlib
import hashlib
import io
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import MetricLogged, Notice
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.encoding import encode, to_pixels
from sketchdesk.engine.training.examples import CachedLatents, LiveLatents
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.order import Shown
from sketchdesk.engine.training.prepare import find, prepare
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, write_edits
from sketchdesk.library.dataset.chance import view_of
from sketchdesk.library.dataset.facts import decoded
from sketchdesk.library.dataset.items import Again, Item, Source
from sketchdesk.library.dataset.shapes import Shape, cut
from sketchdesk.library.paths import cache_dir, resources_dir

FLIPPED = [Shown(0, 0, epoch) for epoch in range(40) if view_of(0, epoch, 0, True, True).flipped]
PLAIN = [Shown(0, 0, epoch) for epoch in range(40) if not view_of(0, epoch, 0, True, True).flipped]


def noise(seed: int, size: tuple[int, int] = (32, 32)) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def save(folder: Path, **pictures: Image.Image) -> Path:
    for name, picture in pictures.items():
        picture.save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"about {name}")
    return folder


def job_of(tiny_sd: Path, dataset: Path, **values: object) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(dataset), out_dir="", train_batch_size=2, precision="fp32",
        **{"random_flip": False, **values},
    )  # fmt: skip


def prepared(job: TrainJob, model, sink=lambda event: None, resolution: int = 32):
    return prepare(job, find(job), model, resolution, Reporter(sink))


def contents(folder: Path) -> dict[Path, str]:
    return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def test_encoding_matches_the_vae_and_flips_are_kept_apart(tiny_sd, tiny_model, tmp_path):
    before = contents(save(tmp_path, a=noise(1)))
    data = prepared(job_of(tiny_sd, tmp_path, random_flip=True), tiny_model)
    pixels = to_pixels([noise(1)])
    for shown, view in ((PLAIN, pixels), (FLIPPED, pixels.flip(-1))):
        with torch.no_grad():
            posterior = tiny_model.vae.encode(view).latent_dist
        found = data.sample(shown[:1], 0, torch.Generator().manual_seed(3))
        drawn = torch.randn(posterior.mean.shape, generator=torch.Generator().manual_seed(3))
        wanted = (posterior.mean + posterior.std * drawn) * tiny_model.vae.config.scaling_factor
        assert torch.allclose(found, wanted, atol=1e-6)
    assert contents(tmp_path) == before


def test_every_draw_from_a_distribution_is_another(tiny_sd, tiny_model, tmp_path):
    data = prepared(job_of(tiny_sd, save(tmp_path, a=noise(1))), tiny_model)
    one, other = (data.sample(PLAIN[:1], 0, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    assert not torch.equal(one, other)


def test_what_cannot_be_used_is_named_and_the_others_are_trained_on(tiny_sd, tiny_model, tmp_path):
    save(tmp_path, good=noise(1))
    for number in range(12):
        (tmp_path / f"broken{number:02}.png").write_bytes(b"no picture")
        (tmp_path / f"broken{number:02}.txt").write_text("nothing")
    events: list = []
    data = prepared(job_of(tiny_sd, tmp_path), tiny_model, events.append)
    assert data.captions == ["about good"]
    told = [event for event in events if isinstance(event, Notice)]
    assert [event.level for event in told] == ["warning"] * 11
    assert "broken00.png" in told[0].message
    assert "2 more" in told[-1].message


def test_a_set_without_one_readable_picture_is_refused(tiny_sd, tiny_model, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"")
    (tmp_path / "broken.txt").write_text("x")
    with pytest.raises(SketchDeskError) as refused:
        prepared(job_of(tiny_sd, tmp_path), tiny_model)
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE


class Counting:
    """Counts pictures that go through an autoencoder, as torch shows them to a hook."""

    def __init__(self, model) -> None:
        self.count = 0
        self._handle = model.vae.encoder.register_forward_hook(self._seen)

    def _seen(self, _module, inputs, _output) -> None:
        self.count += len(inputs[0])

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_error: object) -> None:
        self._handle.remove()


def test_a_second_run_encodes_only_what_is_new(tiny_sd, tiny_model, tmp_path):
    job = job_of(tiny_sd, save(tmp_path, a=noise(1), b=noise(2)))
    with Counting(tiny_model) as encoded:
        first = prepared(job, tiny_model)
        assert encoded.count == 2
        again = prepared(job, tiny_model)
        assert encoded.count == 2
        assert torch.equal(again.still(1), first.still(1))
        save(tmp_path, b=noise(3), c=noise(4))
        changed = prepared(job, tiny_model)
        assert encoded.count == 4
        assert torch.equal(changed.still(0), first.still(0))
        assert not torch.equal(changed.still(1), first.still(1))
        prepared(msgspec.structs.replace(job, random_flip=True), tiny_model)
        assert encoded.count == 4 + 6  # the three and their mirror images
        prepared(msgspec.structs.replace(job, resolution=16), tiny_model, resolution=16)
        assert encoded.count == 4 + 6 + 3


def test_another_autoencoder_shares_nothing(tiny_sd, tiny_model, tmp_path):
    import copy

    job = job_of(tiny_sd, save(tmp_path, a=noise(1)))
    first = prepared(job, tiny_model)
    other = copy.copy(tiny_model)
    other.vae = copy.deepcopy(tiny_model.vae)
    with torch.no_grad():
        next(other.vae.parameters()).add_(0.01)
    assert not torch.equal(prepared(job, other).still(0), first.still(0))


def test_a_damaged_cache_is_told_and_made_again(tiny_sd, tiny_model, tmp_path):
    job = job_of(tiny_sd, save(tmp_path, a=noise(1)))
    first = prepared(job, tiny_model)
    kept = first.still(0).clone()
    (shard,) = (cache_dir() / "latents").rglob("*.safetensors")
    del first
    shard.unlink()
    shard.write_bytes(b"\1" * 5000)
    events: list = []
    assert torch.equal(prepared(job, tiny_model, events.append).still(0), kept)
    assert [event.level for event in events if isinstance(event, Notice)] == ["warning"]


def test_stopped_while_encoding_it_goes_on_with_what_was_kept(tiny_sd, tiny_model, tmp_path, monkeypatch):
    monkeypatch.setattr("sketchdesk.engine.training.row_store.SHARD_BYTES", 1)
    monkeypatch.setattr("sketchdesk.engine.training.encoding.ENCODE_PIXELS", 4 * 32 * 32)
    job = job_of(tiny_sd, save(tmp_path, **{f"p{n:02}": noise(n) for n in range(40)}))
    reporter = Reporter(lambda event: reporter.cancel() if getattr(event, "step", 0) == 16 else None)
    with Counting(tiny_model) as encoded:
        with pytest.raises(Cancelled):
            prepare(job, find(job), tiny_model, 32, reporter)
        assert encoded.count == 16
        prepared(job, tiny_model)
        assert encoded.count == 40


def test_aspect_buckets_keep_each_pictures_shape(tiny_sd, tiny_model, tmp_path):
    save(tmp_path, square=noise(1, (64, 64)), tall=noise(2, (50, 100)), wide=noise(3, (100, 50)))
    data = prepared(job_of(tiny_sd, tmp_path, aspect_buckets=True), tiny_model)
    assert [example.shape for example in data.examples] == [Shape(32, 32), Shape(20, 40), Shape(40, 20)]
    assert [tuple(data.still(n).shape) for n in range(3)] == [(4, 16, 16), (4, 20, 10), (4, 10, 20)]


def test_random_crops_are_anew_each_pass_the_same_again_and_said(tiny_sd, tiny_model, tmp_path):
    events: list = []
    data = prepared(job_of(tiny_sd, save(tmp_path, a=noise(1, (64, 32))), center_crop=False), tiny_model, events.append)
    try:
        assert isinstance(data.latents, LiveLatents)
        assert any("cropped" in event.message for event in events if isinstance(event, Notice))
        means = [data.latents.of(*data._asked([Shown(0, 0, epoch)], 5))[0] for epoch in (0, 1, 0)]
        assert not torch.equal(means[0], means[1])
        assert torch.equal(means[0], means[2])
        crop = view_of(5, 0, 0, center_crop=False, random_flip=False).crop
        expected, _logvar = encode(tiny_model, to_pixels([cut(noise(1, (64, 32)), Shape(32, 32), crop)]))
        assert torch.equal(means[0], expected)
    finally:
        data.latents.close()


def test_a_batch_that_is_too_large_to_be_encoded_at_once_is_encoded_in_parts(tiny_sd, tiny_model, tmp_path):
    pictures = {name: noise(number, (512, 512)) for number, name in enumerate("ab")}
    job = job_of(tiny_sd, save(tmp_path, **pictures), cache_latents=False)
    data = prepared(job, tiny_model, resolution=512)
    sizes: list[int] = []
    hook = tiny_model.vae.encoder.register_forward_pre_hook(lambda _encoder, inputs: sizes.append(len(inputs[0])))
    try:
        found = data.latents.of(*data._asked([Shown(0, 0, 0), Shown(1, 1, 0)], 5))
    finally:
        hook.remove()
        data.latents.close()
    assert sizes == [1, 1], "512 × 512 pixels are as many as are encoded together"
    for part, whole in zip(found, encode(tiny_model, to_pixels(list(pictures.values()))), strict=True):
        assert torch.allclose(part, whole, atol=1e-4)


def test_where_nothing_can_be_cropped_random_crops_are_kept_too(tiny_sd, tiny_model, tmp_path):
    data = prepared(job_of(tiny_sd, save(tmp_path, a=noise(1, (48, 48))), center_crop=False), tiny_model)
    assert isinstance(data.latents, CachedLatents)


def test_of_several_processes_each_reads_ahead_what_it_will_show_and_keeps_no_more(tiny_sd, tmp_path):
    """They take turns: of three, number 1 shows batches 1, 4, 7 …"""
    save(tmp_path, **{name: noise(number) for number, name in enumerate("abcdefgh")})
    job = job_of(tiny_sd, tmp_path, cache_latents=False)
    placement = Placement(torch.device("cpu"), torch.float32, 1)
    model = load_stable_diffusion(tiny_sd, placement.device, torch.float32)
    data = prepared(job, model)
    with contextlib.closing(data.latents):
        texts = TextStates(model, torch.float32, False, pytest.fail)
        trainer = Trainer(job, model, data, placement, texts, ranks=Ranks(1, 3))
        for number in (1, 4, 7):
            trainer.batch(number)
            following = {data.examples[one.example].item.key for one in trainer.order.at(number + 3)}
            assert {key for key, _view in data.latents._ahead} == following


def test_a_picture_that_is_gone_while_training_is_told(tiny_sd, tiny_model, tmp_path):
    data = prepared(job_of(tiny_sd, save(tmp_path, a=noise(1)), cache_latents=False), tiny_model)
    (tmp_path / "a.png").unlink()
    with pytest.raises(SketchDeskError) as stopped:
        data.still(0)
    data.latents.close()
    assert stopped.value.kind is ErrorKind.DATASET_UNREADABLE


def test_a_stream_is_read_once_cached_and_let_go(tiny_sd, tiny_model):
    data = io.BytesIO()
    noise(1, (64, 32)).save(data, "PNG")
    read: list[int] = []

    def rows():
        for number in range(3):
            read.append(number)
            yield Item(str(number), f"row {number}", lambda: data.getvalue())

    events: list = []
    source = Source("owner/set", Again(rows), streamed=True).captioned(2)
    job = job_of(tiny_sd, Path("owner/set"), center_crop=False, cache_latents=False)
    found = prepare(job, source, tiny_model, 32, Reporter(events.append))
    assert read == [0, 1]
    assert found.captions == ["row 0", "row 1"]
    assert found.still(1).shape == (4, 16, 16)
    assert any("streamed" in event.message for event in events if isinstance(event, Notice))
    with pytest.raises(OSError, match="read once"):
        found.examples[0].item.read()


def test_edited_captions_take_the_place_of_the_sets_own(tiny_sd, tmp_path, home):
    save(tmp_path, a=noise(1), b=noise(2))
    (tmp_path / "b.txt").unlink()
    write_edits(home / "edits.json", CaptionEdits("x", {"a.png": Edit("other words"), "b.png": Edit("new", "blip")}))
    job = job_of(tiny_sd, tmp_path, captions_file=str(home / "edits.json"))
    assert [item.caption for item in find(job).items] == ["other words", "new"]
    assert (tmp_path / "a.txt").read_text() == "about a"


def test_pictures_are_cropped_upright_and_laid_on_white():
    def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
        data = io.BytesIO()
        picture.save(data, kind, **options)
        return data.getvalue()

    clear = decoded(saved(Image.new("RGBA", (60, 30), (255, 0, 0, 0)), "PNG"))
    assert cut(clear, Shape(16, 16), (0.5, 0.5)).getpixel((8, 8)) == (255, 255, 255)
    halves = Image.new("RGB", (40, 20), "blue")
    halves.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise when shown
    turned = cut(decoded(saved(halves, "JPEG", exif=exif, quality=95)), Shape(20, 20), (0.5, 0.5))
    assert turned.getpixel((10, 1))[0] > 200
    assert turned.getpixel((10, 18))[2] > 200


def losses_and_weights(job: TrainJob, out: Path) -> tuple[list[float], dict[str, torch.Tensor]]:
    events: list = []
    result = task.run(msgspec.structs.replace(job, out_dir=str(out)), Reporter(events.append))
    losses = [event.values["loss"] for event in events if isinstance(event, MetricLogged) and "loss" in event.values]
    return losses, load_file(Path(str(result["output"])) / "unet" / "diffusion_pytorch_model.safetensors")


def test_trained_with_and_without_the_cache_the_demo_model_is_the_same(tmp_path, monkeypatch):
    """Twenty steps of the demo model in fp32, flips included: encoded beforehand, and while training."""
    monkeypatch.setattr("sketchdesk.engine.training.loop.LOG_EVERY_S", -1.0)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    save(pictures, **{f"p{n}": noise(n, (64, 64)) for n in range(5)})
    demo = resources_dir() / "models" / "demo-base"
    job = job_of(
        demo, pictures, random_flip=True, resolution=64, max_train_steps=20, optimizer="adamw", checkpointing_steps=20,
        num_threads=1, use_ema=False,
    )  # fmt: skip
    cached = losses_and_weights(job, tmp_path / "cached")
    live = losses_and_weights(msgspec.structs.replace(job, cache_latents=False), tmp_path / "live")
    assert len(live[0]) == 20
    assert live[0] == pytest.approx(cached[0], abs=1e-5)
    for name, value in cached[1].items():
        assert torch.allclose(live[1][name], value, atol=1e-5, rtol=0), name
