from __future__ import annotations

import pytest

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import DownloadJob, GenerateJob, ProbeJob, PromptRow, TrainJob
from sketchdesk.workers.lanes import lane_of


def device(name: str) -> DeviceFound:
    return DeviceFound(device=name, name=name, memory_gib=1.0, precisions=("fp32",), preferred="fp32")


def draw(on: str) -> GenerateJob:
    return GenerateJob(model="m", prompts=(PromptRow(prompt="a cat"),), out_dir="out", device=on)


CPU, GPU = device("cpu"), device("cuda:0")


@pytest.mark.parametrize(
    ("on", "devices", "lane"),
    [
        ("auto", (CPU,), "cpu"), ("cpu", (CPU,), "cpu"), ("auto", (GPU, CPU), "cuda:0"), ("cpu", (GPU, CPU), "cpu"),
        ("cuda", (GPU, CPU), "cuda:0"), ("cuda:1", (GPU, CPU), "cuda:1"), ("auto", (), "cpu"), ("mps", (), "mps"),
    ],
)  # fmt: skip
def test_a_lane_is_a_device(on, devices, lane):
    assert lane_of(draw(on), devices) == lane


def test_a_look_at_the_devices_goes_where_auto_goes():
    assert lane_of(ProbeJob(), (GPU, CPU)) == "cuda:0"


def test_drawing_on_the_cpu_goes_on_beside_training_on_the_card():
    train = TrainJob(model="m", dataset="d", out_dir="out")
    assert lane_of(train, (GPU, CPU)) != lane_of(draw("cpu"), (GPU, CPU))
    assert lane_of(train, (CPU,)) == lane_of(draw("cpu"), (CPU,))


def test_downloads_have_a_lane_of_their_own():
    assert lane_of(DownloadJob(repos=("a/b",)), (GPU, CPU)) == "network"
