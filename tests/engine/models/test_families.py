"""Every family once from end to end: a folder of its layout drawn as stock diffusers, or the formula, draws it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow, TrainJob
from sketchdesk.engine import generate
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task as training
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.models.draw_facts import draw_facts
from sketchdesk.library.models.families import FAMILIES, scheduler_config
from sketchdesk.library.models.installed import describe

SIDE, SEED, PROMPT = 32, 7, "a zebra"
NAMES = {
    "rectified_flow_2": "2_rectified_flow_from_sd_1_5", "perflow": "perflow-sd15-ink",
    "perflow_2": "perflow-sd21-ink",
}  # fmt: skip
STOCK = ("sd1", "sd2_base", "sd2", "sd21", "sd_turbo")
FLOWS = ("instaflow", "rectified_flow_2")


@pytest.fixture(autouse=True)
def cold():
    yield
    generate.forget_models()


@pytest.fixture
def family_folder(tiny_parts, tiny_sd, tmp_path) -> Callable[..., Path]:
    """Write a tiny model of a family as its makers laid it out; with nine channels, for inpainting.

    The text states have the published width, by which the family is told; the tokenizer knows single letters only.
    """

    def write(name: str, nine: bool = False) -> Path:
        family = FAMILIES[name]
        parts = tiny_parts(2 if family.open_clip else 1)
        folder = tmp_path / NAMES.get(name, name)
        width = 1024 if family.open_clip else 768
        config = {
            **parts.unet.config, "sample_size": family.side_px // 8, "upcast_attention": family.upcast_attention,
            "in_channels": 9 if nine else 4, "cross_attention_dim": width,
        }  # fmt: skip
        text = {"hidden_size": width, "num_attention_heads": width // 64, "num_hidden_layers": 2, "vocab_size": 514}
        torch.manual_seed(11)
        diffusers.UNet2DConditionModel.from_config(config).save_pretrained(folder / "unet")
        CLIPTextModel(CLIPTextConfig(**{**parts.text_encoder.config.to_dict(), **text})).save_pretrained(
            folder / "text_encoder"
        )
        parts.vae.save_pretrained(folder / "vae")
        shutil.copytree(tiny_sd / "tokenizer", folder / "tokenizer")
        if family.open_clip:
            settings = folder / "tokenizer" / "tokenizer_config.json"
            settings.write_text(json.dumps(json.loads(settings.read_text()) | {"pad_token": "!"}))
        (folder / "scheduler").mkdir()
        scheduler = scheduler_config(family, family.prediction_type)
        (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler))
        kind = "RectifiedFlowPipeline" if family.rectified_flow else "StableDiffusionPipeline"
        index = {
            "_class_name": "StableDiffusionInpaintPipeline" if nine else kind, "_diffusers_version": "0.21.4",
            "feature_extractor": [None, None], "requires_safety_checker": False, "safety_checker": [None, None],
            "scheduler": ["diffusers", scheduler["_class_name"]], "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
            "vae": ["diffusers", "AutoencoderKL"],
        }  # fmt: skip
        (folder / "model_index.json").write_text(json.dumps(index))
        return folder

    return write


def job(model: Path, out: Path, **settings) -> GenerateJob:
    """The job of a person who chose nothing but a model, and the CPU."""
    defaults = {
        "num_inference_steps": draw_facts(model).num_inference_steps, "device": "cpu", "precision": "fp32",
        "width": SIDE, "height": SIDE, "seed": SEED,
    }  # fmt: skip
    return GenerateJob(model=str(model), prompts=(PromptRow(prompt=PROMPT),), out_dir=str(out), **defaults | settings)


def draw(work: GenerateJob) -> Path:
    events: list = []
    generate.run(work, Reporter(events.append))
    return next(Path(event.path) for event in events if isinstance(event, ImageSaved))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path)).astype(int)


def stock_pixels(pipeline_class, folder: Path, **options) -> np.ndarray:
    pipeline = pipeline_class.from_pretrained(folder, safety_checker=None, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(SEED)
    (picture,) = pipeline(PROMPT, height=SIDE, width=SIDE, generator=generator, **options).images
    return np.asarray(picture).astype(int)


@pytest.mark.parametrize("name", STOCK)
def test_a_folder_draws_by_itself_what_stock_diffusers_draws_with_the_families_settings(name, family_folder, tmp_path):
    folder, family = family_folder(name), FAMILIES[name]
    entry = describe(name, folder, "own")
    assert (entry.family, entry.variant, entry.problem) == ("stable_diffusion", name, "")
    made = draw(job(folder, tmp_path / "out"))
    stock = stock_pixels(
        diffusers.StableDiffusionPipeline, folder, num_inference_steps=family.num_inference_steps,
        guidance_scale=family.guidance_scale,
    )  # fmt: skip
    assert stock.std() > 5
    assert abs(pixels(made) - stock).max() <= 1
    record = read_record(made)
    assert (record.num_inference_steps, record.own_sampler, record.device) == (family.num_inference_steps, True, "cpu")
    turbo = name == "sd_turbo"
    assert record.scheduler.get("timestep_spacing") == ("trailing" if turbo else "leading")
    assert (record.num_inference_steps, record.guidance_scale) == ((1, 0.0) if turbo else (25, 7.5))


@torch.no_grad()
def euler(folder: Path, steps: int, guidance: float) -> np.ndarray:
    """InstaFlow's formula: x ← x + v(x, 1000 (1 − i / N)) / N, with v guided where there is guidance."""
    model = load_stable_diffusion(folder, torch.device("cpu"), torch.float32)
    padded = [model.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt") for text in ("", PROMPT)]
    nothing, text = (model.text_encoder(tokens.input_ids)[0] for tokens in padded)
    x = torch.randn((1, 4, SIDE // 2, SIDE // 2), generator=torch.Generator().manual_seed(SEED))
    for step in range(steps):
        t = 1000 * (1 - step / steps)
        v = model.unet(x, t, encoder_hidden_states=text).sample
        if guidance > 1:
            without = model.unet(x, t, encoder_hidden_states=nothing).sample
            v = without + guidance * (v - without)
        x = x + v / steps
    decoded = model.vae.decode(x / model.vae.config.scaling_factor).sample
    return ((decoded / 2 + 0.5).clamp(0, 1) * 255).round()[0].permute(1, 2, 0).numpy().astype(int)


@pytest.mark.parametrize("steps", [None, 3])
@pytest.mark.parametrize("name", FLOWS)
def test_rectified_flows_draw_by_the_formula_in_any_number_of_steps(name, steps, family_folder, tmp_path):
    folder, family = family_folder(name), FAMILIES[name]
    entry = describe(name, folder, "own")
    assert (entry.family, entry.variant, entry.problem) == ("instaflow", name, "")
    with pytest.raises((AttributeError, ValueError)):  # which is why it is drawn here
        diffusers.DiffusionPipeline.from_pretrained(folder, local_files_only=True)
    chosen = {} if steps is None else {"num_inference_steps": steps}
    made = draw(job(folder, tmp_path / "out", **chosen))
    expected = euler(folder, steps or family.num_inference_steps, family.guidance_scale)
    assert expected.std() > 5
    assert abs(pixels(made) - expected).max() <= 1
    assert read_record(made).sampler == "rectified_flow"


@torch.no_grad()
def piecewise(folder: Path, steps: int, prediction: str) -> np.ndarray:
    """PeRFlow's formula in steps that are a multiple of four: x_b from x_t at each, and of the way there its share."""
    model = load_stable_diffusion(folder, torch.device("cpu"), torch.float32)
    padded = [model.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt") for text in ("", PROMPT)]
    states = torch.cat([model.text_encoder(tokens.input_ids)[0] for tokens in padded])
    bars = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
    x = torch.randn((1, 4, SIDE // 2, SIDE // 2), generator=torch.Generator().manual_seed(SEED))
    for step in range(steps):
        t, then = (1000 * (1 - number / steps) for number in (step, step + 1))
        begin = 1000 - 250 * (4 * step // steps)
        end = begin - 250
        without, text = model.unet(torch.cat([x, x]), t, encoder_hidden_states=states).sample.chunk(2)
        said = without + 4.5 * (text - without)
        bar_a, bar_b = float(bars[begin - 1]), float(bars[max(end - 1, 0)])
        ratio = (bar_b / bar_a) ** 0.5
        q = ratio * (t - begin) + end - t
        x_b = (ratio * (end - begin) * x - (ratio**2 - 1) ** 0.5 * (end - t) * said) / q
        x = x + ((then - t) * said / 1000 if prediction == "velocity" else (then - t) / (end - t) * (x_b - x))
    decoded = model.vae.decode(x / model.vae.config.scaling_factor).sample
    return ((decoded / 2 + 0.5).clamp(0, 1) * 255).round()[0].permute(1, 2, 0).numpy().astype(int)


@pytest.mark.parametrize(("name", "scheduler"), [("perflow", "stock"), ("perflow_2", "its own")])
def test_perflows_draw_by_the_formula_whether_their_scheduler_or_only_their_name_says_so(
    name, scheduler, family_folder, tmp_path
):
    folder, family = family_folder(name), FAMILIES[name]
    if scheduler == "stock":  # as its makers publish their folders
        stock = json.dumps(scheduler_config(FAMILIES["sd1"], "epsilon"))
        (folder / "scheduler" / "scheduler_config.json").write_text(stock)
    else:
        folder = folder.rename(folder.with_name("mine"))
    entry = describe(name, folder, "own")
    assert (entry.family, entry.variant, entry.problem) == ("stable_diffusion", name, "")
    assert entry.prediction_type == family.prediction_type
    assert (draw_facts(folder).num_inference_steps, draw_facts(folder).guidance_scale) == (4, 4.5)
    steps = 8 if scheduler == "stock" else 4
    made = draw(job(folder, tmp_path / "out", num_inference_steps=steps))
    expected = piecewise(folder, steps, family.prediction_type)
    assert expected.std() > 5
    assert abs(pixels(made) - expected).max() <= 1
    record = read_record(made)
    assert (record.sampler, record.guidance_scale) == ("perflow", 4.5)
    assert record.scheduler["prediction_type"] == family.prediction_type
    with pytest.raises(SketchDeskError, match="choose the model's own"):
        draw(job(folder, tmp_path / "out", sampler="euler"))
    with pytest.raises(SketchDeskError, match="2 steps"):
        draw(job(folder, tmp_path / "out", num_inference_steps=2))


def test_a_perflow_whose_settings_make_no_sense_is_refused(family_folder):
    folder = family_folder("perflow")
    file = folder / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"prediction_type": "epsilon"}))
    with pytest.raises(SketchDeskError) as refused:
        load_stable_diffusion(folder, torch.device("cpu"), torch.float32)
    assert refused.value.kind is ErrorKind.MODEL_UNREADABLE
    assert "'epsilon'" in refused.value.details


@pytest.mark.parametrize("name", [*STOCK, *FLOWS, "perflow"])
def test_every_family_draws_on_the_cpu_in_bf16_and_refuses_fp16_with_the_reason(name, family_folder, tmp_path):
    folder = family_folder(name)
    made = draw(job(folder, tmp_path / "out", precision="bf16", num_inference_steps=4 if name == "perflow" else 2))
    assert (read_record(made).device, read_record(made).precision) == ("cpu", "bf16")
    with pytest.raises(SketchDeskError) as refused:
        draw(job(folder, tmp_path / "out", precision="fp16"))
    assert refused.value.kind is ErrorKind.PRECISION_UNSUPPORTED
    assert "fp16" in refused.value.message
    assert "CPU" in refused.value.next_step


@pytest.fixture
def picture_and_mask(tmp_path) -> dict[str, str]:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(tmp_path / "p.png")
    grey = np.zeros((SIDE, SIDE), np.uint8)
    grey[4:20, 8:28] = 255
    Image.fromarray(grey).save(tmp_path / "m.png")
    return {"init_image": str(tmp_path / "p.png"), "mask_image": str(tmp_path / "m.png")}


@pytest.mark.parametrize("name", ["sd1", "sd2_base"])
def test_an_inpainting_folder_draws_what_the_stock_inpainting_pipeline_draws(
    name, family_folder, tmp_path, picture_and_mask
):
    folder = family_folder(name, nine=True)
    entry = describe(name, folder, "own")
    assert (entry.family, entry.variant, entry.inpaints, entry.problem) == ("stable_diffusion", name, True, "")
    made = draw(job(folder, tmp_path / "out", num_inference_steps=6, keep_unmasked=False, **picture_and_mask))
    stock = stock_pixels(
        diffusers.StableDiffusionInpaintPipeline, folder, num_inference_steps=6, guidance_scale=7.5, strength=1.0,
        image=Image.open(picture_and_mask["init_image"]), mask_image=Image.open(picture_and_mask["mask_image"]),
    )  # fmt: skip
    assert stock.std() > 5
    assert abs(pixels(made) - stock).max() <= 1


def test_an_inpainting_model_without_a_mask_says_so_before_it_is_loaded_and_is_not_trained(
    family_folder, tmp_path, picture_and_mask
):
    folder = family_folder("sd1", nine=True)
    for given in ({}, {"init_image": picture_and_mask["init_image"]}):
        with pytest.raises(SketchDeskError, match="picture and a mask") as refused:
            draw(job(folder, tmp_path / "out", **given))
        assert refused.value.kind is ErrorKind.BAD_INPUT
    data = tmp_path / "data"
    data.mkdir()
    Image.new("RGB", (SIDE, SIDE)).save(data / "a.png")
    (data / "a.txt").write_text("a zebra")
    with pytest.raises(SketchDeskError, match="cannot be tuned"):
        training.run(
            TrainJob(model=str(folder), dataset=str(data), out_dir=str(tmp_path / "run"), device="cpu"),
            Reporter(lambda event: None),
        )


@pytest.mark.parametrize("predicts", ["epsilon", None])
def test_an_inpainting_file_is_known_and_drawn_with_and_asked_what_it_predicts(
    tiny_parts, write_ldm, tmp_path, picture_and_mask, predicts
):
    parts = tiny_parts(1)
    torch.manual_seed(3)
    parts.unet = diffusers.UNet2DConditionModel.from_config({**parts.unet.config, "in_channels": 9}).eval()
    path = write_ldm(parts.ldm(), "inpainting.safetensors", predicts)
    entry = describe("x", path, "own")
    assert (entry.family, entry.inpaints, entry.problem) == ("stable_diffusion", True, "")
    made = draw(job(path, tmp_path / "out", num_inference_steps=3, **picture_and_mask))
    assert read_record(made).mask_image == picture_and_mask["mask_image"]
    with pytest.raises(SketchDeskError, match="picture and a mask"):
        draw(job(path, tmp_path / "out"))


@pytest.mark.parametrize(("name", "value"), [("time_cond_proj_dim", 16), ("in_channels", 5)])
def test_a_unet_that_wants_more_than_it_would_get_is_refused(family_folder, name, value):
    folder = family_folder("sd1")
    config = json.loads((folder / "unet" / "config.json").read_text()) | {name: value}
    unet = diffusers.UNet2DConditionModel.from_config(config)
    unet.save_pretrained(folder / "unet")
    with pytest.raises(SketchDeskError) as refused:
        load_stable_diffusion(folder, torch.device("cpu"), torch.float32)
    assert refused.value.kind is ErrorKind.FAMILY_UNKNOWN
    assert str(value) in refused.value.details or name in refused.value.details
