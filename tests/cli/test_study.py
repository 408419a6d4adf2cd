"""`sketchdesk study`: from a file or a built-in study to the job."""

from __future__ import annotations

import json

import pytest

from sketchdesk.cli.main import build_parser, main
from sketchdesk.cli.study import job_of


def job(*arguments):
    return job_of(build_parser().parse_args(["study", *arguments]))


def test_a_built_in_study_takes_its_models_and_changes_from_the_command(tmp_path):
    made = job("experiment_2", "--tuned", "mine", "--seeds", "0-2", "--steps", "4", "--out", str(tmp_path / "out"))
    assert [(model.name, model.model) for model in made.models] == [("base", "demo-base"), ("tuned", "mine")]
    assert [variant.name for variant in made.variants] == ["2"]
    assert (made.seeds, made.num_inference_steps, made.out_dir) == ((0, 1, 2), 4, str(tmp_path / "out"))


def test_models_that_lie_here_are_named_in_full_so_that_the_study_can_be_done_again_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "my-lcm.safetensors").touch()
    here = job("same_seeds", "--tuned", "mine", "--base", "owner/base", "--out", "out")
    assert [model.model for model in here.models] == ["owner/base", str(tmp_path / "mine")]
    few = job("few-steps", "--lora", "my-lcm.safetensors", "--steps", "4").models[1]
    assert [lora.path for lora in few.loras] == [str(tmp_path / "my-lcm.safetensors")]
    assert (few.model, few.sampler, few.num_inference_steps) == ("demo-base", "lcm", 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["both"], "There is no tuned model yet"),
        (["checkpoints"], "There is no training yet"),
        (["experiment_1", "--tuned", "mine", "--steps", "0"], "0"),
        (["none.toml"], "none.toml"),
    ],
)
def test_what_cannot_be_is_told(capsys, arguments, words):
    assert main(["study", *arguments, "--json"]) == 2
    assert words in json.loads(capsys.readouterr().out)["error"]["message"]
