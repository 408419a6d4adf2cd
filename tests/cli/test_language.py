from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.cli.language import VARIABLES, environment_language, settings_language
from sketchdesk.library.paths import images_dir
from sketchdesk.library.settings import Settings, save_settings
from sketchdesk.library.trash.trash import move_to_trash


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "es_ES.UTF-8", "LC_ALL": "pt_BR.UTF-8"}, "pt"),
        ({"LANGUAGE": "pt:es", "LC_ALL": "en_GB.UTF-8"}, "pt"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_environment_says_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment_language() == language


def test_the_settings_say_it_louder(run) -> None:
    assert settings_language() == ""
    save_settings(Settings(language="es"))
    assert settings_language() == "es"
    assert "órdenes" in run("--help", LANGUAGE="pt").out


@pytest.mark.parametrize(("language", "size"), [("en", "1.5 KiB"), ("es", "1,5 KiB"), ("pt", "1,5 KiB")])
def test_numbers_are_written_as_in_the_language_and_for_programs_with_a_point(home, run, language, size) -> None:
    images_dir().mkdir(parents=True)
    (images_dir() / "a.png").write_bytes(b"x" * 1536)
    move_to_trash([images_dir() / "a.png"])
    assert size in run("trash", LANGUAGE=language).out
    assert run("trash", "--json", LANGUAGE=language).answer["bytes"] == 1536


def test_a_data_folder_that_cannot_be_used_is_no_obstacle_to_help(run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("--help", SKETCHDESK_HOME=str(tmp_path / "file" / "home"))
    assert (done.code, done.err) == (0, "")
