from __future__ import annotations

from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.cli import health


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A whole model folder."""
    folder = tmp_path / "demo-base"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text('{"unet": ["diffusers", "UNet2DConditionModel"]}', encoding="utf-8")
    (folder / "unet" / "config.json").write_text("{}", encoding="utf-8")
    save_file({"weight": np.ones((4, 4), np.float16)}, folder / "unet" / "model.safetensors", {"format": "pt"})
    return folder


def test_a_whole_model_is_ok(model: Path) -> None:
    (check,) = health.check_models((str(model),))
    assert (check.state, check.found) == ("ok", str(model))


def test_a_model_that_is_not_there_is_named() -> None:
    (check,) = health.check_models(("demo-nothing",))
    assert check.state == "problem"
    assert "demo-nothing" in check.found
    assert check.next_step


@pytest.mark.parametrize("kept_bytes", [0, 4, 20, -1])
def test_a_model_with_a_weight_file_cut_short_must_be_mended(model: Path, kept_bytes: int) -> None:
    file = model / "unet" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:kept_bytes])
    (check,) = health.check_models((str(model),))
    assert check.state == "problem"
    assert str(file) in check.found


def test_packages_are_held_against_their_ranges() -> None:
    version = metadata.version("msgspec")
    wanted = [f"msgspec>={version}", "msgspec<0.1", "no-such-package>=1", 'no-such-extra; extra == "dev"']
    right, wrong, missing = health.check_packages(wanted)
    assert (right.state, right.found) == ("ok", version)
    assert wrong.state == "problem"
    assert "<0.1" in wrong.found
    assert wrong.next_step == 'pip install "msgspec<0.1"'
    assert (missing.state, missing.next_step) == ("problem", 'pip install "no-such-package>=1"')


def test_the_requirements_are_those_of_sketchdesk() -> None:
    assert any(text.startswith("torch==2.13.0") for text in health.requirements())


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv("SKETCHDESK_HOME", str(in_the_way / "home"))
    (check,) = health.check_data_folder()
    assert check.state == "problem"
    assert "SKETCHDESK_HOME" in check.next_step


def test_a_data_folder_that_works_is_told_with_its_room(home: Path) -> None:
    folder, disk = health.check_data_folder()
    assert (folder.state, folder.found) == ("ok", str(home))
    assert "GiB free" in disk.found
    assert list(home.iterdir()) == []


def test_memory_is_told() -> None:
    assert "GiB free" in health.check_memory().found


def test_the_python_of_the_tests_is_new_enough() -> None:
    assert health.check_python().state == "ok"
