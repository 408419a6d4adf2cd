from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.library.window_state import load_window_state, save_window_state


def test_what_was_remembered_is_there_again() -> None:
    panels = {"gallery": {"zoom": 1.5, "filters": ["a", None]}, "window": {"tab": 2, "wide": True}}
    save_window_state(panels)
    assert load_window_state() == panels


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_an_empty_memory(data_folder: Path, damage: bytes) -> None:
    (data_folder / "window.json").write_bytes(damage)
    assert load_window_state() == {}


def test_parts_that_are_no_panels_are_left_out(data_folder: Path) -> None:
    (data_folder / "window.json").write_text('{"a": 3, "b": {"x": 1}, "c": []}')
    assert load_window_state() == {"b": {"x": 1}}


def test_a_disk_that_refuses_is_no_error(data_folder: Path) -> None:
    (data_folder / "window.json").mkdir()
    save_window_state({"a": {}})
    assert load_window_state() == {}
