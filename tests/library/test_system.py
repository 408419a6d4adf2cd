from __future__ import annotations

import shutil
from pathlib import Path

import psutil

from sketchdesk.library.system import GIB, read_system


def test_memory_and_disk_are_those_of_the_machine(tmp_path: Path) -> None:
    load = read_system(tmp_path)
    assert load.memory_total_gib == psutil.virtual_memory().total / GIB
    assert 0 < load.memory_used_gib < load.memory_total_gib
    assert load.disk_free_gib is not None
    assert 0 < load.disk_free_gib <= shutil.disk_usage(tmp_path).total / GIB
    assert load.folder_id


def test_a_folder_that_is_gone_is_told_with_the_space_where_it_would_be(tmp_path: Path) -> None:
    load = read_system(tmp_path / "gone" / "deeper")
    assert load.folder_id is None
    assert load.disk_free_gib is not None


def test_a_folder_made_again_is_another_one(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    before = read_system(folder).folder_id
    folder.rename(tmp_path / "away")
    folder.mkdir()
    assert read_system(folder).folder_id not in (None, before)
