"""A tuned model's base is found by the job that trained it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sketchdesk.contracts.jobs import GenerateJob, TrainJob
from sketchdesk.library.models.lineage import base_of
from sketchdesk.library.runs.runs import create_run


def test_the_run_that_wrote_a_model_names_its_base(tmp_path: Path) -> None:
    for base in ("older-base", "demo-base"):
        create_run(TrainJob(model=base, dataset="demo-sketch", out_dir=str(tmp_path / "tuned")))
    create_run(TrainJob(model="other", dataset="demo-sketch", out_dir=str(tmp_path / "else")))
    create_run(GenerateJob(model="x", prompts=(), out_dir=str(tmp_path / "tuned")))
    assert base_of(tmp_path / "tuned" / "model") in {"older-base", "demo-base"}
    assert base_of(tmp_path / "else" / "model") == "other"
    assert base_of(tmp_path / "model") is None


def test_a_run_folder_that_was_copied_here_says_it_itself(tmp_path: Path) -> None:
    run = create_run(TrainJob(model="sd15", dataset="pictures", out_dir="/somewhere/else"))
    shutil.copytree(run.folder, tmp_path / "copied")
    assert base_of(tmp_path / "copied" / "model") == "sd15"
    (tmp_path / "copied" / "job.json").write_text("{", encoding="utf-8")
    assert base_of(tmp_path / "copied" / "model") is None
