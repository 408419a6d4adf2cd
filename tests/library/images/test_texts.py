"""JPEG and WebP files hold A1111's parameters and our record, and ComfyUI's graph is found in a WebP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.library.images.metadata import ImageRecord, read_record, save_new_image
from sketchdesk.library.images.texts import A1111, OURS, other_texts, write_with_texts
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file

PICTURE = Image.effect_noise((64, 64), 40).convert("RGB")


def record(prompt: str = 'a "fox" & <an owl>, ñ 狐, 100 %') -> ImageRecord:
    return ImageRecord(
        prompt=prompt, negative_prompt="blurry\nlines", seed=7, num_inference_steps=5, guidance_scale=3.0,
        sampler="euler", width=64, height=64, model="demo-base", batch_seeds=(7, 8),
    )  # fmt: skip


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".png"])
def test_all_that_was_recorded_is_read_back(tmp_path: Path, suffix):
    path = save_new_image(PICTURE, tmp_path / f"a{suffix}", record())
    assert path.suffix == suffix
    assert read_record(path) == record()
    with Image.open(path) as image:
        assert image.format == {".jpg": "JPEG", ".webp": "WEBP", ".png": "PNG"}[suffix]
        assert image.size == (64, 64)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_other_programs_find_the_parameters_where_a1111_has_them(tmp_path: Path, suffix):
    path = save_new_image(PICTURE, tmp_path / f"a{suffix}", record())
    with Image.open(path) as image:
        comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert comment.startswith(b"UNICODE\0")
    text = comment[8:].decode("utf-16-be")
    assert text.startswith('a "fox" & <an owl>, ñ 狐, 100 %\nNegative prompt: blurry\nlines\nSteps: 5')


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_a_prompt_that_is_too_long_for_the_file_takes_nothing_but_itself(tmp_path: Path, suffix):
    path = save_new_image(PICTURE, tmp_path / f"a{suffix}", record("fox " * 40_000))
    with Image.open(path) as image:
        image.load()
        assert other_texts(image)[A1111].startswith("fox fox")


def test_the_gallery_finds_them(home):
    for suffix in (".jpg", ".webp"):
        save_new_image(PICTURE, images_dir() / f"a{suffix}", record())
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        assert len(index.ids(Query(text="狐", model="demo-base", seed=7))) == 2


def test_comfyuis_graph_in_a_webp(tmp_path: Path):
    graph = {
        "1": {"class_type": "KSampler", "inputs": {
            "seed": 5, "steps": 20, "cfg": 8, "sampler_name": "euler", "scheduler": "normal", "positive": ["2", 0],
        }},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox"}},
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0110] = "prompt:" + json.dumps(graph)
    PICTURE.save(tmp_path / "a.webp", exif=exif)
    found = read_record(tmp_path / "a.webp")
    assert (found.prompt, found.seed, found.num_inference_steps) == ("a fox", 5, 20)


@pytest.mark.parametrize("packet", [b"", b"\xff\xfe", b'sketchdesk:record="{broken"', b'sketchdesk:record="&#xD800;"'])
def test_a_damaged_packet_is_no_record_and_no_error(tmp_path: Path, packet):
    PICTURE.save(tmp_path / "a.webp", xmp=packet)
    assert read_record(tmp_path / "a.webp") is None


def test_a_picture_with_transparency_becomes_a_jpeg(tmp_path: Path):
    write_with_texts(PICTURE.convert("RGBA"), tmp_path / "a.jpg", ".jpg", "x", "{}")
    with Image.open(tmp_path / "a.jpg") as image:
        assert (image.mode, other_texts(image)) == ("RGB", {A1111: "x", OURS: "{}"})
