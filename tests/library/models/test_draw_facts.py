"""What a form learns of a model from its files."""

from __future__ import annotations

import json
from pathlib import Path

from sketchdesk.library.models.draw_facts import DrawFacts, draw_facts


def test_a_folder_says_its_sizes(tiny_sd: Path) -> None:
    facts = draw_facts(tiny_sd)
    assert (facts.cell_px, facts.side_px) == (2, 32)
    assert (facts.guidance_scale, facts.num_inference_steps) == (7.5, 25)
    assert (facts.unet_channels, facts.vae_channels) == (32, 64)
    weights = [file for name in ("unet", "text_encoder", "vae") for file in (tiny_sd / name).glob("*.safetensors")]
    on_disk = sum(file.stat().st_size for file in weights)
    assert abs(facts.parameters * 4 - on_disk) < 0.1 * on_disk


def test_the_models_own_settings_count(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "RectifiedFlowPipeline"}', encoding="utf-8")
    assert (draw_facts(tmp_path).guidance_scale, draw_facts(tmp_path).num_inference_steps) == (0.0, 1)
    own = {"guidance_scale": 3, "num_inference_steps": 12}
    (tmp_path / "sketchdesk.json").write_text(json.dumps(own), encoding="utf-8")
    assert (draw_facts(tmp_path).guidance_scale, draw_facts(tmp_path).num_inference_steps) == (3.0, 12)


def test_what_cannot_be_read_is_as_in_stable_diffusion_1(tmp_path: Path) -> None:
    assert draw_facts(tmp_path / "missing") == DrawFacts()
    (tmp_path / "unet").mkdir()
    for text in ("[]", "{", '{"sample_size": "x", "block_out_channels": 3}'):
        (tmp_path / "unet" / "config.json").write_text(text, encoding="utf-8")
        (tmp_path / "sketchdesk.json").write_text(text, encoding="utf-8")
        assert draw_facts(tmp_path) == DrawFacts()
