"""Sets of the hub: `datasets`' own objects become items, kept or streamed, and a hub that says no is told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.check import inspect
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.hub import items_of
from sketchdesk.library.dataset.sources import open_source

COLOURS = ("red", "blue", "lime")


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    """A set as zoheb/sketch-scene is laid out, written by `datasets` itself."""
    import datasets

    features = datasets.Features({
        "image": datasets.Image(), "text": datasets.Value("string"), "more": datasets.Value("int64"),
    })  # fmt: skip
    data = {
        "image": [Image.new("RGB", (16, 8), colour) for colour in COLOURS],
        "text": [f"a {colour} card" for colour in COLOURS], "more": [1, 2, 3],
    }  # fmt: skip
    file = tmp_path / "set" / "data" / "train-00000-of-00001.parquet"
    file.parent.mkdir(parents=True)
    datasets.Dataset.from_dict(data, features=features).to_parquet(str(file))
    return file


@pytest.mark.parametrize("streaming", [False, True])
def test_rows_become_items_in_order_with_their_pictures(parquet, tmp_path, streaming):
    import datasets

    found = datasets.load_dataset(
        "parquet", data_files=str(parquet), split="train", streaming=streaming, cache_dir=str(tmp_path / "cache")
    )
    source = items_of("owner/set", found, "image", "text")
    assert source.streamed is streaming
    assert source.count == (None if streaming else 3)
    for _again in range(2):
        read = [(item.caption, decoded(read_bytes(item.read())).getpixel((0, 0))) for item in source.items]
        assert read == [("a red card", (255, 0, 0)), ("a blue card", (0, 0, 255)), ("a lime card", (0, 255, 0))]
    assert len(list(source.captioned(2).items)) == 2
    assert inspect(source).pictures == 3
    with pytest.raises(SketchDeskError) as refused:
        items_of("owner/set", found, "picture", "text")
    assert "image" in refused.value.details


def test_the_same_files_copied_here_are_read_without_the_hub(parquet):
    source = open_source(str(parquet.parents[1]))
    assert [item.caption for item in source.items] == [f"a {colour} card" for colour in COLOURS]
    first = next(iter(source.items)).read()
    assert isinstance(first, bytes)
    assert Image.open(io.BytesIO(first)).size == (16, 8)


def test_a_hub_that_has_no_such_set_is_told(monkeypatch, tmp_path):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path))
    with pytest.raises(SketchDeskError) as refused:
        open_source("nobody/no-such-set")
    assert refused.value.kind in (ErrorKind.DATASET_UNREADABLE, ErrorKind.HUB_OFFLINE, ErrorKind.HUB_NOT_FOUND)
    assert refused.value.details
