"""A training is described by a file, changed by single settings, and refused with the key that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.training.config import read_train_job

SMALL = 'model = "demo-base"\ndataset = "demo-sketch"\n'


def config(tmp_path: Path, text: str = SMALL, name: str = "ink.toml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def read(path: Path, *overrides: str, out_dir: Path | None = None, resume: bool = False) -> TrainJob:
    return read_train_job(path, overrides, out_dir, resume)


def refusal(path: Path, *overrides: str) -> str:
    with pytest.raises(SketchDeskError) as caught:
        read(path, *overrides)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    return caught.value.message


def test_what_the_file_leaves_out_is_the_jobs_default(tmp_path: Path) -> None:
    job = read(config(tmp_path), out_dir=tmp_path / "out")
    assert job == TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(tmp_path / "out"))


def test_every_kind_of_setting_is_read(tmp_path: Path) -> None:
    text = SMALL + (
        'learning_rate = 3e-5\nmax_train_steps = 30\nuse_ema = false\noptimizer = "adamw"\nsnr_gamma = 5\n'
        'validation_prompts = ["a zebra", "ñandú"]\nresolution = 256\nout_dir = "runs/one"\n'
    )
    job = read(config(tmp_path, text))
    assert (job.learning_rate, job.max_train_steps, job.use_ema, job.optimizer) == (3e-5, 30, False, "adamw")
    assert (job.snr_gamma, job.validation_prompts, job.resolution) == (5.0, ("a zebra", "ñandú"), 256)
    assert job.out_dir == str(tmp_path / "runs" / "one")


def test_overrides_count_before_the_file_and_the_last_before_the_first(tmp_path: Path) -> None:
    path = config(tmp_path, SMALL + "max_train_steps = 30\n")
    job = read(
        path, "max_train_steps=5", "learning_rate = 1e-4", "optimizer=adamw", 'lr_scheduler="cosine"',
        "use_ema=false", 'validation_prompts=["a = b", "c"]', "max_train_steps=7",
    )  # fmt: skip
    assert (job.max_train_steps, job.learning_rate, job.optimizer, job.lr_scheduler) == (7, 1e-4, "adamw", "cosine")
    assert job.use_ema is False
    assert job.validation_prompts == ("a = b", "c")


def test_an_override_alone_can_name_the_data_set(tmp_path: Path) -> None:
    assert read(config(tmp_path, 'model = "demo-base"\n'), "dataset=demo-colour").dataset == "demo-colour"


def test_paths_mean_the_files_own_folder_and_overrides_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    for folder in (here, tmp_path / "recipes" / "my-model", here / "other-model"):
        folder.mkdir(parents=True)
    monkeypatch.chdir(here)
    path = config(tmp_path / "recipes", 'model = "my-model"\ndataset = "../drawings"\n')
    assert (read(path).model, read(path).dataset) == (
        str(tmp_path / "recipes" / "my-model"),
        str(tmp_path / "drawings"),
    )
    job = read(path, "dataset=photos", "model=other-model", "out_dir=out")
    assert (job.dataset, job.model, job.out_dir) == (
        str(here / "photos"),
        str(here / "other-model"),
        str(here / "out"),
    )


def test_a_relative_path_to_the_file_itself_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config(tmp_path, 'model = "demo-base"\ndataset = "drawings"\n')
    monkeypatch.chdir(tmp_path)
    assert read(Path("ink.toml")).dataset == str(tmp_path / "drawings")


@pytest.mark.parametrize("model", ["demo-base", "org/model"])
def test_a_models_name_stays_a_name(tmp_path: Path, model: str) -> None:
    assert read(config(tmp_path, f'model = "{model}"\ndataset = "demo-sketch"\n')).model == model


def test_without_a_folder_each_training_gets_a_new_one_and_resuming_takes_the_last(
    tmp_path: Path, data_folder: Path
) -> None:
    path, training = config(tmp_path), data_folder / "training"
    for expected in ("ink", "ink-2", "ink-3"):
        out = Path(read(path).out_dir)
        assert out == training / expected
        out.mkdir(parents=True)
    job = read(path, resume=True)
    assert job.resume
    assert job.out_dir == str(training / "ink-3")


def test_resuming_without_any_run_names_the_folder_that_would_have_been(tmp_path: Path, data_folder: Path) -> None:
    assert read(config(tmp_path), resume=True).out_dir == str(data_folder / "training" / "ink")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (SMALL + "learning_rte = 1e-4", "ink.toml: there is no setting “learning_rte”. Did you mean “learning_rate”?"),
        (SMALL + "[optimiser]\nx = 1", "there is no setting “optimiser”. Did you mean “optimizer”?"),
        (SMALL + "zzz = 1", "ink.toml: there is no setting “zzz”."),
        (SMALL + 'type = "generate"', "there is no setting “type”."),
        (SMALL + "max_train_steps = 0", "ink.toml: “0” is not possible for max_train_steps: Expected `int` >= 1"),
        (SMALL + 'max_train_steps = "many"', "“many” is not possible for max_train_steps: Expected `int`, got `str`"),
        (SMALL + "learning_rate = nan", "“nan” is not possible for learning_rate"),
        (SMALL + "learning_rate = inf", "“inf” is not possible for learning_rate"),
        (SMALL + 'optimizer = "sgd"', "“sgd” is not possible for optimizer"),
        (SMALL + "validation_prompts = [1]", "is not possible for validation_prompts"),
        (SMALL + "seed = 1979-05-27", "“1979-05-27” is not possible for seed"),
        ('model = "demo-base"', "ink.toml: “dataset” is missing."),
        ('dataset = "demo-sketch"', "ink.toml: “model” is missing."),
        ("model = \n", "ink.toml is not valid TOML: Invalid value (at line 1, column 9)"),
        ("x = " + "[" * 10_000, "ink.toml is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_the_nearest_right_one(tmp_path: Path, text: str, place: str) -> None:
    assert place in refusal(config(tmp_path, text))


@pytest.mark.parametrize(
    ("override", "place"),
    [
        ("max_train_steps", "“max_train_steps” is not of the form key=value."),
        ("max_trian_steps=3", "--set: there is no setting “max_trian_steps”. Did you mean “max_train_steps”?"),
        ("max_train_steps=few", "“few” is not possible for max_train_steps"),
        ("=3", "there is no setting “”."),
        ("max_train_steps=3\nseed = 4", "is not possible for max_train_steps"),
        ("dataset=3", "“3” is not possible for dataset"),
    ],
)
def test_a_wrong_override_is_named(tmp_path: Path, override: str, place: str) -> None:
    assert place in refusal(config(tmp_path), override)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    assert "missing.toml" in refusal(tmp_path / "missing.toml")
    (tmp_path / "photo.toml").write_bytes(b"\x89PNG\r\n\xff")
    assert "photo.toml, line 1: this is not text" in refusal(tmp_path / "photo.toml")


def test_a_set_of_the_hub_stays_a_name_unless_it_lies_there(tmp_path: Path) -> None:
    path = config(tmp_path, 'model = "demo-base"\ndataset = "zoheb/sketch-scene"\ncaptions_file = "mine.json"\n')
    assert read(path).dataset == "zoheb/sketch-scene"
    assert read(path).captions_file == str(tmp_path / "mine.json")
    (tmp_path / "zoheb" / "sketch-scene").mkdir(parents=True)
    assert read(path).dataset == str(tmp_path / "zoheb" / "sketch-scene")


def test_a_recipe_begins_and_the_file_and_changes_count_before_it(tmp_path: Path) -> None:
    job = read(config(tmp_path, 'recipe = "CPU demo"\nlora_rank = 4\n'), "max_train_steps=7")
    assert (job.model, job.dataset, job.lora_targets) == ("demo-base", "demo-sketch", "all")
    assert (job.lora_rank, job.max_train_steps) == (4, 7)
    alone = read_train_job(None, ['recipe="report-2024"', "model=demo-base", "dataset=demo-sketch"], None, False)
    assert (alone.resolution, alone.gradient_accumulation_steps) == (256, 4)
    assert Path(alone.out_dir).name == "report-2024"
    assert "report-2024" in refusal(config(tmp_path, SMALL + 'recipe = "Rembrandt"\n'))
