"""`sketchdesk again`: the same pixels, a changed file named, and what one can insist on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.cli.main import main
from sketchdesk.engine import generate


@pytest.fixture(autouse=True)
def cold():
    yield
    generate.forget_models()


@pytest.fixture
def command(capsys):
    """Run a command in this process; returns its status and its JSON answer."""

    def run(*arguments: object) -> tuple[int, dict]:
        code = main([*map(str, arguments), "--json"])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_pictures_are_drawn_again_compared_and_refused_where_the_model_changed(tiny_sd, tmp_path, command):
    model = shutil.copytree(tiny_sd, tmp_path / "model")
    code, answer = command(
        "generate", "--model", model, "--prompt", "a cat", "--count", 3, "--steps", 3, "--device", "cpu",
        "--precision", "fp32", "--guidance-scale", 5, "--out", tmp_path / "a",
    )  # fmt: skip
    assert code == 0, answer
    first = [image["path"] for image in answer["images"]]
    code, answer = command("again", *first[1:], "--out", tmp_path / "b")
    assert (code, answer["same"], len(answer["images"])) == (0, 2, 2)

    scheduler = model / "scheduler" / "scheduler_config.json"
    scheduler.write_text(scheduler.read_text().replace("0.012", "0.02"))
    code, answer = command("again", first[0], "--out", tmp_path / "c")
    assert (code, answer["error"]["kind"]) == (2, "changed")
    assert "model" in answer["error"]["message"]
    assert not (tmp_path / "c").exists()
    code, answer = command("again", first[0], "--out", tmp_path / "c", "--insist")
    assert (code, answer["same"], len(answer["images"])) == (0, 0, 1)


def test_a_picture_that_says_nothing_is_named(tmp_path, command):
    Image.new("RGB", (8, 8)).save(tmp_path / "holiday.png")
    code, answer = command("again", tmp_path / "holiday.png")
    assert (code, answer["error"]["kind"]) == (2, "bad_input")
    assert "holiday.png" in answer["error"]["message"]
    assert not list(Path(tmp_path).glob("**/00*"))


def test_a_picture_that_is_not_there_is_said_to_be_missing(tmp_path, command):
    for name in ("again", "images show"):
        code, answer = command(*name.split(), tmp_path / "gone.png")
        assert (code, answer["error"]["kind"]) == (2, "bad_input")
        assert answer["error"]["message"] == f"There is no file “{tmp_path / 'gone.png'}”."


def test_a_model_without_a_name_is_not_the_folder_one_is_in(command):
    code, answer = command("generate", "--model", "", "--prompt", "a cat")
    assert (code, answer["error"]["kind"]) == (2, "model_not_found")
