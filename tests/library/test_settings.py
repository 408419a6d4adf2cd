"""Settings come back as they were saved; what is wrong in a file is repaired field by field and kept for the person."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.settings import MIGRATIONS, Settings, load_settings, parse_settings, save_settings

CHOSEN = Settings(
    language="pt", theme="dark", device="cuda:1", precision="fp16", images_dir="/mnt/imágenes", engine_memory_gib=4.5,
    num_threads=2,
)  # fmt: skip


def write(folder: Path, value: object) -> Path:
    path = folder / "settings.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def set_aside(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("settings-set-aside-*.json"))]


def test_without_a_file_the_settings_are_the_defaults_and_nothing_is_written(data_folder: Path) -> None:
    assert load_settings() == Settings()
    assert list(data_folder.iterdir()) == []


def test_saved_settings_come_back(data_folder: Path) -> None:
    save_settings(CHOSEN)
    assert load_settings() == CHOSEN
    assert set_aside(data_folder) == []


def test_images_go_to_the_chosen_folder_or_to_the_data_folder(data_folder: Path) -> None:
    assert CHOSEN.images_folder == Path("/mnt/imágenes")
    assert Settings().images_folder == data_folder / "images"


def test_one_wrong_value_costs_only_itself_and_the_file_is_kept(
    data_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    values = msgspec.to_builtins(CHOSEN) | {"theme": "pink", "num_threads": 0}
    before = write(data_folder, values).read_bytes()
    repaired = msgspec.structs.replace(CHOSEN, theme="system", num_threads=None)
    assert load_settings() == repaired
    assert set_aside(data_folder) == [before]
    assert "theme" in caplog.text
    assert load_settings() == repaired
    assert len(set_aside(data_folder)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "fr"), ("theme", 3), ("device", "toaster"), ("device", "cuda:x"), ("precision", "fp8"),
        ("images_dir", None), ("engine_memory_gib", 0.1), ("engine_memory_gib", "much"), ("num_threads", 1.5),
        ("num_threads", True), ("colour", "blue"),
    ],
)  # fmt: skip
def test_a_value_out_of_bounds_is_told_and_falls_back(field: str, value: object) -> None:
    found, problems = parse_settings(json.dumps({"theme": "dark", field: value}).encode(), MIGRATIONS)
    assert len(problems) == 1
    assert field in problems[0]
    assert found == (Settings() if field == "theme" else Settings(theme="dark"))


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 10_000])
def test_a_damaged_file_is_set_aside_and_the_program_starts(data_folder: Path, damage: bytes) -> None:
    write(data_folder, damage)
    assert load_settings() == Settings()
    assert set_aside(data_folder) == [damage]


def test_files_set_aside_in_the_same_second_are_all_kept(data_folder: Path) -> None:
    damages = [b"{" * n for n in range(1, 5)]
    for damage in damages:
        write(data_folder, damage)
        load_settings()
    assert sorted(set_aside(data_folder)) == damages


def test_a_file_of_a_newer_version_is_read_as_far_as_it_is_known_and_kept(data_folder: Path) -> None:
    before = write(data_folder, {"version": 99, "theme": "dark", "hologram": True}).read_bytes()
    assert load_settings() == Settings(theme="dark")
    assert set_aside(data_folder) == [before]


def test_an_old_file_walks_through_every_migration_from_its_own_version() -> None:
    def first(values: dict[str, object]) -> dict[str, object]:
        return {"colours" if key == "skin" else key: value for key, value in values.items()}

    def second(values: dict[str, object]) -> dict[str, object]:
        return {"theme" if key == "colours" else key: value for key, value in values.items()}

    steps = (first, second)
    for data in (b'{"skin": "dark"}', b'{"version": 2, "colours": "dark"}', b'{"version": 3, "theme": "dark"}'):
        assert parse_settings(data, steps) == (Settings(version=3, theme="dark"), [])


def test_the_version_written_is_the_newest() -> None:
    assert Settings().version == len(MIGRATIONS) + 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_does_not_stop_the_program(data_folder: Path) -> None:
    write(data_folder, {"theme": "pink", "language": "es"})
    data_folder.chmod(0o500)
    try:
        assert load_settings() == Settings(language="es")
    finally:
        data_folder.chmod(0o700)


def test_settings_that_are_a_folder_do_not_stop_the_program_and_cannot_be_saved(data_folder: Path) -> None:
    (data_folder / "settings.json").mkdir()
    assert load_settings() == Settings()
    with pytest.raises(SketchDeskError) as caught:
        save_settings(Settings())
    assert caught.value.kind is ErrorKind.NOT_WRITABLE


json_values = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=3)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(st.sampled_from([*Settings.__struct_fields__, "other"]), json_values))
def test_whatever_the_file_holds_valid_settings_come_out(data_folder: Path, values: dict[str, object]) -> None:
    write(data_folder, json.dumps(values).encode())
    found = load_settings()
    assert msgspec.convert(msgspec.to_builtins(found), Settings) == found
    assert load_settings() == found
    for path in data_folder.glob("settings-*"):
        path.unlink()
