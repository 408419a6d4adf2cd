"""The library's images are exported, found, tagged and read from the command line."""

from __future__ import annotations

import csv
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.images.tags import Tags
from sketchdesk.library.paths import images_dir


@pytest.fixture
def pictures(home) -> list[Path]:
    """Two prompts at two guidances."""
    paths = []
    for seed, (prompt, guidance) in enumerate((p, g) for p in ("=a fox", "an owl") for g in (2.0, 7.5)):
        record = ImageRecord(
            prompt=prompt, seed=seed, num_inference_steps=5, guidance_scale=guidance, sampler="euler", width=8,
            height=8, model="/t/sketch/model",
        )  # fmt: skip
        paths.append(images_dir() / f"{seed}.png")
        save_png(Image.new("RGB", (8, 8)), paths[-1], record)
    return paths


def test_a_contact_sheet_with_axes_of_what_the_filters_let_through(run, pictures, tmp_path):
    done = run(
        "export", "sheet", str(tmp_path / "sheet.png"), "--across", "guidance", "--down", "prompt", "--search", "owl",
        "--model", "sketch", "--title", "Owls", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert (done.answer["images"], done.answer["files"]) == (2, [str(tmp_path / "sheet.png")])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 2 * 256 and sheet.height < 3 * 256  # two columns, one row
    again = run("export", "sheet", str(tmp_path / "sheet.png"))
    assert again.code == 2
    assert "is there already" in again.err


def test_every_other_kind(run, pictures, tmp_path):
    run("export", "folder", str(tmp_path / "copies"), "--names", "{seed}-{guidance}{prompt}", "--limit", "2")
    assert not (tmp_path / "copies").exists()  # there is no field of that name
    assert run("export", "folder", str(tmp_path / "copies"), "--sort", "seed", "--limit", "2").code == 0
    assert sorted(path.name for path in (tmp_path / "copies").iterdir()) == ["0.png", "1.png"]
    assert run("export", "zip", str(tmp_path / "all.zip"), "--seed", "3").code == 0
    assert ZipFile(tmp_path / "all.zip").namelist() == ["3.png"]
    assert run("export", "page", str(tmp_path / "page.html")).code == 0
    assert (tmp_path / "page.html").read_text().count("<figure") == 4
    assert run("export", "table", str(tmp_path / "all.csv"), "--sort", "seed").code == 0
    with (tmp_path / "all.csv").open(newline="") as file:
        assert [row["prompt"] for row in csv.DictReader(file)] == ["'=a fox"] * 2 + ["an owl"] * 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tag", "night"), "has the tag “night”"), (("--model", "nobody"), "drawn by “nobody”"),
        (("--run", "x"), "of the run “x”"), (("--since", "soon"), "soon"), (("--across", "colour"), "colour"),
        (("--columns", "0"), "from 1 to 100"), (("--starred",), "no images to export"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(run, pictures, tmp_path, options, said):
    done = run("export", "sheet", str(tmp_path / "sheet.png"), *options)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "sheet.png").exists()


def test_images_are_tagged_and_found_by_their_tag(run, pictures):
    tagged = run("images", "tag", "--add", "birds, night", "--search", "owl", "--json")
    assert tagged.answer == {"images": 2, "added": ["birds", "night"], "removed": []}
    found = run("images", "find", "--tag", "Birds", "--sort", "seed", "--json").answer["images"]
    assert [image["path"] for image in found] == [str(path) for path in pictures[2:]]
    assert (found[0]["tags"], found[0]["settings"]["prompt"]) == (["birds", "night"], "an owl")
    run("images", "tag", "--remove", "night", "--tag", "birds")
    assert Tags.load().of(pictures[3]) == ("birds",)
    assert run("images", "tag").code == 2


def test_folders_elsewhere_are_added_read_and_rebuilt(run, pictures, tmp_path):
    with Image.open(pictures[0]) as image:
        (tmp_path / "elsewhere").mkdir()
        image.save(tmp_path / "elsewhere" / "bare.png")
    added = run("images", "read", "--add", str(tmp_path / "elsewhere"), "--json")
    assert added.answer == {"read": 5, "images": 5}
    assert run("images", "read", "--json").answer == {"read": 0, "images": 5}
    assert run("images", "read", "--rebuild", "--json").answer == {"read": 5, "images": 5}
    assert run("images", "read", "--add", str(tmp_path / "nowhere")).code == 2


def test_a_picture_says_how_it_was_made(run, pictures, tmp_path):
    shown = run("images", "show", str(pictures[0]), "--json")
    assert "Steps: 5, Sampler: Euler" in shown.err
    assert shown.answer["images"][0]["settings"]["guidance_scale"] == 2.0
    Image.new("RGB", (4, 4)).save(tmp_path / "bare.png")
    bare = run("images", "show", str(tmp_path / "bare.png"))
    assert (bare.code, bare.out.strip()) == (1, "This picture does not say how it was made.")
