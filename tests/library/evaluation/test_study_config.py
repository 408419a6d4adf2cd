"""Studies as TOML files: what they say is what is done, and what is wrong is told in a sentence."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import StudyModel, StudyVariant
from sketchdesk.library.evaluation.study_config import read_study_job

GOOD = """
title = "Foxes"
prompts = "prompts.txt"
seeds = "0-2, 7"
num_inference_steps = 8
metrics = ["clip"]

[[models]]
name = "base"
model = "demo-base"

[[models]]
name = "theirs"
images = "pictures"

[[models]]
name = "quick"
model = "./quick"
num_inference_steps = 1

[[variants]]
name = "1"
generator_prefix = "in ink"
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "prompts.txt").write_text("a fox\nan owl\n", encoding="utf-8")
    path = tmp_path / "foxes.toml"

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_says_everything_of_a_study(config, tmp_path):
    job = read_study_job(config(GOOD))
    assert (job.title, job.prompts, job.seeds) == ("Foxes", ("a fox", "an owl"), (0, 1, 2, 7))
    assert job.models == (
        StudyModel(name="base", model="demo-base"),
        StudyModel(name="theirs", images=str(tmp_path / "pictures")),
        StudyModel(name="quick", model=str(tmp_path / "quick"), num_inference_steps=1),
    )
    assert job.variants == (StudyVariant(name="1", generator_prefix="in ink"),)
    assert "foxes" in job.out_dir
    assert read_study_job(config(GOOD), tmp_path / "here").out_dir == str(tmp_path / "here")
    assert read_study_job(config('out_dir = "out"\n' + GOOD)).out_dir == str(tmp_path / "out")


def test_what_metrics_compare_with_is_looked_for_beside_the_file(config, tmp_path):
    for name in ("drawings", "judge"):
        (tmp_path / name).mkdir()
    judges = '\nclip_model = "judge"\nblip_model = "demo-blip"\n'
    sources = '[sources]\ntraining_set = "drawings"\nhps_model = "judge"\npickscore_model = "org/name"\n'
    text = GOOD.replace("\n[[models]]", f"{judges}{sources}\n[[models]]", 1)
    job = read_study_job(config(text))
    assert (job.clip_model, job.blip_model) == (str(tmp_path / "judge"), "demo-blip")
    assert (job.sources.training_set, job.sources.hps_model) == (str(tmp_path / "drawings"), str(tmp_path / "judge"))
    assert job.sources.pickscore_model == "org/name"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("title", "titel"), "there is no setting “titel”. Did you mean “title”?"),
        (("images =", "image ="), "foxes.toml, models: there is no setting “image”. Did you mean “images”?"),
        (('"clip"', '"clop"'), "metrics"),
        (("= 8", "= 0"), "num_inference_steps"),
        (('prompts = "prompts.txt"', ""), "“prompts” is missing"),
        (("0-2, 7", "2-0"), "2"),
        (("prompts.txt", "none.txt"), "none.txt"),
        (("[[models]]", "[[models"), "foxes.toml is not valid TOML"),
    ],
)
def test_what_is_wrong_is_told(config, change, words):
    with pytest.raises(SketchDeskError) as caught:
        read_study_job(config(GOOD.replace(*change)))
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert words in caught.value.message
