"""The model families SketchDesk draws with, in the numbers their makers published; no weights, no torch.

A family fixes what files do not say: activation functions, heads, the noise schedule, how prompts are padded and the
settings it draws best with. Widths and depths of a single file are read from its tensors (library.models.ldm_layout).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.files.loose import mapping, text, whole
from sketchdesk.library.models.perflow import PERFLOW_CLASS, WINDOWS, is_perflow


class Family(Struct, frozen=True, kw_only=True):
    """What is common to every model of one family."""

    name: str
    title: str
    """Marked for translation; `family_title` gives it in the language in use."""
    open_clip: bool = True
    """Whether the text encoder is OpenCLIP's (Stable Diffusion 2) or OpenAI's CLIP (1 and what came from it)."""
    prediction_type: str = "epsilon"
    side_px: int = 512
    guidance_scale: float = 7.5
    num_inference_steps: int = 25
    scheduler: str = "PNDMScheduler"
    rectified_flow: bool = False
    upcast_attention: bool = False


FAMILIES = {
    family.name: family
    for family in (
        Family(name="sd1", title=N_("Stable Diffusion 1"), open_clip=False),
        Family(name="sd2_base", title=N_("Stable Diffusion 2 base")),
        # PNDM does not work with v-prediction, so the makers moved these to DDIM.
        Family(
            name="sd2", title=N_("Stable Diffusion 2"), prediction_type="v_prediction", side_px=768,
            scheduler="DDIMScheduler",
        ),
        Family(
            name="sd21", title=N_("Stable Diffusion 2.1"), prediction_type="v_prediction", side_px=768,
            scheduler="DDIMScheduler", upcast_attention=True,
        ),
        Family(
            name="sd_turbo", title=N_("SD-Turbo"), guidance_scale=0.0, num_inference_steps=1,
            scheduler="EulerDiscreteScheduler",
        ),
        Family(
            name="instaflow", title=N_("InstaFlow"), open_clip=False, guidance_scale=0.0, num_inference_steps=1,
            rectified_flow=True,
        ),
        Family(
            name="rectified_flow_2", title=N_("2-Rectified Flow"), open_clip=False, guidance_scale=1.5,
            num_inference_steps=25, rectified_flow=True,
        ),
        # In 4 steps their makers draw with a guidance of 4.5, in 8 with 7.5.
        Family(
            name="perflow", title=N_("PeRFlow"), open_clip=False, prediction_type="diff_eps", guidance_scale=4.5,
            num_inference_steps=WINDOWS, scheduler=PERFLOW_CLASS,
        ),
        Family(
            name="perflow_2", title=N_("PeRFlow"), prediction_type="velocity", side_px=768, guidance_scale=4.5,
            num_inference_steps=WINDOWS, scheduler=PERFLOW_CLASS,
        ),
    )
}  # fmt: skip

DRAWABLE = ("stable_diffusion", "instaflow")
"""Kinds of models that draw (library.models.kind); the others score, caption or adapt."""

SCHEDULE: dict[str, Any] = {
    "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "clip_sample": False,
    "num_train_timesteps": 1000, "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1,
    "trained_betas": None,
}  # fmt: skip
"""The noise schedule of every one of them."""

UNET: dict[str, Any] = {
    "act_fn": "silu", "attention_head_dim": 8, "block_out_channels": [320, 640, 1280, 1280],
    "center_input_sample": False, "cross_attention_dim": 768,
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"], "downsample_padding": 1,
    "flip_sin_to_cos": True, "freq_shift": 0, "in_channels": 4, "layers_per_block": 2, "mid_block_scale_factor": 1,
    "mid_block_type": "UNetMidBlock2DCrossAttn", "norm_eps": 1e-05, "norm_num_groups": 32, "out_channels": 4,
    "sample_size": 64, "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3, "upcast_attention": False,
    "use_linear_projection": False,
}  # fmt: skip
"""Stable Diffusion 1's U-Net."""

UNET_2: dict[str, Any] = UNET | {
    "attention_head_dim": [5, 10, 20, 20], "cross_attention_dim": 1024, "use_linear_projection": True,
}  # fmt: skip

TEXT: dict[str, Any] = {
    "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 2, "hidden_act": "quick_gelu", "hidden_size": 768,
    "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 77, "num_attention_heads": 12,
    "num_hidden_layers": 12, "pad_token_id": 1, "projection_dim": 768, "vocab_size": 49408,
}  # fmt: skip
"""OpenAI's CLIP ViT-L/14, the text half."""

TEXT_2: dict[str, Any] = TEXT | {
    "hidden_act": "gelu", "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
    "num_hidden_layers": 23, "projection_dim": 512,
}  # fmt: skip
"""OpenCLIP ViT-H/14, the text half up to its last layer but one."""

VAE: dict[str, Any] = {
    "act_fn": "silu", "block_out_channels": [128, 256, 512, 512], "down_block_types": ["DownEncoderBlock2D"] * 4,
    "in_channels": 3, "latent_channels": 4, "layers_per_block": 2, "norm_num_groups": 32, "out_channels": 3,
    "sample_size": 512, "scaling_factor": 0.18215, "up_block_types": ["UpDecoderBlock2D"] * 4,
}  # fmt: skip
"""The autoencoder all of them share."""


def draws_alone(kind: str, family: str) -> bool:
    """Tell whether a model takes no sampler but its own; by its kind (library.models.kind) and its family here."""
    return kind == "instaflow" or (family in FAMILIES and FAMILIES[family].scheduler == PERFLOW_CLASS)


def family_title(name: str) -> str:
    """Return a family's name as people say it, "" for one that is not ours."""
    return _(FAMILIES[name].title) if name in FAMILIES else ""


def scheduler_config(family: Family, prediction_type: str) -> dict[str, Any]:
    """Return the scheduler_config.json of a family. Without PNDM where the network predicts v; PeRFlow's is its own."""
    name = family.scheduler
    if prediction_type == "v_prediction" and name == "PNDMScheduler":
        name = "DDIMScheduler"
    if name == PERFLOW_CLASS:
        own = {"prediction_type": family.prediction_type, "num_time_windows": WINDOWS}
        return {"_class_name": name, **SCHEDULE, **own}
    spacing = "trailing" if family.name == "sd_turbo" else "leading"
    return {"_class_name": name, **SCHEDULE, "prediction_type": prediction_type, "timestep_spacing": spacing}


def family_of_folder(
    pipeline: Mapping[str, Any], unet: Mapping[str, Any], scheduler: Mapping[str, Any], name: str
) -> str:
    """Return the family of a diffusers folder, "" where it is none of ours.

    The first three are its configurations, the scheduler's as perflow.drawn_by has it. InstaFlow and the 2-Rectified
    Flow it was distilled from are one kind of folder, so the name they go by decides; so it does for a Turbo whose
    scheduler says nothing.
    """
    kind = text(pipeline.get("_class_name"))
    if kind == "RectifiedFlowPipeline":
        return "rectified_flow_2" if is_two_rectified_flow(name) else "instaflow"
    if kind.startswith("StableDiffusion") and is_perflow(scheduler):
        return "perflow_2" if whole(unet.get("cross_attention_dim")) == 1024 else "perflow"
    if not kind.startswith("StableDiffusion") or whole(unet.get("cross_attention_dim")) not in (768, 1024):
        return ""
    if whole(unet.get("cross_attention_dim")) == 768:
        return "sd1"
    return family_of_second(
        text(scheduler.get("prediction_type")) or "epsilon",
        upcast=mapping(unet).get("upcast_attention") is True,
        turbo=scheduler.get("timestep_spacing") == "trailing" or is_turbo(name),
    )


def family_of_second(prediction_type: str, *, upcast: bool, turbo: bool) -> str:
    """Return which of the Stable Diffusion 2 families a model of that shape is."""
    if prediction_type == "v_prediction":
        return "sd21" if upcast else "sd2"
    return "sd_turbo" if turbo else "sd2_base"


def reads_mask(in_channels: int, latent_channels: int) -> bool:
    """Tell whether a U-Net is told mask and kept picture beside the latents, as inpainting models are."""
    return in_channels == 2 * latent_channels + 1


def is_two_rectified_flow(name: str) -> bool:
    """Tell by its name whether a rectified flow is the teacher of several steps."""
    plain = name.lower().replace("-", "_")
    return "2_rectified" in plain or "2rf" in plain or "2_rf" in plain


def is_turbo(name: str) -> bool:
    """Tell by its name whether a model is made for one to four steps."""
    return "turbo" in name.lower()
