"""Each family is told from its configurations or its tensors' names and shapes, at the sizes its makers published."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.library.models.families import (
    FAMILIES,
    SCHEDULE,
    TEXT,
    TEXT_2,
    UNET,
    UNET_2,
    draws_alone,
    family_of_folder,
)
from sketchdesk.library.models.kind import kind_of, licence_of
from sketchdesk.library.models.perflow import check_perflow, drawn_by
from sketchdesk.library.models.single_file import told_prediction

SD, FLOW = {"_class_name": "StableDiffusionPipeline"}, {"_class_name": "RectifiedFlowPipeline"}
EPSILON, V = SCHEDULE | {"prediction_type": "epsilon"}, SCHEDULE | {"prediction_type": "v_prediction"}

PERFLOW = SCHEDULE | {"_class_name": "PeRFlowScheduler", "prediction_type": "ddim_eps"}


@pytest.mark.parametrize(
    ("family", "index", "unet", "scheduler", "name"),
    [
        ("sd1", SD, UNET, SCHEDULE, "stable-diffusion-v1-5"),
        ("sd2_base", SD, UNET_2, EPSILON, "stable-diffusion-2-base"),
        ("sd2", SD, UNET_2 | {"sample_size": 96}, V, "stable-diffusion-2"),
        ("sd21", SD, UNET_2 | {"sample_size": 96, "upcast_attention": True}, V, "stable-diffusion-2-1"),
        ("sd_turbo", SD, UNET_2, EPSILON | {"timestep_spacing": "trailing"}, "mine"),
        ("sd_turbo", SD, UNET_2, EPSILON, "models--stabilityai--sd-turbo"),
        ("instaflow", FLOW, UNET, EPSILON, "models--XCLiu--instaflow_0_9B_from_sd_1_5"),
        ("rectified_flow_2", FLOW, UNET, EPSILON, "models--XCLiu--2_rectified_flow_from_sd_1_5"),
        ("perflow", SD, UNET, PERFLOW, "mine"),
        ("perflow_2", SD, UNET_2, PERFLOW, "mine"),
        ("perflow", SD, UNET | {"cross_attention_dim": 128}, PERFLOW, "small"),
        ("", SD, UNET | {"cross_attention_dim": 128}, EPSILON, "demo-base"),
        ("", {"_class_name": "StableDiffusionXLPipeline"}, {"cross_attention_dim": 2048}, EPSILON, "xl"),
        ("", {}, {}, {}, ""),
    ],
)
def test_a_folders_family(family, index, unet, scheduler, name):
    assert family_of_folder(index, unet, scheduler, name) == family


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("models--hansyan--perflow-sd15-dreamshaper", "diff_eps"), ("PeRFlow_SD21_artius", "velocity"),
        ("perflow-sdxl-base", None), ("workperflow", None), ("dreamshaper", None),
    ],
)  # fmt: skip
def test_a_perflow_with_a_stock_scheduler_is_known_by_its_name(name, says):
    perflow = {"_class_name": "PeRFlowScheduler", "prediction_type": says, "num_time_windows": 4}
    assert drawn_by(EPSILON, name) == (EPSILON | perflow if says else EPSILON)
    assert drawn_by(PERFLOW, name) == PERFLOW


@pytest.mark.parametrize(
    "wrong",
    [{"prediction_type": "epsilon"}, {"num_time_windows": 0}, {"num_time_windows": 2.5}, {"num_train_timesteps": 3}],
)
def test_a_perflows_settings_are_checked(wrong):
    check_perflow(PERFLOW)
    check_perflow(EPSILON | wrong)
    with pytest.raises(ValueError, match="PeRFlowScheduler has no"):
        check_perflow(PERFLOW | wrong)


def test_models_of_their_own_sampler_take_no_other():
    alone = {name for name, family in FAMILIES.items() if draws_alone("stable_diffusion", name)}
    assert alone == {"perflow", "perflow_2"}
    assert draws_alone("instaflow", "rectified_flow_2")
    assert not draws_alone("stable_diffusion", "")


def write(path: Path, dtype: type, shapes: dict[str, tuple[int, ...]], **metadata: str) -> Path:
    save_file({name: np.zeros(shape, dtype) for name, shape in shapes.items()}, path, metadata or None)
    return path


def test_adapters_are_told_from_models(tmp_path: Path):
    lora = write(tmp_path / "a.safetensors", np.float16, {"unet.x.lora_A.weight": (4, 8)})
    assert (kind_of(lora).family, kind_of(lora).precision) == ("lora", "fp16")
    for number, shapes in enumerate(({"emb_params": (2, 64)}, {"<cat>": (768,)}, {"cat": (3, 1024)})):
        path = write(tmp_path / f"{number}.safetensors", np.float32, shapes)
        assert (kind_of(path).family, kind_of(path).precision) == ("embedding", "fp32")
    assert kind_of(write(tmp_path / "b.safetensors", np.float32, {"weight": (64,)})).family == ""


def test_a_file_without_vae_is_listed_with_the_sentence(tmp_path: Path):
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (1,),
        "cond_stage_model.transformer.text_model.final_layer_norm.weight": (1,),
    }
    kind = kind_of(write(tmp_path / "half.safetensors", np.float32, shapes))
    assert kind.family == "stable_diffusion"
    assert "no autoencoder" in kind.problem


def test_a_pipelines_precision_is_its_unets(tmp_path: Path):
    (tmp_path / "unet").mkdir()
    (tmp_path / "model_index.json").write_text(json.dumps(SD))
    (tmp_path / "unet" / "config.json").write_text(json.dumps(UNET))
    write(tmp_path / "unet" / "diffusion_pytorch_model.fp16.safetensors", np.float16, {"x": (3,)})
    assert (kind_of(tmp_path).variant, kind_of(tmp_path).precision) == ("sd1", "fp16")
    write(tmp_path / "unet" / "diffusion_pytorch_model.safetensors", np.float32, {"x": (3,)})
    assert kind_of(tmp_path).precision == "fp32"


def test_text_encoders_are_the_published_ones():
    assert (TEXT["hidden_size"], TEXT["num_hidden_layers"], TEXT["hidden_act"]) == (768, 12, "quick_gelu")
    assert (TEXT_2["hidden_size"], TEXT_2["num_hidden_layers"], TEXT_2["hidden_act"]) == (1024, 23, "gelu")


def test_a_card_of_blank_lines_alone_is_read_in_one_go(tmp_path: Path):
    card = tmp_path / "README.md"
    card.write_text("---" + "\n" * 300_000)  # read anew from each line, it would take hours
    assert licence_of(tmp_path) == ""
    card.write_text("---\n\nlicense: mit\n---\n" + "\n" * 300_000)
    assert licence_of(tmp_path) == "mit"


def test_a_configuration_of_blank_lines_is_read_in_one_go(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    path.with_suffix(".yaml").write_text("\n" * 300_000)
    assert told_prediction(path, {}) is None
    path.with_suffix(".yaml").write_text("\n" * 300_000 + "    parameterization: \"v\"\n")
    assert told_prediction(path, {}) == "v_prediction"
