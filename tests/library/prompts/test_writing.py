"""A list that was saved is the list that is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.library.prompts.reading import read_prompts
from sketchdesk.library.prompts.writing import write_prompts

ROWS = (
    PromptRow(prompt="a zebra, running"),
    PromptRow(prompt="una niña “así”", seed=7, num_inference_steps=3, guidance_scale=2.5, width=64, height=128),
    PromptRow(prompt="a cat", negative_prompt="dogs"),
)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "A.JSON", "a.jsonl"])
def test_every_kind_of_list_reads_back(tmp_path: Path, name: str) -> None:
    write_prompts(tmp_path / name, ROWS)
    assert read_prompts(tmp_path / name) == ROWS


def test_counts_and_samplers_need_a_table(tmp_path: Path) -> None:
    rows = (PromptRow(prompt="a cat", count=3, sampler="euler_a"),)
    write_prompts(tmp_path / "a.csv", rows)
    assert read_prompts(tmp_path / "a.csv") == rows
    with pytest.raises(SketchDeskError) as refused:
        write_prompts(tmp_path / "a.txt", rows)
    assert ".json" in refused.value.message
    assert not (tmp_path / "a.txt").exists()


def test_a_prompt_that_looks_like_a_comment_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("older", encoding="utf-8")
    with pytest.raises(SketchDeskError):
        write_prompts(tmp_path / "a.txt", [PromptRow(prompt="#1 fan")])
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "older"


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SketchDeskError) as refused:
        write_prompts(tmp_path / "a.docx", ROWS)
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert "a.docx" in refused.value.message
