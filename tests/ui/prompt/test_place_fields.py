"""Devices and precisions, of what works here."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.ui.prompt.place_fields import PlaceFields

CPU = DeviceFound(device="cpu", name="Old CPU", memory_gib=24.0, precisions=("fp32",), preferred="fp32")
GPU = DeviceFound(device="cuda:0", name="Small GPU", memory_gib=8.0, precisions=("fp16", "fp32"), preferred="fp16")


@pytest.fixture
def place(qtbot) -> PlaceFields:
    made = PlaceFields()
    made.retranslate()
    qtbot.addWidget(made)
    return made


def texts(combo) -> list[str]:
    return [combo.itemText(row) for row in range(combo.count())]


def test_before_anything_is_known_all_is_possible(place):
    assert texts(place._precision) == ["auto", "fp32", "bf16", "fp16"]
    assert (place.device, place.precision, place.problem()) == ("auto", "auto", "")


def test_auto_says_what_it_means(place):
    place.set_devices((GPU, CPU))
    assert texts(place._device) == ["auto (GPU 0)", "GPU 0 · Small GPU · 8 GiB", "CPU · Old CPU · 24 GiB"]
    assert texts(place._precision) == ["auto (fp16)", "fp16", "fp32"]
    assert (place.meant, place.meant_precision) == (GPU, "fp16")


def test_a_cpu_is_not_offered_fp16_and_bf16_is_called_slow(place):
    place.set_devices((CPU,))
    assert texts(place._precision) == ["auto (fp32)", "fp32", "bf16 (slow here)"]


def test_a_precision_that_the_next_device_lacks_becomes_auto(place, qtbot):
    place.set_devices((GPU, CPU))
    place.set_place("cuda:0", "fp16")
    assert place.precision == "fp16"
    with qtbot.waitSignal(place.changed):
        place._device.setCurrentIndex(place._device.findData("cpu"))
    assert (place.device, place.precision) == ("cpu", "auto")


def test_a_device_that_is_gone_stays_chosen_and_is_marked(place):
    place.set_place("cuda:1", "fp16")
    place.set_devices((CPU,))
    assert place.device == "cuda:1"
    assert "cuda:1" in place.problem()
    place.set_place("cpu", "auto")
    assert place.problem() == ""
