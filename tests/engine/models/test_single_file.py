"""A folder's networks, written as one file in the old layout and read back, give the same outputs to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.prediction import predicted_by
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion, save_tuned
from sketchdesk.library.drawing.made_with import Checker
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.kind import kind_of
from sketchdesk.library.models.notes import model_hash, read_note, remember_prediction
from sketchdesk.library.models.schedules import schedule_of_file, unusual

CPU = torch.device("cpu")


def load(path: Path, **options):
    return load_stable_diffusion(path, CPU, torch.float32, **options)


@torch.no_grad()
def outputs(unet, vae, text_encoder):
    generator = torch.Generator().manual_seed(1)
    latents = torch.randn((1, 4, 16, 16), generator=generator)
    states = text_encoder(torch.tensor([[49406, 320, 1125, 539, 320, 2368, 49407]]))[0]
    noise = unet(latents, 500, encoder_hidden_states=states).sample
    picture = vae.decode(latents, return_dict=False)[0]
    return states, noise, picture, vae.encode(picture).latent_dist.mode()


@pytest.mark.parametrize("generation", [1, 2])
def test_a_single_file_draws_as_the_folder_it_was_made_of(tiny_parts, write_ldm, generation):
    parts = tiny_parts(generation)
    model = load(write_ldm(parts.ldm()))
    ours = outputs(model.unet, model.vae, model.text_encoder)
    theirs = outputs(parts.unet, parts.vae, parts.text_encoder)
    for mine, original in zip(ours, theirs, strict=True):
        assert torch.equal(mine, original)
    assert model.family == {1: "sd1", 2: "sd2_base"}[generation]
    assert model.tokenizer.pad_token_id == {1: 49407, 2: 0}[generation]
    assert (model.prediction_type, model.scheduler_config["_class_name"]) == ("epsilon", "PNDMScheduler")


def test_training_weights_that_stand_in_the_same_file_do_no_harm(tiny_parts, write_ldm):
    parts = tiny_parts(1)
    tensors = parts.ldm()
    ema = {"model_ema." + name.removeprefix("model.").replace(".", ""): value * 0 for name, value in tensors.items()}
    model = load(write_ldm(tensors | ema | {"betas": torch.ones(1000), "model_ema.decay": torch.ones(())}))
    assert torch.equal(model.unet.conv_in.weight, parts.unet.conv_in.weight)


def test_half_precision_files_load_in_the_precision_asked_for(tiny_parts, write_ldm):
    tensors = tiny_parts(1).ldm()
    tensors = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    model = load(write_ldm(tensors))
    assert {each.dtype for part in (model.unet, model.vae, model.text_encoder) for each in part.parameters()} == {
        torch.float32
    }


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("first_stage_model.", "no autoencoder"), ("cond_stage_model.", "no text encoder")],
)
def test_a_file_without_a_part_says_which(tiny_parts, write_ldm, prefix, words):
    tensors = {name: value for name, value in tiny_parts(1).ldm().items() if not name.startswith(prefix)}
    with pytest.raises(SketchDeskError) as refused:
        load(write_ldm(tensors))
    assert refused.value.kind is ErrorKind.MODEL_INCOMPLETE
    assert words in refused.value.message
    assert "tiny.safetensors" in refused.value.message


def test_a_file_with_tensors_missing_is_unreadable(tiny_parts, write_ldm):
    tensors = tiny_parts(1).ldm()
    del tensors["model.diffusion_model.middle_block.1.proj_in.bias"]
    with pytest.raises(SketchDeskError) as refused:
        load(write_ldm(tensors))
    assert refused.value.kind is ErrorKind.MODEL_UNREADABLE
    assert "1 tensors are missing" in refused.value.details


@pytest.mark.parametrize(
    "tensors",
    [
        {"weight": torch.ones(3)},
        {"conditioner.embedders.0.x": torch.ones(3), "model.diffusion_model.input_blocks.0.0.weight": torch.ones(3)},
    ],
    ids=["no model", "Stable Diffusion XL"],
)
def test_files_of_other_kinds_are_named_as_such(write_ldm, tensors):
    with pytest.raises(SketchDeskError) as refused:
        load(write_ldm(tensors))
    assert refused.value.kind is ErrorKind.FAMILY_UNKNOWN


def test_a_unet_of_other_channels_is_refused(tiny_parts, write_ldm):
    tensors = tiny_parts(1).ldm()
    name = "model.diffusion_model.input_blocks.0.0.weight"
    tensors[name] = torch.cat([tensors[name], tensors[name][:, :1]], dim=1)
    with pytest.raises(SketchDeskError) as refused:
        load(write_ldm(tensors))
    assert refused.value.kind is ErrorKind.FAMILY_UNKNOWN


def test_what_it_predicts_is_told_by_metadata_yaml_or_person(tiny_parts, write_ldm):
    tensors = tiny_parts(2).ldm()
    said = load(write_ldm(tensors, "said.safetensors", "v"))
    assert (said.prediction_type, said.family, said.sample_size_px) == ("v_prediction", "sd21", 768)
    assert said.scheduler_config["_class_name"] == "DDIMScheduler"
    assert said.unet.config.upcast_attention is True
    assert said.unet.mid_block.attentions[0].transformer_blocks[0].attn1.upcast_attention is True

    beside = write_ldm(tensors, "beside.safetensors", None)
    beside.with_suffix(".yaml").write_text('model:\n  params:\n    parameterization: "v"\n')
    assert load(beside).prediction_type == "v_prediction"

    chosen = write_ldm(tensors, "chosen.safetensors", "v")
    remember_prediction(chosen, "epsilon", "person")
    assert (load(chosen).prediction_type, load(chosen).sample_size_px) == ("epsilon", 512)
    remember_prediction(chosen, "velocity", "person")
    flow = load(chosen)
    assert (flow.rectified_flow, flow.family, flow.defaults.num_inference_steps) == (True, "instaflow", 1)


def test_a_perflow_in_one_file_is_known_by_its_name(tiny_parts, write_ldm):
    path = write_ldm(tiny_parts(1).ldm(), "perflow-sd15-ink.safetensors", "epsilon")
    model = load(path)
    assert (model.family, model.prediction_type) == ("perflow", "diff_eps")
    assert (model.defaults.num_inference_steps, model.defaults.guidance_scale) == (4, 4.5)
    assert kind_of(path).variant == "perflow"
    assert schedule_of_file(path) == unusual(model.scheduler_config)


def test_what_a_person_says_it_predicts_is_part_of_how_a_picture_was_made(tiny_parts, write_ldm):
    path = write_ldm(tiny_parts(2).ldm(), predicts="v")
    model = load(path)
    drawn_by = unusual(model.scheduler_config, model.rectified_flow)
    assert schedule_of_file(path) == drawn_by
    record = ImageRecord(
        prompt="a cat", seed=1, num_inference_steps=2, guidance_scale=3, sampler="ddim", width=32, height=32,
        model=str(path), model_hash=model_hash(path), scheduler=drawn_by,
    )  # fmt: skip
    assert Checker().changes(record) == []
    for predicts in ("epsilon", "velocity"):
        remember_prediction(path, predicts, "person")
        flow = load(path)
        assert schedule_of_file(path) == unusual(flow.scheduler_config, flow.rectified_flow)
        assert ["set otherwise" in change for change in Checker().changes(record)] == [True]


def test_a_file_nobody_speaks_for_is_asked_once(tiny_parts, write_ldm):
    path = write_ldm(tiny_parts(1).ldm(), predicts=None)
    model = load(path)
    note = read_note(path)
    assert note.told_by == "probe"
    assert model.prediction_type == note.predicts == "v_prediction"  # random weights know nothing of noise
    path.touch()
    assert read_note(path) is None


def test_names_tell_what_weights_cannot(tiny_parts, write_ldm):
    turbo = load(write_ldm(tiny_parts(2).ldm(), "sd_turbo.safetensors"))
    assert (turbo.family, turbo.defaults.guidance_scale, turbo.defaults.num_inference_steps) == ("sd_turbo", 0.0, 1)
    assert turbo.scheduler_config["timestep_spacing"] == "trailing"


def test_the_demo_model_answers_noise_with_noise():
    """The only trained model at hand: it predicts ε, and is told so by its answer."""
    from sketchdesk.library.paths import resource

    demo = load(resource("models/demo-base"))
    nothing = demo.tokenizer("", padding="max_length", max_length=demo.tokenizer.model_max_length, return_tensors="pt")
    states = demo.text_encoder(nothing.input_ids)[0]
    assert predicted_by(demo.unet, states) == "epsilon"
    flow = demo.unet
    flow.conv_out.weight.mul_(-1)
    flow.conv_out.bias.mul_(-1)
    assert predicted_by(flow, states) == "velocity"  # X1 − X0 holds the noise with the other sign


def test_a_model_from_a_single_file_is_saved_as_a_folder_that_draws_the_same(tiny_parts, write_ldm, tmp_path):
    model = load(write_ldm(tiny_parts(2).ldm(), predicts="v"))
    save_tuned(model, ("unet",), tmp_path / "saved")
    again = load(tmp_path / "saved")
    for mine, original in zip(
        outputs(again.unet, again.vae, again.text_encoder),
        outputs(model.unet, model.vae, model.text_encoder),
        strict=True,
    ):
        assert torch.equal(mine, original)
    assert (again.sample_size_px, again.tokenizer.pad_token_id, again.prediction_type) == (768, 0, "v_prediction")
    assert again.defaults == model.defaults
