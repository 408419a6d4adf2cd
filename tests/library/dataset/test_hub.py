"""Sets of the hub: `datasets`' own objects become items, kept or streamed, and a hub that says no is told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.check import inspect
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.library.dataset.hub import items_of, read_hub
from sketchdesk.library.dataset.items import Source
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.hub.listener import Listener
from sketchdesk.library.hub.patience import Patience

if TYPE_CHECKING:
    from fake_hub import FakeHub

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
    wordless = items_of("owner/set", found.select_columns(["image", "more"]), "image", "text")
    assert [item.caption for item in wordless.items] == [None] * 3
    assert ["image, more" in remark.detail for remark in wordless.remarks] == [True]
    assert [finding.flaw for finding in inspect(wordless).findings] == [Flaw.NO_COLUMN, *[Flaw.NO_CAPTION] * 3]


def test_the_same_files_copied_here_are_read_without_the_hub(parquet):
    source = open_source(str(parquet.parents[1]))
    assert [item.caption for item in source.items] == [f"a {colour} card" for colour in COLOURS]
    first = next(iter(source.items)).read()
    assert isinstance(first, bytes)
    assert Image.open(io.BytesIO(first)).size == (16, 8)


# --- asked over the wire ---------------------------------------------------------------------------------------------

NAME, QUICK = "owner/set", Patience(tries=3, first_wait_s=0.01, longest_wait_s=0.02, silence_s=5.0)
PARTS = tuple(f"data/train-0000{number}-of-00002.parquet" for number in range(2))


@pytest.fixture
def published(hub, parquet, monkeypatch, tmp_path) -> FakeHub:
    """A hub that has the set in two parts, with a test split that nobody wants; `datasets` asks it too."""
    import datasets
    from huggingface_hub import HfFileSystem, constants

    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.endpoint)  # all read once, as they are imported
    address = f"{hub.endpoint}/datasets/{{repo_id}}/resolve/{{revision}}/{{path}}"
    monkeypatch.setattr(datasets.config, "HUB_DATASETS_URL", address)
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    address = f"{hub.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "datasets")
    monkeypatch.setattr(datasets.config, "STREAMING_READ_MAX_RETRIES", 2)
    monkeypatch.setattr(datasets.config, "STREAMING_READ_RETRY_INTERVAL", 0)
    HfFileSystem.clear_instance_cache()
    data = parquet.read_bytes()
    hub.add(f"datasets/{NAME}", {
        "README.md": b"---\nlicense: mit\n---\n", PARTS[0]: data, PARTS[1]: data,
        "data/test-00000-of-00001.parquet": data,
    })  # fmt: skip
    yield hub
    HfFileSystem.clear_instance_cache()


def read(heard: Listener | None = None, streaming: bool = False) -> Source:
    return read_hub(NAME, "image", "text", streaming, heard, QUICK)


def rows(source: Source) -> list[tuple[str, str | None, tuple[int, ...]]]:
    return [(one.key, one.caption, decoded(read_bytes(one.read())).getpixel((0, 0))) for one in source.items]


COLOUR_OF = {"red": (255, 0, 0), "blue": (0, 0, 255), "lime": (0, 255, 0)}
ROWS = [(str(place), f"a {colour} card", COLOUR_OF[colour]) for place, colour in enumerate(COLOURS * 2)]


@pytest.mark.parametrize("streaming", [False, True])
def test_a_set_is_read_from_the_hub_whole_or_as_a_stream_with_the_same_keys(published, home, heard, streaming):
    source = read(heard, streaming)
    assert rows(source) == ROWS
    kept = list((home / "cache" / "sets").rglob("*.parquet"))
    assert len(kept) == (0 if streaming else 2)
    if not streaming:
        total = sum(len(published.repos[f"datasets/{NAME}"][part]) for part in PARTS)
        assert heard.steps[-1] == (total, total)
        assert "downloading" in heard.stages
        assert not any("test-" in asked.path for asked in published.asked if asked.path.startswith("/storage"))


def test_what_is_here_is_not_fetched_again_and_serves_without_a_hub(published, heard, monkeypatch):
    read()
    published.sent.clear()
    assert rows(read()) == ROWS
    assert published.sent == {}
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert rows(read(heard)) == ROWS
    assert any("here already" in notice for notice in heard.notices)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody is there
    assert rows(read()) == ROWS


def test_a_new_state_of_the_set_takes_the_place_of_the_old_one(published, home, parquet):
    read()
    (old,) = {file.parent for file in (home / "cache" / "sets").rglob("*.parquet")}
    published.commit = "d0" * 20
    import datasets

    changed = io.BytesIO()
    features = datasets.Features({"image": datasets.Image(), "text": datasets.Value("string")})
    picture = Image.new("RGB", (8, 8), "red")
    datasets.Dataset.from_dict({"image": [picture], "text": ["another"]}, features=features).to_parquet(changed)
    published.repos[f"datasets/{NAME}"][PARTS[1]] = changed.getvalue()
    assert [one.caption for one in read().items] == [row[1] for row in ROWS[:3]] + ["another"]
    assert not old.exists()


def test_a_cut_connection_goes_on_where_it_broke(published):
    published.cuts = [400, 300]
    assert rows(read()) == ROWS
    ranges = [asked.range for asked in published.asked if asked.path.startswith("/storage")]
    assert "bytes=400-" in ranges


def test_a_stopped_download_goes_on_where_it_stopped(published, heard, stop_error):
    size = len(published.repos[f"datasets/{NAME}"][PARTS[0]])
    published.seconds_a_chunk = 0.001
    heard.stop_at = size + 1
    with pytest.raises(stop_error):
        read(heard)
    published.sent.clear()
    heard.stop_at = None
    heard.steps.clear()
    assert rows(read(heard)) == ROWS
    assert PARTS[0] not in published.sent
    assert heard.steps[0][0] > size


def test_wrong_bytes_are_fetched_again_and_told_where_that_does_not_help(published):
    published.wrong_bytes, published.wrong_times = {PARTS[0]}, 1
    assert rows(read()) == ROWS


def test_wrong_bytes_that_stay_wrong_are_told_and_nothing_is_kept(published, home):
    published.wrong_bytes = {PARTS[0]}
    with pytest.raises(SketchDeskError) as refused:
        read()
    assert refused.value.kind is ErrorKind.WRONG_BYTES
    assert list((home / "cache" / "sets").rglob("*.parquet")) == []


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (404, {}, ErrorKind.HUB_NOT_FOUND),
        (401, {"X_Error_Code": "RepoNotFound"}, ErrorKind.HUB_NOT_FOUND),
        (401, {}, ErrorKind.HUB_DENIED),
        (403, {"X_Error_Code": "GatedRepo"}, ErrorKind.HUB_GATED),
        (500, {}, ErrorKind.HUB_FAILED),
    ],
)
def test_a_hub_that_refuses_is_told(published, streaming, status, headers, kind):
    published.refuse("/", status, **headers)
    with pytest.raises(SketchDeskError) as refused:
        read(streaming=streaming)
    assert refused.value.kind is kind
    assert refused.value.message
    assert refused.value.next_step


def test_a_stream_that_breaks_for_good_is_told(published):
    source = read(streaming=True)
    published.refuse("/datasets/", 403)  # what would pass is asked for again, for half a minute
    with pytest.raises(SketchDeskError) as broken:
        list(source.items)
    assert broken.value.kind is ErrorKind.HUB_DENIED


def test_a_stream_goes_on_over_a_cut_connection(published):
    source = read(streaming=True)
    published.cuts = [200]
    assert rows(source) == ROWS


def test_a_set_in_another_layout_is_read_too(published, monkeypatch):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    published.add("datasets/owner/folder", {
        "README.md": b"---\nlicense: mit\n---\n",
        **{f"train/{name}.png": picture.getvalue() for name in "abc"},
        "train/metadata.jsonl": b"".join(b'{"file_name": "%c.png", "text": "card %c"}\n' % (n, n) for n in b"abc"),
    })  # fmt: skip
    source = read_hub("owner/folder", "image", "text", False, None, QUICK)
    assert [(one.key, one.caption) for one in source.items] == [("0", "card a"), ("1", "card b"), ("2", "card c")]
    assert decoded(read_bytes(source.items[0].read())).getpixel((0, 0)) == (255, 0, 0)


def test_a_set_that_is_nowhere_is_told_where_the_hub_must_not_be_asked(monkeypatch, tmp_path):
    import datasets

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path))
    for streaming in (False, True):
        with pytest.raises(SketchDeskError) as refused:
            open_source("nobody/no-such-set", streaming=streaming)
        assert refused.value.kind is ErrorKind.HUB_OFFLINE
