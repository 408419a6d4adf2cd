"""The table has every setting and score, and is safe in a spreadsheet."""

from __future__ import annotations

import csv

import msgspec
import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.export.table import export_table
from sketchdesk.library.images.record import ImageRecord


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_setting_and_every_score_has_a_column(make, tmp_path):
    images = [
        make(
            "a zebra, “fast”\nand far", negative_prompt="blurry", seed=2**64 - 1, scores={"cosine": 0.3123456789},
            caption="a horse", run="Zebras", starred=True, loras=(LoraUse(path="ink", weight=0.5),),
        ),
        make(scores={"colourfulness": 0.1}),
        make.plain("x.png"),
    ]  # fmt: skip
    done = export_table(images, tmp_path / "t.csv")
    first, second, plain = rows_of(done.target)
    assert list(first)[-2:] == ["colourfulness", "cosine"]
    expected = {
        "prompt": "a zebra, “fast”\nand far", "negative_prompt": "blurry", "seed": str(2**64 - 1), "caption": "a horse",
        "run": "Zebras", "starred": "1", "loras": "ink (0.5)", "cosine": "0.312346", "colourfulness": "",
        "num_inference_steps": "25", "guidance_scale": "7.5", "width": "64", "file": str(images[0].path),
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert (second["colourfulness"], second["starred"]) == ("0.1", "0")
    assert {name for name, value in plain.items() if value} == {"file", "starred"}


def test_a_record_says_nothing_that_the_table_leaves_out():
    from sketchdesk.library.export.table import COLUMNS

    assert set(ImageRecord.__struct_fields__) <= set(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_times_are_told_an_image_and_tags_together(make, tmp_path):
    batch = {"batch_size": 4, "batch_index": 1, "batch_seeds": (5, 6, 7, 8), "num_threads": 2}
    image = make(**batch, text_s=0.5, denoise_s=2.5, decode_s=1.0, steps_taken=10, tags=("=sky", "sea"))
    (row,) = rows_of(export_table([image], tmp_path / "t.csv").target)
    told = {
        "batch_size": "4", "batch_index": "1", "batch_seeds": "5; 6; 7; 8", "num_threads": "2", "text_s": "0.5",
        "denoise_s": "2.5", "decode_s": "1", "seconds_per_image": "1", "steps_taken": "10", "steps_per_s": "4",
        "tags": "'=sky; sea", "unmasked_kept": "",
    }  # fmt: skip
    assert {name: row[name] for name in told} == told


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1"])
def test_no_text_begins_like_a_formula(make, tmp_path, text):
    image = make(text, negative_prompt=text, model=text, caption=text, run=text, scores={text: 0.5})
    export_table([image], tmp_path / "t.csv")
    (row,) = rows_of(tmp_path / "t.csv")
    for name in ("prompt", "negative_prompt", "model", "caption", "run"):
        assert row[name] == "'" + text
    assert row["'" + text] == "0.5"


def test_a_path_that_is_no_text_is_written_so_that_it_can_be_read(make, tmp_path):
    image = msgspec.structs.replace(make(), path=tmp_path / "odd-\udcff.png")
    export_table([image], tmp_path / "t.csv")
    assert rows_of(tmp_path / "t.csv")[0]["file"].endswith("odd-\\udcff.png")


def test_stopped_it_leaves_no_table(make, tmp_path, stop_at_2):
    with pytest.raises(stop_at_2.error):
        export_table([make(), make()], tmp_path / "t.csv", stop_at_2)
    with pytest.raises(SketchDeskError):
        export_table([], tmp_path / "t.csv")
    assert not (tmp_path / "t.csv").exists()
