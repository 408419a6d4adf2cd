"""One training in two processes: the same weights as in one, and nothing left behind when one of them dies."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from subprocess import Popen

import psutil
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from sketchdesk.library.training.checkpoints import FOLDER, checkpoints

PATIENCE_S = 300
FOR_EVER = ("--set", "max_train_steps=100000")


@pytest.fixture
def config(tiny_sd: Path, tmp_path: Path) -> Path:
    """A training of the tiny model on four pictures."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, colour in enumerate(("red", "green", "blue", "white")):
        Image.new("RGB", (32, 32), colour).save(pictures / f"{number}.png")
        (pictures / f"{number}.txt").write_text(f"a {colour} square")
    file = tmp_path / "squares.toml"
    file.write_text(
        f"model = {json.dumps(str(tiny_sd))}\ndataset = 'pictures'\nmax_train_steps = 3\ntrain_batch_size = 2\n"
        "learning_rate = 1e-3\noptimizer = 'adamw'\nprecision = 'fp32'\nnum_threads = 1\ndevice = 'cpu'\n"
        "max_grad_norm = 0.5\ncheckpointing_steps = 1000\n"
    )
    return file


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "unet" / "diffusion_pytorch_model.safetensors")


def wait_until_it_trains(process: Popen[str]) -> None:
    assert any(line.startswith("training") and "/100000" in line for line in process.stderr)


def test_two_processes_of_an_accelerate_file_make_the_weights_that_one_makes_of_the_same_batches(
    run, start, config, tiny_sd, tmp_path
):
    (tmp_path / "two.yaml").write_text("distributed_type: MULTI_CPU\nnum_processes: 2\nuse_cpu: true\n")
    process = start("train", str(config), "--accelerate-config", "two.yaml", "--out", "two", "--json")
    _out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert run("train", str(config), "--set", "gradient_accumulation_steps=2", "--out", "one").code == 0
    base, one, two = weights(tiny_sd), weights(tmp_path / "one" / "model"), weights(tmp_path / "two" / "model")
    assert any((one[name] - base[name]).abs().max() > 1e-4 for name in one)
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=1e-5, rtol=0)


@pytest.mark.long
def test_two_machines_make_the_weights_that_one_makes(run, start, config, tmp_path):
    """Both are this one, but each is told that the other is elsewhere."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    (tmp_path / "two.yaml").write_text(
        "distributed_type: MULTI_CPU\nnum_processes: 2\nnum_machines: 2\nuse_cpu: true\n"
        f"main_process_ip: 127.0.0.1\nmain_process_port: {port}\n"
    )
    asked = ("train", str(config), "--accelerate-config", "two.yaml", "--out", "two", "--json")
    machines = [start(*asked, "--machine-rank", str(number)) for number in range(2)]
    ended = [machine.communicate(timeout=PATIENCE_S) for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0], ended
    assert json.loads(ended[0][0].splitlines()[-1])["steps"] == 3
    assert run("train", str(config), "--set", "gradient_accumulation_steps=2", "--out", "one").code == 0
    one, two = weights(tmp_path / "one" / "model"), weights(tmp_path / "two" / "model")
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=1e-5, rtol=0)


@pytest.mark.long
def test_accelerates_own_launcher_trains_too(start, config, tmp_path):
    (tmp_path / "two.yaml").write_text("distributed_type: MULTI_GPU\nnum_processes: 2\nmixed_precision: 'no'\n")
    launcher = ("-m", "accelerate.commands.launch", "--config_file", "two.yaml", "-m", "sketchdesk")
    process = start("train", str(config), "--out", "two", "--json", command=launcher)
    out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert json.loads(out.splitlines()[-1])["steps"] == 3


def test_one_that_dies_ends_the_run_with_a_sentence_and_a_checkpoint_to_go_on_from(run, start, config, tmp_path):
    process = start("train", str(config), "--processes", "2", *FOR_EVER, "--out", "run", "--json")
    wait_until_it_trains(process)
    children = psutil.Process(process.pid).children()
    next(child for child in children if child.environ().get("RANK") == "1").kill()
    out, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert json.loads(out.splitlines()[-1])["error"]["kind"] == "engine_died"
    assert "one of the processes that work together has ended" in said
    assert "--processes 2 --resume" in said
    ((step, _path),) = checkpoints(tmp_path / "run" / FOLDER)
    more = run("train", str(config), "--resume", "--set", f"max_train_steps={step + 1}", "--out", "run", "--json")
    assert more.code == 0, more.err
    assert more.answer["steps"] == step + 1 > 1


@pytest.mark.skipif(os.name != "posix", reason="Windows ends no child with its parent at once")
def test_no_process_outlives_the_one_that_started_them(start, config):
    process = start("train", str(config), "--processes", "2", *FOR_EVER, "--out", "run", "--json")
    wait_until_it_trains(process)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    process.kill()
    _gone, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    process.communicate()
    assert not alive
