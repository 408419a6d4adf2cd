"""What is saved loads in stock diffusers: every part of it, and whole where it keeps the teacher's head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.contracts.jobs import DistillJob, LoraUse, Sampler
from sketchdesk.engine.distillation import task
from sketchdesk.engine.draw import DrawSettings, draw_batch, draw_latents
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.distillation.report import read_report
from sketchdesk.library.models.card import CARD
from sketchdesk.library.models.few_steps import few_steps_of
from sketchdesk.library.models.installed import describe, list_models
from sketchdesk.library.paths import training_dir

PROMPT, SEED = "a dog", 7


def distilled(teacher: Path, out: Path, student: str, steps: int = 1) -> Path:
    job = DistillJob(
        model=str(teacher), out_dir=str(out), prompts=("a dog", "a cat"), num_pairs=4, num_held_out_pairs=2,
        num_inference_steps=2, guidance_scale=2.0, train_batch_size=2, reflow_steps=1, distil_steps=1,
        lr_warmup_steps=0, feature_weight=0.0, student=student, student_steps=steps, device="cpu", precision="fp32",
        num_threads=1,
    )  # fmt: skip
    return Path(str(task.run(job, Reporter(lambda _event: None))["output"]))


def noise() -> torch.Tensor:
    return torch.randn((1, 4, 16, 16), generator=torch.Generator("cpu").manual_seed(SEED))


def drawn_here(model: Path, steps: int = 1) -> torch.Tensor:
    loaded = load_stable_diffusion(model, torch.device("cpu"), torch.float32)
    assert loaded.defaults.num_inference_steps == steps
    settings = DrawSettings(steps, loaded.defaults.guidance_scale, None, 32, 32)
    return draw_latents(loaded, [PROMPT], [""], [SEED], settings).latents


def test_a_velocity_student_is_its_card_s_formula_over_stock_parts(tiny_sd: Path, tmp_path: Path) -> None:
    model = distilled(tiny_sd, tmp_path / "flow", "velocity")
    unet = UNet2DConditionModel.from_pretrained(model / "unet")
    encoder = CLIPTextModel.from_pretrained(model / "text_encoder")
    tokenizer = CLIPTokenizer.from_pretrained(model / "tokenizer")
    assert AutoencoderKL.from_pretrained(model / "vae").config.latent_channels == 4
    ids = tokenizer([PROMPT], padding="max_length", truncation=True, return_tensors="pt").input_ids
    z = noise()
    with torch.no_grad():
        latents = z + unet(z, 1000.0, encoder(ids)[0]).sample
    torch.testing.assert_close(drawn_here(model), latents, atol=1e-5, rtol=1e-5)
    report = read_report(tmp_path / "flow")
    assert report is not None
    assert [marks.steps for marks in report.student] == [1, 2, 4]
    entry = describe("flow", model, "own")
    assert (entry.family, entry.teacher, entry.problem) == ("instaflow", tiny_sd.name, "")


def test_a_student_with_its_teacher_s_head_draws_in_a_stock_pipeline(tiny_sd: Path, tmp_path: Path) -> None:
    model = distilled(tiny_sd, tmp_path / "same", "teacher", steps=2)
    pipeline = StableDiffusionPipeline.from_pretrained(model, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    stock = pipeline(PROMPT, num_inference_steps=2, guidance_scale=1.0, latents=noise(), output_type="latent").images
    torch.testing.assert_close(drawn_here(model, steps=2), stock, atol=1e-4, rtol=1e-4)
    assert describe("same", model, "own").family == "stable_diffusion"


def test_a_lora_draws_from_the_list_as_it_drew_in_training_by_the_sampler_it_names(tiny_sd: Path, home: Path) -> None:
    run = training_dir() / "quick"
    job = DistillJob(
        model=str(tiny_sd), out_dir=str(run), prompts=("a dog", "a cat"), num_pairs=4, num_held_out_pairs=0,
        num_inference_steps=2, guidance_scale=2.0, train_batch_size=2, student="teacher", lora_rank=4, student_steps=4,
        reflow_steps=2, distil_steps=0, matching_steps=1, critic_rank=2, learning_rate=1e-2, lr_warmup_steps=0,
        validation_prompts=(PROMPT,), seed=SEED, device="cpu", precision="fp32", num_threads=1,
    )  # fmt: skip
    task.run(job, Reporter(lambda _event: None))
    (lora,) = [entry for entry in list_models() if entry.family == "lora"]
    how = few_steps_of(lora.name)
    assert few_steps_of(str(run / "checkpoints" / "checkpoint-3" / "lora")) is not None, "of checkpoints too"
    assert how is not None and (how.sampler, how.num_inference_steps, how.guidance_scale) == ("tcd", 4, 1.0)
    assert "by the sampler TCD in 4 steps" in (lora.path.parent / CARD).read_text(encoding="utf-8")

    base = load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32, [LoraUse(path=lora.name)])
    trained = np.asarray(Image.open(run / "samples" / "step-000003" / "000.png"), np.float64)

    def apart(sampler: Sampler) -> float:
        settings = DrawSettings(how.num_inference_steps, how.guidance_scale, sampler, 32, 32)
        (picture,) = draw_batch(base, [PROMPT], [""], [SEED], settings).images
        return float(np.abs(np.asarray(picture, np.float64) - trained).mean())

    assert apart(how.sampler) < 0.1 * apart("ddim"), "another sampler begins elsewhere"


def test_without_held_out_pairs_there_is_no_report(tiny_sd: Path, tmp_path: Path) -> None:
    job = DistillJob(
        model=str(tiny_sd), out_dir=str(tmp_path / "none"), prompts=("a dog",), num_pairs=2, num_held_out_pairs=0,
        num_inference_steps=1, train_batch_size=2, reflow_steps=1, distil_steps=0, lr_warmup_steps=0,
        device="cpu", precision="fp32", num_threads=1,
    )  # fmt: skip
    assert (Path(str(task.run(job, Reporter(lambda _event: None))["output"])) / "README.md").is_file()
    assert read_report(tmp_path / "none") is None
