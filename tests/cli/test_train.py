from __future__ import annotations

import csv
import json
import shlex
import signal
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sketchdesk.cli.long_job import resume_command
from sketchdesk.library.runs.runs import RunState, list_runs, status_of


@pytest.fixture
def config(tiny_sd: Path, tmp_path: Path) -> Path:
    """A training of a tiny model on four pictures of noise."""
    data = tmp_path / "data"
    data.mkdir()
    rng = np.random.default_rng(0)
    for number in range(4):
        Image.fromarray(rng.integers(0, 255, (32, 32, 3), np.uint8)).save(data / f"{number}.png")
        (data / f"{number}.txt").write_text(f"picture {number}", encoding="utf-8")
    file = tmp_path / "noise.toml"
    file.write_text(
        f"model = {json.dumps(str(tiny_sd))}\ndataset = {json.dumps(str(data))}\nmax_train_steps = 2\n"
        "train_batch_size = 2\nresolution = 32\ndevice = 'cpu'\nprecision = 'fp32'\noptimizer = 'adamw'\n",
        encoding="utf-8",
    )
    return file


def test_a_training_ends_with_a_model_and_a_run_the_window_can_list(run, config: Path, tmp_path: Path) -> None:
    done = run("train", str(config), "--set", "max_train_steps=3", "--out", "run", "--json")
    assert done.code == 0, done.err
    answer = done.answer
    assert set(answer) == {"run", "output", "steps", "final_loss"}
    assert answer["run"] == str(tmp_path / "run")
    assert answer["steps"] == 3
    assert answer["final_loss"] > 0
    assert (Path(answer["output"]) / "model_index.json").is_file()
    (listed,) = list_runs()
    assert status_of(listed).state is RunState.DONE
    assert listed.job.out_dir == answer["run"]
    table = run("train", "--metrics", "numbers.csv", "--out", "run", "--json")
    assert table.answer["file"] == str(tmp_path / "numbers.csv")
    with (tmp_path / "numbers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == table.answer["steps"]
    assert [(row["run"], row["step"]) for row in (rows[0], rows[-1])] == [("run", "1"), ("run", "3")]
    assert float(rows[-1]["loss"]) == pytest.approx(answer["final_loss"], rel=1e-5)
    again = run("train", "--metrics", "numbers.csv", "--out", "run")
    assert (again.code, "is there already" in again.err) == (2, True)
    assert run("train", "--metrics", "others.csv", "--out", "elsewhere").code == 2


def test_a_canceled_training_says_how_to_go_on_and_does(start, run, config: Path) -> None:
    process = start("train", str(config), "--set", "max_train_steps=100000", "--out", "run", "--json")
    for line in process.stderr:
        if line.startswith("training") and "/100000" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["error"]["kind"] == "canceled"
    assert "Kept: the checkpoint of step" in err
    (told,) = [line for line in err.splitlines() if line.startswith("To go on: sketchdesk ")]
    command = shlex.split(told.removeprefix("To go on: sketchdesk "))
    assert command[:4] == ["train", str(config), "--set", "max_train_steps=100000"]
    reached = int(err.split("Kept: the checkpoint of step ")[1].split()[0])
    resumed = run(*command, "--set", f"max_train_steps={reached + 1}", "--json")
    assert resumed.code == 0, resumed.err
    assert f"Resuming at step {reached} of {reached + 1}." in resumed.err
    assert resumed.answer["steps"] == reached + 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--set", "max_train_stepz=3"), "max_train_steps"),
        (("--set", "train_batch_size=0"), "train_batch_size"),
        (("--resume", "--out", "empty"), "empty"),
    ],
)
def test_a_wrong_setting_ends_with_status_2_and_its_name(
    run, config: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = run("train", str(config), *arguments, "--json")
    assert done.code == 2, done.err
    assert told in done.answer["error"]["message"]


def test_a_configuration_that_is_not_there_is_named(run) -> None:
    done = run("train", "nowhere.toml", "--json")
    assert done.code == 2
    assert "nowhere.toml" in done.answer["error"]["message"]


def test_a_forecast_starts_nothing_and_a_probe_corrects_it(run, config: Path, tmp_path: Path) -> None:
    """With the demo's model: its two steps take a moment."""
    asked = ("train", str(config), "--set", 'model="demo-base"', "--set", "resolution=128", "--json")
    first = run(*asked, "--forecast")
    assert first.code == 0, first.err
    assert first.answer["memory"]["low_gib"] < first.answer["memory"]["likely_gib"] < first.answer["memory"]["high_gib"]
    assert first.answer["measured_gib"] is first.answer["step_s"] is first.answer["seconds"] is None
    assert list_runs() == []
    probe = run(*asked, "--probe", "--out", "run")
    assert probe.code == 0, probe.err
    measured = probe.answer
    assert f"A step takes {measured['step_s']:.2f} s." in probe.err
    assert not (tmp_path / "run").exists()
    second = run(*asked, "--forecast", "--set", "max_train_steps=50")
    assert second.answer["measured_gib"] == measured["memory_gib"]
    assert second.answer["step_s"] == pytest.approx(measured["step_s"])
    low, high = second.answer["seconds"]
    assert low < 50 * measured["step_s"] < high
    assert f"A step of this recipe took {measured['step_s']:.2f} s here." in second.err


def test_a_ready_recipe_is_named_in_place_of_a_file_and_changed(run, config: Path, tmp_path: Path) -> None:
    data = json.dumps(str(tmp_path / "data"))
    settings = ('model="demo-base"', f"dataset={data}", "device=cpu", "precision=fp32")
    changes = [part for setting in settings for part in ("--set", setting)]
    told = run("train", "--recipe", "Report 2024", *changes, "--forecast", "--json")
    assert told.code == 0, told.err
    assert told.answer["precision"] == "fp32"
    short = ("--set", "max_train_steps=1", "--set", "lora_rank=2", "--set", "validation_prompts=[]")
    done = run("train", "--recipe", "CPU demo", str(config), *short, "--json")
    assert done.code == 0, done.err
    assert (done.answer["steps"], done.answer["output"].endswith(".safetensors")) == (1, True)
    assert Path(done.answer["run"]).name == "noise"
    (listed,) = list_runs()
    assert (listed.job.lora_targets, listed.job.resolution) == ("all", 32), "the recipe's, and the file's"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--recipe", "Rembrandt"), "“Report 2024”"), ((), "--recipe"),
        (("--recipe", "Report 2024"), "report-2024: “model” is missing"),
    ],
)
def test_without_a_file_a_recipe_that_there_is_has_to_be_named(run, arguments: tuple[str, ...], told: str) -> None:
    done = run("train", *arguments)
    assert done.code == 2
    assert told in done.err
    assert list_runs() == []


def test_the_command_that_goes_on_names_the_recipe_too() -> None:
    options = Namespace(
        config=None, recipe="CPU demo", overrides=["seed=3"], processes=1, accelerate_config=None, machine_rank=None
    )
    said = shlex.split(resume_command("train", options, "/runs/cpu-demo"))
    wanted = ["sketchdesk", "train", "--recipe", "CPU demo", "--set", "seed=3", "--resume", "--out", "/runs/cpu-demo"]
    assert said == wanted


def test_fit_prints_the_lines_that_make_it_fit_and_starts_nothing(run, config: Path) -> None:
    """With the demo's model, of which 64 pictures together do not fit one GiB."""
    config.write_text(config.read_text("utf-8").replace("train_batch_size = 2", "train_batch_size = 64"), "utf-8")
    asked = ("train", str(config), "--set", 'model="demo-base"', "--set", "resolution=128")
    told = run(*asked, "--fit", "1", "--json")
    assert told.code == 0, told.err
    changes, toml = told.answer["changes"], told.answer["toml"]
    assert changes["optimizer"] == "adamw_8bit"
    assert told.answer["after"]["high_gib"] <= 0.9 < told.answer["before"]["high_gib"]
    config.write_text(f"{toml}{_without(config, changes)}", "utf-8")
    said = run(*asked, "--fit", "1")
    assert said.code == 0, said.err
    assert "The training fits as it is." in said.out
    too_much = run(*asked, "--fit", "0.1")
    assert (too_much.code, "LoRA" in too_much.out) == (1, True)
    assert run(*asked, "--fit", "0").code == 2
    assert list_runs() == []


def _without(config: Path, names) -> str:
    lines = config.read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.split(" =")[0] not in names)


@pytest.mark.parametrize(
    ("arguments", "told"), [(("--probe", "--processes", "2"), "one process"), (("--probe", "--forecast"), "--forecast")]
)
def test_what_a_probe_cannot_do_is_refused(run, config: Path, arguments: tuple[str, ...], told: str) -> None:
    done = run("train", str(config), *arguments)
    assert done.code == 2
    assert told in done.err
    assert list_runs() == []
