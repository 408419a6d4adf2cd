"""Image-caption folders in the layouts people have."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.datasets import Example, read_examples, write_metadata


@pytest.fixture
def pictures(tmp_path):
    for name in ("a", "b"):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.png")
    return tmp_path


def test_metadata_written_here_is_read_back(pictures):
    examples = [Example(pictures / "a.png", "a “zebra”, ñandú"), Example(pictures / "b.png", "b")]
    write_metadata(pictures, examples)
    assert read_examples(pictures) == examples


def test_metadata_csv_with_another_caption_column(pictures):
    (pictures / "metadata.csv").write_text('file_name,caption\na.png,"one, two"\n', encoding="utf-8-sig")
    assert read_examples(pictures, "caption") == [Example(pictures / "a.png", "one, two")]


@pytest.mark.parametrize("suffix", [".txt", ".caption"])
def test_sidecar_captions(pictures, suffix):
    (pictures / f"a{suffix}").write_text("a zebra\n")
    assert read_examples(pictures) == [Example(pictures / "a.png", "a zebra")]


@pytest.mark.parametrize(
    "broken", ["{not json", json.dumps({"text": "no file name"}), json.dumps({"file_name": "a.png"}), "[1, 2]"]
)
def test_broken_metadata_is_told_in_a_sentence(pictures, broken):
    (pictures / "metadata.jsonl").write_text(broken)
    with pytest.raises(SketchDeskError) as refused:
        read_examples(pictures)
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE
    assert refused.value.details


def test_a_folder_without_captions_is_refused(pictures):
    with pytest.raises(SketchDeskError):
        read_examples(pictures)
