"""demo-base: a small Stable Diffusion under SD2-base's noise schedule, trained from noise by our own training loop."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.demo import autoencoder
from sketchdesk.demo.dataset import export
from sketchdesk.demo.fit import Say, saying
from sketchdesk.demo.tokenizer import build_tokenizer
from sketchdesk.demo.vocabulary import STYLE_PREFIX
from sketchdesk.engine.models.stable_diffusion import DEFAULTS_FILE, Defaults
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints

PICTURES = 12_000
SKETCH_SHARE = 0.15
TEXT_WIDTH = 128
LATENT_PX = 8

UNET = {
    "sample_size": LATENT_PX,
    "in_channels": autoencoder.SHAPE["latent_channels"],
    "out_channels": autoencoder.SHAPE["latent_channels"],
    "block_out_channels": (160, 224),
    "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    "layers_per_block": 1,
    "cross_attention_dim": TEXT_WIDTH,
    "attention_head_dim": (5, 7),  # as in SD2's config: the number of heads, 32 channels each
    "norm_num_groups": 32,
    "use_linear_projection": True,
}
SCHEDULER = {
    "_class_name": "PNDMScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "clip_sample": False,
    "trained_betas": None,
}
RECIPE = TrainJob(
    model="",  # build() fills in the three paths
    dataset="",
    out_dir="",
    max_train_steps=5000,
    train_batch_size=64,
    optimizer="muon",
    learning_rate=0.02,
    adam_beta2=0.99,
    adam_weight_decay=0.0,
    lr_scheduler="cosine",
    lr_warmup_steps=30,
    ema_decay=0.998,
    loss_weighting="velocity",
    caption_dropout=0.1,
    train_text_encoder=True,
    random_flip=False,  # captions name pairs from left to right
    precision="bf16",
    checkpointing_steps=250,
    checkpoints_total_limit=1,
    validation_steps=250,
    validation_prompts=(
        "a zebra",
        "a giraffe in a forest",
        "a boy riding a bike on the road",
        "a zebra and a monkey",
        "a castle",
        "an apple",
        f"{STYLE_PREFIX} a dog",
        "a fox at night",
    ),
)


def write_untrained(folder: Path, vae_folder: Path) -> Path:
    """Write the pipeline with a trained autoencoder and everything else at random, in fp32."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(folder / "tokenizer")
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=tokenizer.model_max_length,
        hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        projection_dim=TEXT_WIDTH,
    )
    CLIPTextModel(config).save_pretrained(folder / "text_encoder")
    UNet2DConditionModel(**UNET).save_pretrained(folder / "unet")
    shutil.copytree(vae_folder, folder / "vae", dirs_exist_ok=True)
    (folder / "scheduler").mkdir(exist_ok=True)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2))
    (folder / DEFAULTS_FILE).write_bytes(msgspec.json.encode(Defaults(guidance_scale=2.0, num_inference_steps=25)))
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "feature_extractor": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))
    return folder


def build(work: Path, models: Path, say: Say) -> Path:
    """Train demo-base, going on from the newest checkpoint in `work`, and write it into `models` in fp16."""
    untrained = work / "untrained"
    if not (untrained / "model_index.json").is_file():
        write_untrained(untrained, autoencoder.build(work, say))
    say("drawing the training pictures")
    dataset = export(work / "pictures", PICTURES, seed=0, sketch_share=SKETCH_SHARE)
    run_dir = work / "base"
    job = msgspec.structs.replace(
        RECIPE,
        model=str(untrained),
        dataset=str(dataset),
        out_dir=str(run_dir),
        resume=bool(checkpoints(run_dir / FOLDER)),
    )
    task.run(job, Reporter(saying(say)))
    return halve(run_dir / task.MODEL, models / "demo-base")


def halve(source: Path, destination: Path) -> Path:
    """Copy a pipeline folder with every network's weights in fp16."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(source, destination, dirs_exist_ok=True)
    for file in destination.rglob("*.safetensors"):
        tensors = {name: t.half() if t.is_floating_point() else t for name, t in load_file(file).items()}
        save_file(tensors, file, metadata={"format": "pt"})
    return destination
