"""Which pictures count as drawn, and what is asked for of those that are missing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.engine.evaluation.drawing import claim_folder, drawn_so, fingerprint, prompt_rows
from sketchdesk.library.drawing.source_picture import file_hash
from sketchdesk.library.images.metadata import ImageRecord, read_record, save_png


def test_seeds_in_sequence_share_a_row():
    rows = prompt_rows([("a", 0), ("a", 1), ("a", 3), ("b", 4), ("b", 5)])
    assert [(row.prompt, row.seed, row.count) for row in rows] == [("a", 0, 2), ("a", 3, 1), ("b", 4, 2)]


@pytest.fixture
def job(tmp_path):
    record = ImageRecord(
        prompt="a fox", seed=3, num_inference_steps=5, guidance_scale=2.0, sampler="ddim", width=32, height=32,
        model="m", style_prefix="in ink", negative_prompt="blurred",
    )  # fmt: skip
    save_png(Image.new("RGB", (32, 32)), tmp_path / "a" / "x.png", record)
    Image.new("RGB", (32, 32)).save(tmp_path / "a" / "stranger.png")
    return GenerateJob(
        model="m", prompts=(), out_dir=str(tmp_path / "a"), style_prefix="in ink", negative_prompt="blurred",
        num_inference_steps=5,
    )  # fmt: skip


def test_a_picture_that_was_drawn_as_asked_is_found(job):
    asked = msgspec.structs.replace(job, sampler="ddim", guidance_scale=2.0, width=32)
    for one in (job, asked):
        assert [(key, path.name) for key, path in drawn_so(one).items()] == [(("a fox", 3), "x.png")]


@pytest.mark.parametrize("scale", [0.0, 0.5, 1.0])
def test_all_scales_that_guide_nothing_are_alike(job, scale):
    file = Path(job.out_dir) / "x.png"
    save_png(Image.new("RGB", (32, 32)), file, msgspec.structs.replace(read_record(file), guidance_scale=0.0))
    assert len(drawn_so(msgspec.structs.replace(job, guidance_scale=scale))) == 1
    assert drawn_so(msgspec.structs.replace(job, guidance_scale=1.5)) == {}


@pytest.mark.parametrize(
    "other",
    [{"style_prefix": ""}, {"negative_prompt": ""}, {"num_inference_steps": 6}, {"guidance_scale": 3.0},
     {"sampler": "euler"}, {"height": 64}, {"style_suffix": ", in ink"}, {"clip_skip": 1}, {"guidance_rescale": 0.5},
     {"embeddings": ("ink.safetensors",)}, {"init_image": "x.png"}],
)  # fmt: skip
def test_a_picture_that_was_drawn_otherwise_is_not(job, other):
    assert drawn_so(msgspec.structs.replace(job, **other)) == {}


def test_weighting_counts_only_where_something_would_weigh(job):
    weighed = msgspec.structs.replace(job, prompt_weighting=True)
    assert len(drawn_so(weighed)) == 1
    file = Path(job.out_dir) / "x.png"
    record = read_record(file)
    save_png(Image.new("RGB", (4, 4)), file, msgspec.structs.replace(record, prompt="a (red:1.3) fox"))
    assert (len(drawn_so(job)), drawn_so(weighed)) == (1, {})


def test_the_picture_that_is_drawn_from_must_be_the_same_and_unchanged(job, tmp_path):
    source, mask = tmp_path / "source.png", tmp_path / "mask.png"
    for number, path in enumerate((source, mask)):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(path)
    file = Path(job.out_dir) / "x.png"
    record = msgspec.structs.replace(
        read_record(file), init_image=str(source), init_hash=file_hash(source), strength=1.0, mask_image=str(mask),
        mask_hash=file_hash(mask), unmasked_kept=True,
    )  # fmt: skip
    save_png(Image.new("RGB", (4, 4)), file, record)
    asked = msgspec.structs.replace(job, init_image=str(source), mask_image=str(mask))
    assert len(drawn_so(asked)) == 1
    for other in ({"strength": 0.5}, {"mask_image": None, "strength": 1.0}, {"init_image": None, "mask_image": None}):
        assert drawn_so(msgspec.structs.replace(asked, **other)) == {}
    Image.new("RGB", (5, 5)).save(mask)
    assert drawn_so(asked) == {}


def test_a_folder_belongs_to_the_settings_that_came_first(tmp_path):
    manifest = tmp_path / "out" / "settings.json"
    claim_folder(manifest, {"steps": (1, 2)}, "no")
    claim_folder(manifest, {"steps": [1, 2]}, "no")
    for spoil in (lambda: None, lambda: manifest.write_bytes(b"{")):
        spoil()
        with pytest.raises(SketchDeskError) as caught:
            claim_folder(manifest, {"steps": [1, 3]}, "taken")
        assert (caught.value.kind, caught.value.message) == (ErrorKind.BAD_INPUT, "taken")


def test_a_fingerprint_changes_with_the_weights_and_not_with_the_place(tmp_path):
    for place in ("one", "two"):
        (tmp_path / place / "model").mkdir(parents=True)
        (tmp_path / place / "model" / "x.safetensors").write_bytes(b"x" * 100)
    marks = [fingerprint(tmp_path / place / "model") for place in ("one", "two")]
    assert marks[0] == marks[1]
    (tmp_path / "two" / "model" / "x.safetensors").write_bytes(b"x" * 99 + b"y")
    assert fingerprint(tmp_path / "two" / "model") != marks[0]
