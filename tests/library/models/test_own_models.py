from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.hub import room
from sketchdesk.library.hub.manifest import Manifest, manifest_path, read_manifest, write_manifest
from sketchdesk.library.models import installed as models
from sketchdesk.library.models import own_models
from sketchdesk.library.models.installed import list_models
from sketchdesk.library.models.own_models import CopyCancelledError, copy_model, read_card, trash_model
from sketchdesk.library.settings import Settings, save_settings
from sketchdesk.library.trash.folder_trash import empty_folders, restore_folders

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def nothing_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the demo models are in this checkout makes no difference."""
    monkeypatch.setattr(models, "SHIPPED", ())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A single network with a card and a hidden file."""
    folder = tmp_path / "elsewhere" / "my-clip"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"model_type": "clip"}')
    save_file({"a": torch.zeros(3)}, folder / "model.safetensors")
    (folder / "README.md").write_text("---\nlicense: mit\n---\nA small one.")
    (folder / ".hidden").write_text("x")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def copied(source: Path) -> Path:
    return copy_model(source, lambda _fraction: None, lambda: False)


def test_a_copy_is_whole_listed_and_leaves_the_source_as_it_was(data_folder: Path, source: Path) -> None:
    before, heard = files(source), []
    made = copy_model(source, heard.append, lambda: False)
    assert made == data_folder / "models" / "my-clip"
    assert files(made) == {name: data for name, data in before.items() if name != ".hidden"}
    assert files(source) == before
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert [(entry.path, entry.origin, entry.licence) for entry in list_models()] == [(made, "own", "mit")]


def test_a_disk_without_room_is_told_before_a_byte_is_copied(
    data_folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _folder: Usage(2**30, 2**30, 2**20))
    with pytest.raises(SketchDeskError) as caught:
        copied(source)
    assert caught.value.kind is ErrorKind.DISK_SHORT
    assert list((data_folder / "models").iterdir()) == []


def test_a_single_file_is_copied_under_its_name_and_a_second_one_beside_it(data_folder: Path, source: Path) -> None:
    file = source / "model.safetensors"
    names = [copied(file).name, copied(file).name]
    assert names == ["model.safetensors", "model (2).safetensors"]


def test_a_cancelled_copy_leaves_nothing(data_folder: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_models, "CHUNK_BYTES", 16)
    heard: list[float] = []
    with pytest.raises(CopyCancelledError):
        copy_model(source, heard.append, lambda: len(heard) > 2)
    assert list((data_folder / "models").iterdir()) == []


def test_what_is_no_model_is_refused(data_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"x")
    with pytest.raises(SketchDeskError) as refused:
        copied(tmp_path / "model.ckpt")
    assert refused.value.kind is ErrorKind.UNSAFE_WEIGHTS
    assert list_models() == []


def test_the_trash_gives_a_model_back(data_folder: Path, source: Path) -> None:
    made = copied(source)
    before = files(made)
    batch = trash_model(made)
    assert list_models() == []
    assert restore_folders(batch) == {made: made}
    assert files(made) == before


def test_a_model_that_is_not_our_copy_is_never_thrown_away(source: Path) -> None:
    with pytest.raises(SketchDeskError):
        trash_model(source)
    assert (source / "config.json").is_file()


def test_a_linked_model_is_listed_where_it_lies_and_said_to_be_gone_when_it_is(source: Path) -> None:
    save_settings(Settings(model_paths=(str(source), str(source / "gone"))))
    linked, gone = list_models()
    assert (linked.name, linked.origin, linked.problem) == (str(source), "linked", "")
    assert gone.problem


def test_the_card_is_read_and_a_missing_one_is_empty(source: Path, tmp_path: Path) -> None:
    assert "A small one." in read_card(source)
    assert read_card(tmp_path) == ""


def test_a_link_goes_to_the_trash_alone_and_what_it_leads_to_stays(data_folder: Path, source: Path) -> None:
    link = data_folder / "models" / "linked"
    link.parent.mkdir()
    link.symlink_to(source, target_is_directory=True)
    before = files(source)
    assert empty_folders([trash_model(link)]) == 1
    assert not link.is_symlink()
    assert files(source) == before


def test_where_a_single_file_came_from_goes_to_the_trash_with_it_and_comes_back(
    data_folder: Path, source: Path
) -> None:
    made = copied(source / "model.safetensors")
    write_manifest(manifest_path(made), Manifest(repo="owner/tiny", revision="main", commit="c0ffee"))
    batch = trash_model(made)
    assert read_manifest(made) is None
    assert copied(source / "model.safetensors") == made
    assert read_manifest(made) is None  # another file of that name did not come from there
    back = restore_folders(batch)[made]
    assert (back.name, read_manifest(back).repo) == ("model (2).safetensors", "owner/tiny")
    assert empty_folders([trash_model(back)]) == 1
    assert [path.name for path in data_folder.rglob("*.json")] == []
