"""Studies made from a run's folder and from a data set."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.evaluation.study_making import captions_study, checkpoints_study, few_steps_study
from sketchdesk.library.evaluation.study_presets import REPORT_PROMPTS
from sketchdesk.library.runs import runs
from sketchdesk.library.training.held_out import write_held_out


@pytest.fixture
def training(tmp_path):
    out = tmp_path / "sketch"
    runs.create_run(TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(out), max_train_steps=300))
    for step in (100, 200, 300):
        checkpoint = out / "checkpoints" / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        (checkpoint / "checkpoint.json").write_text("{}", encoding="utf-8")
        (checkpoint / "model_index.json").write_text("{}", encoding="utf-8")
    (out / "model").mkdir()
    (out / "model" / "model_index.json").write_text("{}", encoding="utf-8")
    return out


def test_every_checkpoint_takes_part_and_the_last_one_as_the_tuned_model(training):
    write_held_out(training, [f"caption {number}" for number in range(60)])
    job = checkpoints_study(training, captions=12)
    assert [model.name for model in job.models] == ["base", "tuned", "step 100", "step 200"]
    assert job.models[0].model == "demo-base"
    assert job.models[2].model.endswith("checkpoint-100")
    assert len(job.prompts) == 12
    assert all(prompt.startswith("caption ") for prompt in job.prompts)


def test_a_run_that_held_out_nothing_is_judged_by_the_reports_prompts(training):
    assert checkpoints_study(training).prompts == tuple(drawn for _asked, drawn in REPORT_PROMPTS)


def test_a_checkpoint_that_does_not_draw_is_left_out(training):
    (training / "checkpoints" / "checkpoint-100" / "model_index.json").unlink()
    assert [model.name for model in checkpoints_study(training).models] == ["base", "tuned", "step 200"]


def test_a_folder_of_no_training_is_refused(tmp_path):
    with pytest.raises(SketchDeskError, match="not the folder of a training"):
        checkpoints_study(tmp_path)


def test_captions_come_from_a_data_set_or_from_what_a_run_held_out(training, tmp_path):
    with pytest.raises(SketchDeskError, match="no captions"):
        captions_study("demo-base", "mine", training)
    write_held_out(training, ["a fox"])
    assert captions_study("demo-base", "mine", training).prompts == ("a fox",)
    pictures = tmp_path / "set"
    pictures.mkdir()
    for name in "abc":
        (pictures / f"{name}.png").write_bytes(b"")
        (pictures / f"{name}.txt").write_text(f"a {name}", encoding="utf-8")
    assert len(captions_study("demo-base", "mine", dataset=str(pictures), captions=2).prompts) == 2


def test_few_steps_are_set_against_many():
    job = few_steps_study("demo-base", "instaflow")
    assert [(model.model, model.num_inference_steps) for model in job.models] == [("demo-base", 25), ("instaflow", 1)]
