"""A LoRA for few steps sets sampler, steps and guidance when a person adds it, and one click takes them back."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from sketchdesk.contracts.jobs import LoraUse

KEYS = ("unet.mid.lora_A.weight", "unet.mid.lora_B.weight")


def settings(panel):
    job = panel.value()
    return job.sampler, job.num_inference_steps, job.guidance_scale


@pytest.fixture
def lcm(make_weights, tmp_path) -> str:
    return str(make_weights(tmp_path / "lcm-lora-sdv1-5.safetensors", *KEYS))


def test_what_it_brings_is_set_said_and_taken_back(panel, qtbot, lcm, told):
    panel.editor.entry.setText("a fox")
    panel.form.fold.sampler.setCurrentIndex(panel.form.fold.sampler.findData("heun"))
    before = settings(panel)
    panel.form.add_file("lora", lcm)
    qtbot.waitUntil(lambda: settings(panel) == ("lcm", 4, 1.0))
    assert "lcm-lora-sdv1-5" in told[-1].text
    assert "4 steps" in told[-1].text
    told[-1].action()
    assert settings(panel) == before
    assert panel.value().loras == (LoraUse(path=lcm),)


def test_others_and_those_that_come_with_a_job_set_nothing(panel, qtbot, lcm, make_weights, tmp_path, told):
    panel.editor.entry.setText("a fox")
    job = panel.value()
    before = settings(panel)
    panel.form.add_file("lora", str(make_weights(tmp_path / "ink2.safetensors", *KEYS)))
    panel.set_value(msgspec.structs.replace(job, loras=(LoraUse(path=lcm),)))
    asked: list[bool] = []
    panel._background.do(lambda: True, asked.append)  # in its turn, after all that was asked before
    qtbot.waitUntil(lambda: bool(asked))
    QApplication.processEvents()
    assert settings(panel) == before
    assert told == []
