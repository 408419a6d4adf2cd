"""Which folders are models to judge with."""

from __future__ import annotations

import json
import shutil

from sketchdesk.library.evaluation.judges import judge_problem


def test_a_clip_is_one_and_other_models_and_folders_are_not(tiny_clip, tiny_blip, tmp_path):
    assert judge_problem(str(tiny_clip)) == ""
    for wrong in (tiny_blip, tmp_path, tmp_path / "nowhere", ""):
        assert judge_problem(str(wrong))
    assert "no CLIP or SigLIP model" in judge_problem(str(tiny_blip))


def test_siglip_is_one_and_a_clip_without_weights_is_not(tiny_clip, tmp_path):
    folder = shutil.copytree(tiny_clip, tmp_path / "judge")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "siglip"}), encoding="utf-8")
    assert judge_problem(str(folder)) == ""
    for weights in folder.glob("*.safetensors"):
        weights.unlink()
    assert judge_problem(str(folder))
