from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.library.devices import FRESH_S, load_devices, save_devices

CPU = DeviceFound(device="cpu", name="a processor", memory_gib=24.0, precisions=("fp32",), preferred="fp32")


def change(folder: Path, **values: object) -> None:
    path = folder / "devices.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_what_was_found_is_believed_for_a_while(data_folder: Path) -> None:
    assert load_devices() == ((), False)
    save_devices([CPU])
    assert load_devices() == ((CPU,), True)
    change(data_folder, time_s=time.time() - FRESH_S - 1)
    assert load_devices() == ((CPU,), False)


def test_another_version_looks_again_but_knows_what_the_last_one_found(data_folder: Path) -> None:
    save_devices([CPU])
    change(data_folder, app_version="0.0.1")
    assert load_devices() == ((CPU,), False)


def test_another_machine_with_the_same_folder_is_not_believed(data_folder: Path) -> None:
    save_devices([CPU])
    change(data_folder, machine="elsewhere")
    assert load_devices() == ((), False)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b'{"devices": 3}'])
def test_a_damaged_file_is_as_none(data_folder: Path, damage: bytes) -> None:
    (data_folder / "devices.json").write_bytes(damage)
    assert load_devices() == ((), False)


def test_a_disk_that_refuses_is_no_error(data_folder: Path) -> None:
    (data_folder / "devices.json").mkdir()
    save_devices([CPU])
    assert load_devices() == ((), False)
