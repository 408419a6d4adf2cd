"""What an accelerate file asks for: how many processes here and elsewhere, on what; and what is refused, and why."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from sketchdesk.cli.accelerate_config import as_the_file_says, launch_of, read
from sketchdesk.cli.processes import Launch
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import TrainJob

CLUSTER = """compute_environment: LOCAL_MACHINE
distributed_type: MULTI_GPU
mixed_precision: bf16
num_machines: 2
num_processes: 8
machine_rank: 0
main_process_ip: 10.0.0.7
main_process_port: 29507
gpu_ids: 0,1,2,3
"""


@pytest.fixture
def written(tmp_path: Path):
    def written(text: str, name: str = "several.yaml") -> Path:
        file = tmp_path / name
        file.write_text(text)
        return file

    return written


def asked(file: Path, machine: int | None = None) -> Namespace:
    return Namespace(accelerate_config=str(file), machine_rank=machine, processes=1)


def test_two_machines_share_the_processes_and_find_the_first(written):
    file = written(CLUSTER)
    cards = {"CUDA_VISIBLE_DEVICES": "0,1,2,3"}
    assert launch_of(asked(file)) == Launch(4, 8, 0, "10.0.0.7", 29507, cards)
    assert launch_of(asked(file, machine=1)) == Launch(4, 8, 4, "10.0.0.7", 29507, cards)
    without = written(CLUSTER.replace("main_process_port: 29507\n", "").replace("gpu_ids: 0,1,2,3", "gpu_ids: all"))
    assert launch_of(asked(without)) == Launch(4, 8, 0, "10.0.0.7", 29500)


def test_a_json_file_is_read_too(written):
    file = written('{"distributed_type": "MULTI_CPU", "num_processes": 3, "use_cpu": true}', "several.json")
    assert read(file).launch == Launch(here=3, count=3)


@pytest.mark.parametrize(("device", "precision", "expected"), [
    ("auto", "auto", ("auto", "bf16")), ("cuda:1", "fp32", ("cuda:1", "fp32")),
])  # fmt: skip
def test_the_job_has_the_last_word_on_precision_and_device(written, device, precision, expected):
    job = TrainJob(model="m", dataset="d", out_dir="o", device=device, precision=precision)
    found = as_the_file_says(job, asked(written(CLUSTER)))
    assert (found.device, found.precision) == expected


def test_one_process_of_a_file_computes_where_the_file_says(written):
    file = written("distributed_type: 'NO'\nuse_cpu: true\nmixed_precision: 'no'\n")
    assert launch_of(asked(file)) == Launch(here=1, count=1)
    found = as_the_file_says(TrainJob(model="m", dataset="d", out_dir="o"), asked(file))
    assert (found.device, found.precision) == ("cpu", "auto")


@pytest.mark.parametrize(("change", "word"), [
    (("MULTI_GPU", "DEEPSPEED"), "MULTI_GPU"),
    (("MULTI_GPU", "FSDP"), "gradient checkpointing"),
    (("MULTI_GPU", "XLA"), "“XLA”"),
    (("MULTI_GPU", "SOMETHING"), "accelerate config"),
    (("num_processes: 8\n", ""), "num_processes"),
    (("num_processes: 8", "num_processes: 7"), "evenly"),
    (("machine_rank: 0", "machine_rank: 2"), "from 0 to 1"),
    (("main_process_ip: 10.0.0.7\n", ""), "main_process_ip"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_with_what_would_work(written, change, word):
    with pytest.raises(SketchDeskError) as refused:
        read(written(CLUSTER.replace(*change)))
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert word in refused.value.message


def test_deepspeed_is_refused_before_anything_is_started(run, written, tmp_path):
    config = written('model = "demo-base"\ndataset = "set"\n', "train.toml")
    (tmp_path / "set").mkdir()
    done = run("train", str(config), "--accelerate-config", str(written(CLUSTER.replace("MULTI_GPU", "DEEPSPEED"))),
               "--out", "run", "--json")  # fmt: skip
    assert done.answer["error"]["kind"] == "bad_input"
    assert "each process holds a whole one" in done.err
    assert not (tmp_path / "run").exists()
