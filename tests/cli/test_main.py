from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from sketchdesk import __version__
from sketchdesk.cli import doctor

MODULES_AFTER_HELP = """
import json, sys
from sketchdesk.entry import main
codes = [main(arguments.split()) for arguments in sys.argv[1:]]
print(json.dumps({"codes": codes, "modules": sorted(sys.modules)}))
"""
COMMANDS = ("generate", "again", "train", "evaluate", "demo", "doctor")


def test_help_needs_neither_torch_nor_qt(run_process) -> None:
    asked = ("--help", "--version", *(f"{command} --help" for command in COMMANDS))
    done = run_process("-c", MODULES_AFTER_HELP, *asked, command=())
    assert done.answer["codes"] == [0] * len(asked)
    assert not {"torch", "diffusers", "transformers", "numpy", "PIL", "PySide6"} & set(done.answer["modules"])


def test_help_names_every_command(run) -> None:
    done = run("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert f"\n    {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_its_exit_statuses(run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert "--json" in done.out
    assert "130  canceled" in done.out


def test_the_version_is_told(run_process) -> None:
    assert run_process("--version").out == f"SketchDesk {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--nonsense",), "COMMAND"),
        (("draw",), "draw"),
        (("evaluate", "--images", "x"), "--out"),
        (("demo", "build", "gan"), "gan"),
        (("distill",), "CONFIG.toml"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_the_right_usage(run, arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("usage: sketchdesk")
    assert told in done.err.splitlines()[-1]


def test_wrong_usage_is_json_too_when_asked(run_process) -> None:
    done = run_process("evaluate", "--json")
    assert done.code == 2
    assert done.answer["error"]["kind"] == "bad_input"
    assert "--out" in done.answer["error"]["message"]


@pytest.mark.skipif(os.name == "nt", reason="Windows hands over file names as text")
def test_a_name_in_no_encoding_is_refused_in_words(environment: dict[str, str]) -> None:
    arguments = ["generate", "--model", b"\xff.safetensors", "--prompt", "a", "--json"]
    command = [sys.executable, "-m", "sketchdesk", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    assert "udcff" in json.loads(done.stdout)["error"]["message"]


def test_any_text_can_be_said_in_any_locale(run_process) -> None:
    asked = ("generate", "--model", "m", "--prompt", "a", "--steps", "“many”", "--json")
    done = run_process(*asked, PYTHONIOENCODING="ascii")
    assert done.code == 2
    assert "“many”" in done.answer["error"]["message"]


def test_a_reader_that_goes_away_is_no_failure(start) -> None:
    process = start("--help")
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("language", "words"), [("es_ES.UTF-8", "órdenes"), ("pt_BR.UTF-8", "comandos"), ("xx", "commands")]
)
def test_help_speaks_the_language_of_the_environment(run, language: str, words: str) -> None:
    done = run("--help", LANGUAGE="", LC_ALL=language)
    assert done.code == 0
    assert words in done.out


def test_a_mistake_of_ours_is_told_in_a_sentence_with_what_to_report(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "run", None)
    done = run("doctor", "--json")
    assert done.code == 1
    assert done.answer["error"]["kind"] == "internal"
    assert "Traceback" in done.err
