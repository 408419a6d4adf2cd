"""Saving a LoRA as other programs read it: once with the keys of diffusers and PEFT, once with kohya's.

Metadata: `modelspec.*` as Stability AI's model specification 1.0.1 has it, and kohya's `ss_*`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import torch
from safetensors.torch import save_file
from torch import Tensor

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.models.lora_keys import ADAPTER_METADATA
from sketchdesk.engine.models.parts import told_prediction
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.training.adapter_targets import ADAPTER, TARGETS
from sketchdesk.library.models.kind import LORA_FOLDER_FILES

Adapters = Mapping[str, Mapping[str, Tensor]]
"""The tensors PEFT put on each network ("unet", "text_encoder"), by their names in it."""

NOTHING: Mapping[str, str] = MappingProxyType({})
_ARCHITECTURES = {
    "sd1": "stable-diffusion-v1", "sd2_base": "stable-diffusion-v2-512", "sd_turbo": "stable-diffusion-v2-512",
    "sd2": "stable-diffusion-v2-768-v", "sd21": "stable-diffusion-v2-768-v",
}  # fmt: skip
"""As the specification names them; models of other kinds are named after their own folder."""


def save_lora(
    folder: Path, name: str, adapters: Adapters, job: TrainJob, model: StableDiffusion, steps: int,
    told: Mapping[str, str] = NOTHING,
) -> Path:  # fmt: skip
    """Write pytorch_lora_weights.safetensors and `name`.safetensors, kohya's; return the latter.

    `told` joins their metadata. The folder appears whole: it is written beside its final name, then renamed.
    """
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    facts = metadata(name, job, model, steps) | dict(told)
    settings = {f"{network}.{key}": value for network in adapters for key, value in _settings(job, network).items()}
    save_file(
        diffusers_keys(adapters), temporary / LORA_FOLDER_FILES[0],
        {"format": "pt", ADAPTER_METADATA: json.dumps(settings), **facts},
    )  # fmt: skip
    save_file(kohya_keys(adapters, job.lora_alpha or job.lora_rank), temporary / f"{name}.safetensors", facts)
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
    return folder / f"{name}.safetensors"


def diffusers_keys(adapters: Adapters) -> dict[str, Tensor]:
    """Return the tensors under diffusers' names: unet.down_blocks.0.….to_q.lora_A.weight …"""
    return {
        f"{network}.{_full(network, name).replace(f'.{ADAPTER}.', '.')}": tensor.detach().cpu().contiguous()
        for network, tensors in adapters.items()
        for name, tensor in tensors.items()
    }


def kohya_keys(adapters: Adapters, alpha: float) -> dict[str, Tensor]:
    """Return the tensors under kohya's names, lora_unet_down_blocks_0_….lora_down.weight …, each pair with its α."""
    found: dict[str, Tensor] = {}
    for network, tensors in adapters.items():
        prefix = "lora_unet_" if network == "unet" else "lora_te_"
        for name, tensor in tensors.items():
            module, _adapter, role = _full(network, name).partition(".lora_")
            flat = prefix + module.replace(".", "_")
            direction = "down" if role.startswith("A.") else "up"
            found[f"{flat}.lora_{direction}.weight"] = tensor.detach().cpu().contiguous()
            found[f"{flat}.alpha"] = torch.tensor(float(alpha))
    return found


def metadata(name: str, job: TrainJob, model: StableDiffusion, steps: int) -> dict[str, str]:
    """Return what other programs ask a LoRA's file about its training."""
    side = job.resolution or model.sample_size_px
    architecture = _ARCHITECTURES.get(model.family, model.family or model.folder.name)
    predicts_v = model.prediction_type == "v_prediction"
    second = model.family not in ("sd1", "instaflow", "rectified_flow_2", "")
    rank, alpha = job.lora_rank, job.lora_alpha or job.lora_rank
    return {
        "modelspec.sai_model_spec": "1.0.1",
        "modelspec.architecture": f"{architecture}/lora",
        "modelspec.implementation": "diffusers",
        "modelspec.title": name,
        "modelspec.date": datetime.now(UTC).isoformat(timespec="seconds"),
        "modelspec.resolution": f"{side}x{side}",
        "modelspec.prediction_type": told_prediction(model),
        "ss_base_model_version": ("sd_v2_v" if predicts_v else "sd_v2") if second else "sd_v1",
        "ss_v2": str(second),
        "ss_sd_model_name": model.folder.name,
        "ss_output_name": name,
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(rank),
        "ss_network_alpha": f"{alpha:g}",
        "ss_network_args": json.dumps(
            {"conv_dim": str(rank), "conv_alpha": f"{alpha:g}"} if job.lora_targets == "all" else {}
        ),
        "ss_learning_rate": f"{job.learning_rate:g}",
        "ss_lr_scheduler": job.lr_scheduler,
        "ss_lr_warmup_steps": str(job.lr_warmup_steps),
        "ss_optimizer": job.optimizer,
        "ss_steps": str(steps),
        "ss_max_train_steps": str(job.max_train_steps),
        "ss_batch_size_per_device": str(job.train_batch_size),
        "ss_gradient_accumulation_steps": str(job.gradient_accumulation_steps),
        "ss_gradient_checkpointing": str(job.gradient_checkpointing),
        "ss_max_grad_norm": f"{job.max_grad_norm:g}",
        "ss_mixed_precision": job.precision,
        "ss_resolution": f"({side}, {side})",
        "ss_enable_bucket": str(job.aspect_buckets),
        "ss_min_snr_gamma": str(job.snr_gamma),
        "ss_noise_offset": f"{job.noise_offset:g}",
        "ss_ip_noise_gamma": f"{job.input_perturbation:g}",
        "ss_caption_dropout_rate": f"{job.caption_dropout:g}",
        "ss_loss_type": "l2" if job.loss == "mse" else "huber",
        "ss_seed": str(job.seed),
    }


def _settings(job: TrainJob, network: str) -> dict[str, object]:
    """Return PEFT's settings of one network's adapters, those that decide what the tensors mean."""
    return {
        "peft_type": "LORA",
        "r": job.lora_rank,
        "lora_alpha": job.lora_alpha or job.lora_rank,
        "target_modules": list(TARGETS[network][job.lora_targets]),
        "lora_dropout": 0.0,
        "bias": "none",
        "use_rslora": False,
        "use_dora": False,
    }


def _full(network: str, name: str) -> str:
    """Return a tensor's name with the wrapper the text encoder had when both layouts were made."""
    return f"text_model.{name}" if network == "text_encoder" and not name.startswith("text_model.") else name
