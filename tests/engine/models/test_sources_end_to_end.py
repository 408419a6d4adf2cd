"""The command line draws with a single file, a LoRA and a learnt word, and the picture remembers all three."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from sketchdesk.cli.generate import own_steps
from sketchdesk.cli.main import main
from sketchdesk.library.drawing.remake import job_of
from sketchdesk.library.images.metadata import read_record

QUERY = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"


@pytest.fixture
def draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Draw one small picture with a model by the command, in this process; returns its status and its JSON answer."""

    def draw(model: Path, *more: object) -> tuple[int, dict]:
        arguments = (
            "generate", "--model", model, "--prompt", "a photo of ink", "--steps", 2, "--width", 32, "--height", 32,
            "--device", "cpu", "--precision", "fp32", "--out", tmp_path / "out", "--json", *more,
        )  # fmt: skip
        code = main([str(argument) for argument in arguments])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return draw


@pytest.fixture
def sources(tiny_parts, write_ldm, tmp_path: Path) -> tuple[Path, Path, Path]:
    """A single file, a LoRA and an embedding for it."""
    model = write_ldm(tiny_parts(1).ldm())
    generator = torch.Generator().manual_seed(0)
    lora = {
        f"{QUERY}.lora_up.weight": torch.randn(64, 4, generator=generator),
        f"{QUERY}.lora_down.weight": torch.randn(4, 64, generator=generator),
        "lora_unet_elsewhere.alpha": torch.ones(()),
    }
    save_file(lora, tmp_path / "style.safetensors")
    save_file({"emb_params": torch.randn(2, 64, generator=generator)}, tmp_path / "ink.safetensors")
    return model, tmp_path / "style.safetensors", tmp_path / "ink.safetensors"


def test_file_lora_and_word_from_the_command_line(sources, draw, tmp_path):
    model, lora, word = sources
    code, answer = draw(model, "--lora", f"{lora}=0.8", "--embedding", word)
    assert code == 0, answer
    path = Path(answer["images"][0]["path"])
    record = read_record(path)
    assert record.model_hash == hashlib.sha256(model.read_bytes()).hexdigest()
    assert [(use.path, use.weight) for use in record.loras] == [(str(lora), 0.8)]
    assert record.embeddings == (str(word),)
    assert f"Model hash: {record.model_hash[:10]}" in Image.open(path).text["parameters"]
    assert job_of(record, tmp_path).embeddings == (str(word),)

    pictures = [np.asarray(Image.open(path))]
    for more in ((), ("--lora", f"{lora}=0.8"), ("--embedding", word)):
        code, answer = draw(model, *more)
        assert code == 0, answer
        pictures.append(np.asarray(Image.open(answer["images"][0]["path"])))
    assert len({picture.tobytes() for picture in pictures}) == 4, "each source moves the picture"


def test_a_checkpoint_is_read_when_asked_for_only(tiny_parts, draw, tmp_path):
    path = tmp_path / "old.ckpt"
    torch.save({"state_dict": tiny_parts(1).ldm()}, path)
    (tmp_path / "old.yaml").write_text("model:\n  params:\n    parameterization: eps\n")
    code, answer = draw(path)
    assert (code != 0, answer["error"]["kind"]) == (True, "unsafe_weights")
    code, answer = draw(path, "--allow-pickle")
    assert code == 0, answer


def test_a_model_of_few_steps_is_drawn_in_them(tiny_parts, write_ldm):
    turbo = write_ldm(tiny_parts(2).ldm(), "tiny-turbo.safetensors")
    assert [own_steps(name) for name in (str(turbo), "demo-base", "no-such-model")] == [1, 25, 25]


def test_a_lora_for_few_steps_brings_its_settings_unless_they_are_chosen(sources, draw, tmp_path, capsys):
    model, lora, _word = sources
    few = lora.rename(tmp_path / "lcm-lora-sdv1-5.safetensors")
    arguments = ["generate", "--model", model, "--prompt", "ink", "--width", 32, "--height", 32, "--device", "cpu",
                 "--precision", "fp32", "--out", tmp_path / "few", "--lora", few, "--json"]  # fmt: skip
    assert main([str(argument) for argument in arguments]) == 0
    printed = capsys.readouterr()
    record = read_record(Path(json.loads(printed.out.splitlines()[-1])["images"][0]["path"]))
    assert (record.sampler, record.num_inference_steps, record.guidance_scale) == ("lcm", 4, 0.0)
    assert "made for few steps" in printed.err
    code, answer = draw(model, "--lora", few, "--sampler", "tcd")
    record = read_record(Path(answer["images"][0]["path"]))
    assert (code, record.sampler, record.num_inference_steps) == (0, "tcd", 2)
