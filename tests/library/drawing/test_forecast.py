"""Images, seconds and memory by arithmetic."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.library.drawing.forecast import (
    forecast,
    memory_gib,
    past_records,
    pictures_of,
    strength_of,
    tile_side_px,
)
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import ImageIndex
from sketchdesk.library.models.draw_facts import DrawFacts
from sketchdesk.library.paths import images_dir, index_file

FACTS = DrawFacts(
    cell_px=16, side_px=128, guidance_scale=3.0, parameters=10_000_000, unet_channels=160, vae_channels=32
)
SD1 = DrawFacts(parameters=1_066_000_000)


def job(*rows: PromptRow, **more: object) -> GenerateJob:
    return GenerateJob(model="demo-base", prompts=rows or (PromptRow(prompt="a"),), out_dir="out", **more)  # type: ignore[arg-type]


def record(**more: object) -> ImageRecord:
    values: dict[str, object] = {
        "prompt": "a", "seed": 0, "num_inference_steps": 25, "guidance_scale": 3.0, "sampler": "pndm", "width": 128,
        "height": 128, "model": "demo-base", "device": "cpu", "precision": "fp32", "batch_size": 4, "text_s": 0.4,
        "denoise_s": 8.0, "decode_s": 1.6,
    } | more  # fmt: skip
    return ImageRecord(**values)  # type: ignore[arg-type]


def seconds(wanted: GenerateJob, *records: ImageRecord, device: str = "cpu", precision: str = "fp32") -> float | None:
    return forecast(wanted, FACTS, records, device, precision).seconds


def test_images_are_counted_by_row() -> None:
    wanted = job(PromptRow(prompt="a"), PromptRow(prompt="b", count=5), count=3)
    assert forecast(wanted, FACTS, [], "cpu", "fp32").images == 8


def test_the_same_settings_take_as_long_as_before() -> None:
    told = forecast(job(count=6), FACTS, [record()], "cpu", "fp32")
    assert told.seconds == pytest.approx(6 * 2.5)
    assert told.basis == "same"


def test_steps_and_pixels_scale_what_was_measured() -> None:
    assert seconds(job(num_inference_steps=50), record()) == pytest.approx((0.4 + 16 + 1.6) / 4)
    assert seconds(job(width=256, height=256), record()) == pytest.approx((0.4 + 32 + 6.4) / 4)
    assert seconds(job(guidance_scale=1.0), record()) == pytest.approx((0.4 + 4 + 1.6) / 4)
    assert seconds(job(sampler="heun"), record()) == pytest.approx((0.4 + 16 + 1.6) / 4)
    assert forecast(job(num_inference_steps=50), FACTS, [record()], "cpu", "fp32").basis == "scaled"


def test_alike_pictures_count_before_others_and_the_median_before_a_slow_one() -> None:
    others = [record(width=512, height=512, denoise_s=9999.0)] * 9
    slow = record(denoise_s=1000.0)
    assert seconds(job(), *others, record(), record(), slow) == pytest.approx(2.5)


def test_other_devices_do_not_count_and_other_precisions_only_at_need() -> None:
    assert seconds(job(), record(device="cuda:1", precision="fp16"), device="cpu") is None
    assert seconds(job(), record(device="cuda:1", precision="fp16"), device="cuda:0", precision="fp16") == 2.5
    assert seconds(job(), record(precision="bf16", denoise_s=0.4), record()) == pytest.approx(2.5)
    assert seconds(job(), record(precision="bf16")) == pytest.approx(2.5)
    assert seconds(job()) is None


def test_memory_is_near_what_was_measured() -> None:
    demo = memory_gib(pictures_of(job(count=8), FACTS), FACTS, "fp32")
    assert demo == pytest.approx(0.70, abs=0.06)
    large = memory_gib(pictures_of(job(), SD1), SD1, "fp16")
    assert large is not None
    assert 2.7 < large < 4.0
    doubled = memory_gib(pictures_of(job(), SD1), SD1, "fp32")
    assert doubled is not None
    assert doubled > large + 2


def test_prompts_that_are_drawn_together_take_their_memory_together() -> None:
    rows = [PromptRow(prompt=name) for name in "abcdefgh"]
    assert list(pictures_of(job(*rows), FACTS)) == list(pictures_of(job(count=8), FACTS))
    apart = [PromptRow(prompt="a"), PromptRow(prompt="b", num_inference_steps=9), PromptRow(prompt="c")]
    assert [picture.count for picture in pictures_of(job(*apart), FACTS)] == [1, 1, 1]


def test_savings_need_less_memory() -> None:
    pictures = list(pictures_of(job(width=1024, height=1024), SD1))
    whole = memory_gib(pictures, SD1, "fp16")
    tiled = memory_gib(pictures, SD1, "fp16", savings=("tiled_vae",))
    both = memory_gib(pictures, SD1, "fp16", savings=("tiled_vae", "sequential_guidance"))
    assert whole is not None and tiled is not None and both is not None
    assert both < tiled < whole
    assert tile_side_px(512, 8) == 256
    assert tile_side_px(128, 16) == 128


def test_drawing_from_a_picture_takes_its_share_of_the_steps() -> None:
    half = job(num_inference_steps=50, init_image="a.png", strength=0.5)
    assert seconds(half, record()) == pytest.approx((0.4 + 8 + 1.6) / 4)
    assert strength_of(job()) == 1.0
    assert strength_of(job(init_image="a.png")) == 0.75
    assert strength_of(job(init_image="a.png", mask_image="b.png")) == 1.0


def test_pictures_drawn_from_a_picture_have_its_size(tmp_path: Path) -> None:
    start = tmp_path / "start.png"
    Image.new("RGB", (643, 520)).save(start)
    (drawn,) = pictures_of(job(init_image=str(start)), SD1)
    assert (drawn.width, drawn.height) == (640, 520)
    (own,) = pictures_of(job(init_image=str(start), width=512, height=512), SD1)
    assert (own.width, own.height) == (512, 512)
    small = forecast(job(), SD1, [], "cpu", "fp32").memory_gib
    from_it = forecast(job(init_image=str(start)), SD1, [], "cpu", "fp32").memory_gib
    assert small is not None and from_it is not None and from_it > small
    (gone,) = pictures_of(job(init_image=str(tmp_path / "gone.png")), SD1)
    assert (gone.width, gone.height) == (512, 512)


def test_precision_and_added_files_count(tmp_path: Path) -> None:
    pictures = list(pictures_of(job(), SD1))
    full, half = (memory_gib(pictures, SD1, precision) for precision in ("fp32", "fp16"))
    assert full is not None and half is not None
    assert (full - 0.5) / (half - 0.5) == pytest.approx(2)
    lora = tmp_path / "large.safetensors"
    with lora.open("wb") as file:
        file.truncate(9 * 2**30)  # a sparse file: large in name only
    with_it = forecast(job(loras=(LoraUse(path=str(lora)),)), SD1, [], "cpu", "fp16").memory_gib
    assert with_it == pytest.approx(0.5 + SD1.parameters * 2 / 2**30 + 9)


def test_networks_that_take_turns_need_the_room_of_the_largest() -> None:
    facts = DrawFacts(parameters=1_066_000_000, largest_parameters=860_000_000)
    pictures = list(pictures_of(job(), facts))
    whole, turns, layers = (
        memory_gib(pictures, facts, "fp16", savings=way) for way in ((), ("model_offload",), ("sequential_offload",))
    )
    assert whole is not None and turns is not None and layers is not None
    assert whole - turns == pytest.approx((1_066_000_000 - 860_000_000) * 2 / 2**30)
    assert layers < turns


def test_a_model_of_unknown_size_gets_no_figure() -> None:
    assert forecast(job(), DrawFacts(), [record()], "cpu", "fp32").memory_gib is None


def test_past_images_come_from_the_index() -> None:
    assert past_records("demo-base") == []
    for name, model in (("a", "demo-base"), ("b", "another")):
        save_png(Image.new("RGB", (4, 4)), images_dir() / f"{name}.png", record(model=model))
    Image.new("RGB", (4, 4)).save(images_dir() / "plain.png")
    with ImageIndex(index_file(), [Path(images_dir())]) as index:
        index.refresh()
    assert past_records("demo-base") == [record()]
