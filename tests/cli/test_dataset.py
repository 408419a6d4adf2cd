"""`sketchdesk dataset check`: what it tells, in words and as JSON, of good sets, flawed ones and none."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PIL import Image


def flawed(folder: Path) -> Path:
    for number in range(3):
        Image.effect_noise((40, 20), 80).convert("RGB").save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text("word " * (100 if number == 2 else 3))
    (folder / "3.png").write_bytes(b"no picture")
    (folder / "3.txt").write_text("words")
    Image.new("RGB", (8, 8)).save(folder / "4.png")
    return folder


def test_flaws_are_listed_with_what_happens_and_no_file_changes(run, tmp_path: Path) -> None:
    folder = flawed(tmp_path)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    done = run("dataset", "check", str(folder), "--resolution", "32", "--json")
    assert done.code == 0, done.err
    assert (done.answer["pictures"], done.answer["usable"], done.answer["token_limit"]) == (5, 3, 77)
    assert done.answer["token_counts"] == [5, 5, 102]
    found = {(one["key"], one["flaw"]) for one in done.answer["findings"]}
    assert found == {
        ("0.png", "small"), ("1.png", "small"), ("2.png", "small"), ("2.png", "long_caption"), ("3.png", "unreadable"),
        ("4.png", "small"), ("4.png", "no_caption"),
    }  # fmt: skip
    assert "cannot be read (1): The picture is skipped." in done.err
    assert "40 × 20, 40 × 20, 40 × 20" in done.err
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()} == before


def test_a_models_own_tokenizer_and_side_count(run, tmp_path: Path, tiny_sd: Path) -> None:
    done = run("dataset", "check", str(flawed(tmp_path)), "--model", str(tiny_sd), "--json")
    assert done.answer["token_counts"] == [14, 14, 402]  # it knows single letters only
    assert {one["flaw"] for one in done.answer["findings"] if one["key"] == "0.png"} == {"small"}  # 32 px is its side


def test_what_is_no_data_set_is_refused(run, tmp_path: Path) -> None:
    done = run("dataset", "check", str(tmp_path / "nowhere"), "--json")
    assert done.code != 0
    assert done.answer["error"]["kind"] == "dataset_unreadable"


def test_captions_are_written_for_pictures_without_one_and_no_file_of_the_set_changes(
    run, tmp_path: Path, tiny_blip: Path
) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    flawed(folder)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    out = tmp_path / "captions.json"
    asked = ("dataset", "caption", str(folder), "--out", str(out), "--blip-model", str(tiny_blip), "--prefix", "ink of",
             "--device", "cpu", "--json")  # fmt: skip
    done = run(*asked)
    assert done.code == 0, done.err
    assert done.answer == {"output": str(out), "captions": 1, "left_out": 0}
    written = json.loads(out.read_text())["edits"]
    assert list(written) == ["4.png"]
    assert written["4.png"]["by"] == "blip"
    assert written["4.png"]["caption"].startswith("ink of ")
    assert {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()} == before
    again = run(*asked)
    assert again.answer["captions"] == 0
    assert "every picture has one" in again.err
