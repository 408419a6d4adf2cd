"""Pictures drawn without keeping them are listed, saved and dropped from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.library.drawing.unsaved import is_unsaved
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import ImageIndex
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.runs.runs import list_runs, status_of
from sketchdesk.library.runs.state import RunState


@pytest.fixture
def drawn(run, tiny_sd, tmp_path) -> list[Path]:
    """Three pictures drawn without keeping them, as the command told."""
    finished = run(
        "generate", "--model", str(tiny_sd), "--prompt", "a fox", "--count", "3", "--steps", "2", "--no-keep",
        "--out", str(tmp_path / "out"), "--json",
    )  # fmt: skip
    assert finished.code == 0, finished.err
    return [Path(image["path"]) for image in finished.answer["images"]]


def test_they_wait_in_a_run_until_they_are_saved_or_dropped(run, drawn, tmp_path, home):
    assert all(is_unsaved(path) and path.is_file() for path in drawn)
    assert not (tmp_path / "out").exists()
    (made,) = list_runs()
    assert status_of(made).state is RunState.DONE
    assert [image["path"] for image in run("images", "list", "--json").answer["images"]] == [str(one) for one in drawn]

    (saved,) = run("images", "save", str(drawn[1]), "--json").answer["saved"]
    assert Path(saved["path"]) == tmp_path / "out" / drawn[1].name
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        image = index.find(Path(saved["path"]))
        assert (image.run, image.unsaved) == ("a fox", False)

    dropped = run("images", "drop", "--all", "--json")
    assert len(dropped.answer["trash"]) == 2
    assert "Nothing waits" in run("images", "list").err


def test_other_files_are_left_alone(run, tmp_path, home):
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"mine")
    for command in ("save", "drop"):
        finished = run("images", command, str(mine))
        assert finished.code == 2
        assert "mine.png" in finished.err
    assert mine.read_bytes() == b"mine"


def test_a_picture_tells_how_long_it_took(run, tmp_path):
    record = ImageRecord(
        prompt="a fox", seed=1, num_inference_steps=20, guidance_scale=3.0, sampler="ddim", width=8, height=8,
        model="m", init_image="a.png", strength=0.5, text_s=0.25, denoise_s=2.0, decode_s=0.5, steps_taken=10,
    )  # fmt: skip
    save_png(Image.new("RGB", (8, 8)), tmp_path / "a.png", record)
    *_settings, whole, text, denoising, decoding = run("images", "show", str(tmp_path / "a.png")).out.splitlines()
    assert (whole, text) == ("Time: 2.75 s", "Reading the text: 0.25 s")
    assert (denoising, decoding) == ("Denoising: 2.00 s · 5.00 it/s", "Decoding: 0.50 s")
