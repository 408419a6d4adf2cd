"""What a form learns of a model from its files."""

from __future__ import annotations

import json
from pathlib import Path

from sketchdesk.library.model_facts import ModelFacts, read_facts


def test_a_folder_says_its_sizes_and_its_own_settings(tiny_sd: Path) -> None:
    facts = read_facts(tiny_sd)
    assert (facts.cell_px, facts.side_px) == (2, 32)
    assert (facts.guidance_scale, facts.num_inference_steps) == (7.5, 25)
    assert (facts.unet_channels, facts.vae_channels) == (32, 64)
    files = [tiny_sd / name for name in ("unet", "text_encoder", "vae")]
    on_disk = sum(file.stat().st_size for folder in files for file in folder.glob("*.safetensors"))
    assert abs(facts.parameters * 4 - on_disk) < 0.1 * on_disk


def test_the_models_own_settings_count(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "RectifiedFlowPipeline"}', encoding="utf-8")
    assert (read_facts(tmp_path).guidance_scale, read_facts(tmp_path).num_inference_steps) == (0.0, 1)
    (tmp_path / "sketchdesk.json").write_text(json.dumps({"guidance_scale": 3, "num_inference_steps": 12}))
    assert (read_facts(tmp_path).guidance_scale, read_facts(tmp_path).num_inference_steps) == (3.0, 12)


def test_variants_of_one_network_are_not_added_up(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    header = json.dumps({"w": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}}).encode()
    data = len(header).to_bytes(8, "little") + header + bytes(12)
    for name in ("model.safetensors", "model.fp16.safetensors"):
        (tmp_path / "unet" / name).write_bytes(data)
    assert read_facts(tmp_path).parameters == 6


def test_nonsense_falls_back_to_stable_diffusion_1(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    for text in ("[]", "{", '{"sample_size": "x", "block_out_channels": 3}', '{"sample_size": [96, 96]}'):
        (tmp_path / "unet" / "config.json").write_text(text, encoding="utf-8")
        (tmp_path / "unet" / "broken.safetensors").write_bytes(b"no")
        assert read_facts(tmp_path) == ModelFacts()
