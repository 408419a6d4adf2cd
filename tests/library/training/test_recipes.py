"""Recipes are complete, survive their file, and never send two runs into one folder."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.demo.main_job import TRAIN_SETTINGS
from sketchdesk.library.paths import training_dir
from sketchdesk.library.training.config import read_train_job
from sketchdesk.library.training.recipes import (
    DEMO_SKETCH,
    RECIPES,
    REPORT_2024,
    folder_name,
    fork_of,
    free_out_dir,
    with_recipe,
    write_recipe,
)

JOB = TrainJob(model="mine", dataset="/pictures", out_dir="", device="cuda:0")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_makes_a_valid_job(recipe):
    job = with_recipe(JOB, recipe)
    assert msgspec.convert(msgspec.to_builtins(job), TrainJob) == job
    assert job.device == "cuda:0"


def test_the_demos_recipe_is_the_main_jobs():
    assert {name: DEMO_SKETCH.values[name] for name in TRAIN_SETTINGS} == dict(TRAIN_SETTINGS)


def test_a_recipe_that_names_no_model_leaves_model_and_data_set():
    job = with_recipe(JOB, REPORT_2024)
    assert (job.model, job.dataset) == ("mine", "/pictures")
    assert job.train_batch_size * job.gradient_accumulation_steps == 16


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_saved_recipe_reads_back_as_it_was(recipe, tmp_path: Path):
    job = msgspec.structs.replace(with_recipe(JOB, recipe), dataset=str(tmp_path / "pictures"), snr_gamma=5.0)
    write_recipe(tmp_path / "mine.toml", msgspec.structs.replace(job, out_dir="somewhere", resume=True))
    read = read_train_job(tmp_path / "mine.toml", (), tmp_path / "out", False)
    assert read == msgspec.structs.replace(job, out_dir=str(tmp_path / "out"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_every_text_survives_the_file(tmp_path_factory, prompts):
    path = tmp_path_factory.mktemp("recipe") / "r.toml"
    write_recipe(path, msgspec.structs.replace(JOB, validation_prompts=tuple(prompts)))
    assert tuple(tomllib.loads(path.read_bytes().decode()).get("validation_prompts", ())) == tuple(prompts)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("sketch lora", "sketch-lora"), ("Año / ñandú", "Año-ñandú"), ("../..", "training"), ("", "training"),
        ("a" * 99, "a" * 60),
    ],
)
def test_a_name_becomes_one_folder_below_the_trainings(name, folder):
    assert folder_name(name) == folder
    assert free_out_dir(name).parent == training_dir()


def test_a_folder_that_is_there_or_promised_is_not_given_again():
    first = free_out_dir("ink")
    assert free_out_dir("ink", {str(first)}).name == "ink-2"
    first.mkdir(parents=True)
    assert free_out_dir("ink", {str(first.with_name("ink-2"))}).name == "ink-3"


def test_a_fork_has_no_folder_and_resumes_nothing():
    forked = fork_of(msgspec.structs.replace(JOB, out_dir="old", resume=True))
    assert (forked.out_dir, forked.resume, forked.model) == ("", False, "mine")
