"""Images remember how they were made, and tell it in the words of other programs."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.images.infotext import read_infotext, write_infotext
from sketchdesk.library.images.metadata import ImageRecord, image_files, read_record, save_png

PICTURE = Image.new("RGB", (24, 16), "teal")


def record(**changes: object) -> ImageRecord:
    plain: dict[str, object] = {
        "prompt": "a zebra running", "seed": 7, "num_inference_steps": 25, "guidance_scale": 7.5, "sampler": "euler_a",
        "width": 24, "height": 16, "model": "demo-base",
    }  # fmt: skip
    return ImageRecord(**{**plain, **changes})  # type: ignore[arg-type]


def read_as_a1111_does(text: str) -> tuple[str, str, dict[str, str]]:
    """A1111's convention, read character by character: prompt, negative prompt, pairs of the last line."""
    *lines, last = text.strip().split("\n")
    split = next((n for n, line in enumerate(lines) if line.startswith("Negative prompt:")), len(lines))
    prompt, negative = "\n".join(lines[:split]), "\n".join(lines[split:]).removeprefix("Negative prompt:").strip()
    pairs, rest = {}, last
    while rest:
        key, rest = rest.split(": ", 1)
        if rest.startswith('"'):
            value, end = json.JSONDecoder().raw_decode(rest)
            rest = rest[end:].removeprefix(",").lstrip()
        else:
            value, _comma, rest = rest.partition(", ")
        pairs[key] = value
    return prompt, negative, pairs


def save_with(path: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    PICTURE.save(path, pnginfo=info)
    return path


everything = record(
    prompt="un niño, corriendo: “rápido” 漢字 🦓\nsecond line", style_prefix="a sketch of",
    negative_prompt="blur,\ncolour",
    loras=(LoraUse(path="/some/where/ink.safetensors", weight=0.75),), device="cpu", precision="fp32", batch_size=4,
    batch_index=2, batch_seeds=(5, 6, 7, 8), num_threads=2, text_s=0.1, denoise_s=2.5, decode_s=0.3,
    app_version="0.1.0", created="2026-01-02T03:04:05+00:00",
)  # fmt: skip

sampled = record(
    style_suffix=", in ink", guidance_rescale=0.7, clip_skip=1, prompt_weighting=True, init_image="/a/b.png",
    init_hash="0" * 64, strength=0.6, mask_image="/a/c.png", mask_hash="1" * 64, memory_savings=("tiled_vae",),
)  # fmt: skip


@pytest.mark.parametrize("kept", [record(), everything, sampled, record(prompt="", seed=2**63 - 1, guidance_scale=0.0)])
def test_a_record_comes_back_as_it_was_and_the_pixels_too(tmp_path: Path, kept: ImageRecord) -> None:
    save_png(PICTURE, tmp_path / "a.png", kept)
    assert read_record(tmp_path / "a.png") == kept
    with Image.open(tmp_path / "a.png") as image:
        assert image.tobytes() == PICTURE.tobytes()


def test_the_full_prompt_is_prefix_and_prompt() -> None:
    assert record(style_prefix="a sketch of").full_prompt == "a sketch of a zebra running"
    assert record().full_prompt == "a zebra running"
    assert record(style_prefix="ink of", style_suffix=", lines").full_prompt == "ink of a zebra running, lines"
    assert record(style_suffix="in ink").full_prompt == "a zebra running in ink"


def test_clip_skip_and_strength_are_told_as_a1111_counts_them(tmp_path: Path) -> None:
    pairs = read_as_a1111_does(write_infotext(sampled))[2]
    assert (pairs["Clip skip"], pairs["Denoising strength"]) == ("2", "0.6")
    told = read_infotext(write_infotext(sampled), 24, 16)
    assert told is not None
    assert told.clip_skip == 1
    assert "Clip skip" not in write_infotext(record())


def test_a1111_can_read_what_we_write(tmp_path: Path) -> None:
    save_png(PICTURE, tmp_path / "a.png", everything)
    with Image.open(tmp_path / "a.png") as image:
        prompt, negative, pairs = read_as_a1111_does(image.text["parameters"])
    assert prompt == "a sketch of un niño, corriendo: “rápido” 漢字 🦓\nsecond line <lora:ink:0.75>"
    assert negative == "blur,\ncolour"
    assert pairs == {
        "Steps": "25", "Sampler": "Euler a", "CFG scale": "7.5", "Seed": "7", "Size": "24x16", "Model": "demo-base",
    }  # fmt: skip


def test_a_model_name_with_a_comma_is_quoted_for_a1111(tmp_path: Path) -> None:
    save_png(PICTURE, tmp_path / "a.png", record(model='C:\\models\\ink, "v2"'))
    with Image.open(tmp_path / "a.png") as image:
        _prompt, _negative, pairs = read_as_a1111_does(image.text["parameters"])
    assert pairs["Model"] == 'C:\\models\\ink, "v2"'


def test_an_image_of_a1111_tells_how_it_was_made(tmp_path: Path) -> None:
    text = (
        "a castle <lora:ink-wash:0.6>\non a hill\nNegative prompt: fog, rain\nnight\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234567890, Size: 512x768, "
        'Model hash: 6ce0161689, Model: v1-5, "odd": 1, Lora hashes: "ink-wash: 123, b: 4", Version: v1.10.1'
    )
    found = read_record(save_with(tmp_path / "a.png", parameters=text))
    assert found == record(
        prompt="a castle\non a hill", negative_prompt="fog, rain\nnight", seed=1234567890, num_inference_steps=20,
        guidance_scale=7.0, sampler="dpmpp_2m_karras", width=512, height=768, model="v1-5", model_hash="6ce0161689",
        loras=(LoraUse(path="ink-wash", weight=0.6),),
    )  # fmt: skip


def test_a_sampler_we_lack_keeps_its_name_and_what_is_not_said_is_not_made_up(tmp_path: Path) -> None:
    text = "a castle\nSampler: DPM fast, Model: v1-5, Denoising strength: 0.7"
    found = read_record(save_with(tmp_path / "a.png", parameters=text))
    assert found is not None
    assert found.sampler == "DPM fast"
    assert (found.seed, found.num_inference_steps, found.guidance_scale) == (None, None, None)
    assert (found.width, found.height) == PICTURE.size


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le"])
def test_a1111s_exif_comment_is_read_from_other_formats(tmp_path: Path, suffix: str, encoding: str) -> None:
    text = "ein Schloß\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 3, Size: 24x16, Model: m"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(encoding)
    PICTURE.save(tmp_path / f"a.{suffix}", exif=exif)
    found = read_record(tmp_path / f"a.{suffix}")
    assert found is not None
    assert (found.prompt, found.sampler, found.seed) == ("ein Schloß", "euler", 3)


def test_an_image_of_invokeai_tells_how_it_was_made(tmp_path: Path) -> None:
    data = {
        "app_version": "5.0.0", "generation_mode": "txt2img", "positive_prompt": "a castle", "negative_prompt": "fog",
        "width": 640, "height": 512, "seed": 99, "cfg_scale": 6.5, "steps": 30, "scheduler": "dpmpp_2m_k",
        "model": {"key": "k", "name": "dreamshaper", "base": "sd-1"},
        "loras": [{"model": {"name": "ink"}, "weight": 0.5}],
    }  # fmt: skip
    found = read_record(save_with(tmp_path / "a.png", invokeai_metadata=json.dumps(data)))
    assert found == record(
        prompt="a castle", negative_prompt="fog", seed=99, num_inference_steps=30, guidance_scale=6.5,
        sampler="dpmpp_2m_karras", width=640, height=512, model="dreamshaper",
        loras=(LoraUse(path="ink", weight=0.5),),
    )  # fmt: skip


COMFY = {
    "3": {"class_type": "KSampler", "inputs": {
        "seed": ["20", 0], "steps": 12, "cfg": 5.5, "sampler_name": "euler_ancestral", "scheduler": "normal",
        "model": ["10", 0], "positive": ["15", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 320, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a castle", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
    "10": {"class_type": "LoraLoader", "inputs": {
        "lora_name": "ink.safetensors", "strength_model": 0.8, "strength_clip": 1, "model": ["4", 0]}},
    "15": {"class_type": "ControlNetApply", "inputs": {"conditioning": ["6", 0], "strength": 1}},
    "20": {"class_type": "PrimitiveInt", "inputs": {"value": 2**64 - 1}},
}  # fmt: skip


def test_a_graph_of_comfyui_is_followed_to_its_values(tmp_path: Path) -> None:
    found = read_record(save_with(tmp_path / "a.png", prompt=json.dumps(COMFY)))
    assert found == record(
        prompt="a castle", negative_prompt="fog", seed=2**64 - 1, num_inference_steps=12, guidance_scale=5.5,
        sampler="euler_a", width=512, height=320, model="v1-5.safetensors",
        loras=(LoraUse(path="ink.safetensors", weight=0.8),),
    )  # fmt: skip


def test_a_graph_that_goes_in_circles_ends(tmp_path: Path) -> None:
    circle = {"1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "model": ["2", 0]}},
              "2": {"class_type": "Reroute", "inputs": {"conditioning": ["2", 0], "model": ["2", 0]}}}  # fmt: skip
    found = read_record(save_with(tmp_path / "a.png", prompt=json.dumps(circle)))
    assert found is not None
    assert (found.prompt, found.model) == ("", "")


def test_our_own_record_counts_before_the_others(tmp_path: Path) -> None:
    ours = msgspec.json.encode(record(prompt="ours")).decode()
    path = save_with(tmp_path / "a.png", parameters="theirs\nSteps: 1, Seed: 1, Size: 1x1", sketchdesk=ours)
    assert read_record(path) == record(prompt="ours")


def test_a_damaged_record_of_ours_leaves_the_other_texts(tmp_path: Path) -> None:
    path = save_with(tmp_path / "a.png", parameters="theirs\nSteps: 1, Seed: 1, Size: 1x1", sketchdesk='{"prompt":')
    found = read_record(path)
    assert found is not None
    assert found.prompt == "theirs"


def test_a_record_of_a_later_version_with_more_fields_is_read(tmp_path: Path) -> None:
    later = msgspec.to_builtins(record()) | {"depth_map": "x"}
    assert read_record(save_with(tmp_path / "a.png", sketchdesk=json.dumps(later))) == record()


def test_files_without_a_record_have_none(tmp_path: Path) -> None:
    save_with(tmp_path / "plain.png", Comment="hello", parameters="only a prompt", prompt="[]", invokeai_metadata="{")
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    for name in ("plain.png", "text.png", "empty.png", "folder.png", "missing.png"):
        assert read_record(tmp_path / name) is None, name


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), junk=st.binary(max_size=40), cut=st.booleans())
def test_no_damage_to_a_file_makes_reading_raise(tmp_path: Path, at: int, junk: bytes, cut: bool) -> None:
    path = tmp_path / "a.png"
    save_png(PICTURE, path, everything)
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + junk + (b"" if cut else whole[at + len(junk) :]))
    found = read_record(path)
    assert found is None or isinstance(found, ImageRecord)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(["parameters", "invokeai_metadata", "prompt", "sketchdesk"]), value=st.text(max_size=200))
@example(key="parameters", value="a\nSeed: 99999999999999999999999, Steps: 1e400, CFG scale: nan, Size: 1x")
@example(key="prompt", value='{"1": {"class_type": "KSampler", "inputs": {"seed": [], "positive": ["1"]}}}')
@example(key="invokeai_metadata", value='{"positive_prompt": 3, "loras": [1, {"lora": 2}], "model": []}')
@example(key="prompt", value='{"1": {"class_type": "KSampler", "inputs": {"sampler_name": "\\ud800"}}}')
@example(key="parameters", value='a\nSeed: 1, Steps: 2, Model: "\\udfff"')
@example(key="prompt", value="[" * 100_000)
def test_no_text_of_another_program_makes_reading_raise(tmp_path: Path, key: str, value: str) -> None:
    found = read_record(save_with(tmp_path / "a.png", **{key: value.encode(errors="ignore").decode()}))
    assert found is None or msgspec.json.decode(msgspec.json.encode(found), type=ImageRecord) == found


png_chunks = st.lists(
    st.tuples(
        st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"PLTE", b"IHDR", b"acTL"]),
        st.binary(max_size=40)
        | st.builds(
            lambda key, flags, body: key + flags + body,
            st.sampled_from([b"parameters\0", b"sketchdesk\0", b"prompt\0", b"Raw profile type exif\0"]),
            st.sampled_from([b"", b"\0", b"\0\0\0\0", b"\1\0\0\0"]),
            st.binary(max_size=30) | st.binary(max_size=30).map(zlib.compress),
        ),
    ),
    max_size=4,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=png_chunks, first=st.booleans())
def test_no_chunk_makes_reading_raise(tmp_path: Path, chunks: list[tuple[bytes, bytes]], first: bool) -> None:
    path = save_with(tmp_path / "a.png")
    data = path.read_bytes()
    end_of_header = 8 + 25
    strange = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    at = end_of_header if first else len(data) - 12
    path.write_bytes(data[:at] + strange + data[at:])
    found = read_record(path)
    assert found is None or isinstance(found, ImageRecord)


def test_a_very_long_strange_text_does_not_stall_reading(tmp_path: Path) -> None:
    text = "word " * 60_000 + "\n" + "a b-c/" * 60_000 + ' "' + " " * 60_000
    assert read_record(save_with(tmp_path / "a.png", parameters=text)) is None


def test_images_are_found_at_any_depth_in_order_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.PNG", "a/z.jpeg", "a/b/c.webp", "a.jpg", "notes.txt", ".hidden.png", ".c/x.png", "half.png.tmp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [str(path.relative_to(tmp_path)) for path in image_files(tmp_path)] == [
        str(Path(name)) for name in ("a/b/c.webp", "a/z.jpeg", "a.jpg", "b.PNG")
    ]
    assert image_files(tmp_path / "missing") == []


def test_a_picture_that_cannot_be_written_is_told_and_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SketchDeskError) as caught:
        save_png(PICTURE, tmp_path / "file" / "a.png", record())
    assert caught.value.kind is ErrorKind.NOT_WRITABLE
