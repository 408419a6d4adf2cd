"""What is foretold of drawings from pictures and of files that are added."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.ui.prompt.outlook import Question, answer


@pytest.fixture
def ask(models):
    def asked(**more):
        rows = (PromptRow(prompt="a {red|blue} fox", count=3),)
        job = GenerateJob(model="demo-base", prompts=rows, out_dir="", **more)
        return answer(Question(job, models[0].path, "cpu", "fp32"), {})

    return asked


def test_a_choice_in_a_prompt_makes_no_more_images(ask):
    assert ask(wildcards=True).forecast.images == ask().forecast.images == 3


def test_a_picture_to_begin_with_is_drawn_at_its_own_size(ask, tmp_path: Path):
    Image.new("RGB", (192, 128)).save(tmp_path / "wide.png")
    from_it = ask(init_image=str(tmp_path / "wide.png")).forecast
    assert from_it.memory_gib == ask(width=192, height=128).forecast.memory_gib
    assert ask(init_image=str(tmp_path / "gone.png")).forecast.images == 3


def test_files_that_cannot_be_used_are_told(ask, models):
    outlook = ask(loras=(LoraUse(path=models[3].name), LoraUse(path="/gone/ink.safetensors")))
    assert list(outlook.problems) == ["/gone/ink.safetensors"]
