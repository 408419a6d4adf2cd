"""What the recipe form asks for, as tables: the limits of every number, the words of every choice, and the groups."""

from __future__ import annotations

import math

from sketchdesk.contracts.text import N_, pgettext
from sketchdesk.ui.training.recipe.choice_field import Words
from sketchdesk.ui.training.recipe.field_group import Group
from sketchdesk.ui.training.recipe.number_field import Limits

MOST = 100_000
MOST_STEPS = 10_000_000

NUMBERS: dict[str, Limits] = {
    "max_train_steps": Limits(1, MOST_STEPS),
    "resolution": Limits(16, 4096, is_optional=True),
    "train_batch_size": Limits(1, MOST),
    "gradient_accumulation_steps": Limits(1, MOST),
    "learning_rate": Limits(0, 1, is_whole=False, above_low=True),
    "lora_rank": Limits(1, 1024),
    "lora_alpha": Limits(0, math.inf, is_whole=False, is_optional=True, above_low=True),
    "lr_warmup_steps": Limits(0, MOST_STEPS),
    "max_grad_norm": Limits(0, math.inf, is_whole=False),
    "ema_decay": Limits(0, 1, is_whole=False),
    "adam_beta1": Limits(0, 1, is_whole=False),
    "adam_beta2": Limits(0, 1, is_whole=False),
    "adam_epsilon": Limits(0, 1, is_whole=False, above_low=True),
    "adam_weight_decay": Limits(0, math.inf, is_whole=False),
    "caption_dropout": Limits(0, 100, is_whole=False, factor=100),
    "snr_gamma": Limits(0, math.inf, is_whole=False, is_optional=True),
    "noise_offset": Limits(0, math.inf, is_whole=False),
    "input_perturbation": Limits(0, math.inf, is_whole=False),
    "huber_c": Limits(0, 1, is_whole=False, above_low=True),
    "reward_weight": Limits(0, math.inf, is_whole=False),
    "reward_start_step": Limits(0, MOST_STEPS),
    "reward_every": Limits(1, MOST),
    "reward_below": Limits(0, 100, is_whole=False, factor=100),
    "reward_threshold": Limits(-1, 1, is_whole=False, is_optional=True),
    "activation_budget_gib": Limits(0, math.inf, is_whole=False, is_optional=True),
    "validation_share": Limits(0, 50, is_whole=False, factor=100),
    "validation_steps": Limits(1, MOST_STEPS),
    "checkpointing_steps": Limits(1, MOST_STEPS),
    "checkpoints_total_limit": Limits(1, MOST),
    "non_finite_limit": Limits(1, MOST),
    "max_train_samples": Limits(1, MOST, is_optional=True),
    "seed": Limits(0, 2**63 - 1),
}
CHOICES: dict[str, dict[str, Words]] = {
    "lr_scheduler": {
        "constant": N_("constant"),
        "constant_with_warmup": N_("after warm-up"),
        "linear": N_("linear"),
        "cosine": N_("cosine"),
    },
    "precision": {
        "auto": lambda: pgettext("precision", "automatic"),
        "fp32": "fp32",
        "bf16": "bf16",
        "fp16": "fp16",
    },
    "optimizer": {
        "adamw_8bit": N_("AdamW, 8-bit"),
        "adamw": N_("AdamW"),
        "adafactor": "Adafactor",
        "lion": "Lion",
        "lion_8bit": N_("Lion, 8-bit"),
        "muon": N_("Muon"),
    },
    "lora_targets": {
        "attention": N_("attention"),
        "attention_ff": N_("attention, feed-forward"),
        "all": N_("convolutions as well"),
    },
    "loss": {"mse": N_("squared error"), "huber": "Huber"},
    "huber_schedule": {"snr": N_("by noise (SNR)"), "exponential": N_("exponential"), "constant": N_("constant")},
    "loss_weighting": {"uniform": N_("all noise levels alike"), "velocity": N_("more for noisy steps")},
    "optimizer_device": {"same": N_("on the device"), "cpu": N_("in main memory")},
    "tracker": {
        "": lambda: pgettext("tracker", "none"), "tensorboard": "TensorBoard", "trackio": "trackio",
        "wandb": "Weights & Biases",
    },
    "ema_device": {"same": N_("beside the weights"), "cpu": N_("main memory"), "disk": N_("a file")},
}
OPEN_CHOICES: dict[str, dict[str, Words]] = {
    "device": {"auto": N_("the best there is")},
    "reward_clip": {"demo-reward-clip": "demo-reward-clip"},
}
"""Choices to which more come as they are found on this machine."""
TEXTS = ("reward_prefix",)
CHECKS = (
    "gradient_checkpointing", "use_ema", "random_flip", "center_crop", "aspect_buckets", "cache_latents", "streaming",
    "fused_step", "bf16_weights", "allow_tf32",
)  # fmt: skip


COMMON = Group(
    "common", "",
    (
        ("max_train_steps", "resolution"),
        ("train_batch_size", "gradient_accumulation_steps"),
        ("learning_rate", "lr_scheduler"),
        ("precision", "optimizer"),
    ),
    ("gradient_checkpointing", "use_ema"),
)  # fmt: skip
LORA = Group("lora", "", (("lora_rank", "lora_alpha"), ("lora_targets",)))
MORE = (
    Group(
        "pictures", N_("Pictures"), (("max_train_samples", "caption_dropout"),),
        ("random_flip", "center_crop", "aspect_buckets", "cache_latents", "streaming"),
    ),
    Group(
        "objective", N_("Objective"),
        (
            ("loss_weighting",),
            ("loss", "huber_schedule"),
            ("huber_c", "snr_gamma"),
            ("noise_offset", "input_perturbation"),
        ),
    ),
    Group(
        "reward", N_("CLIP reward"),
        (
            ("reward_weight", "reward_below"),
            ("reward_clip",),
            ("reward_prefix",),
            ("reward_start_step", "reward_every"),
            ("reward_threshold",),
        ),
    ),
    Group(
        "optimiser", N_("Optimiser"),
        (
            ("lr_warmup_steps", "max_grad_norm"),
            ("adam_beta1", "adam_beta2"),
            ("adam_weight_decay", "adam_epsilon"),
        ),
    ),
    Group("average", N_("Average of the weights"), (("ema_decay",), ("ema_device",))),
    Group(
        "memory", N_("Memory and device"), (("device",), ("optimizer_device", "activation_budget_gib")),
        ("fused_step", "bf16_weights", "allow_tf32"),
    ),
    Group(
        "keeping", N_("Validation and checkpoints"),
        (
            ("validation_share", "validation_steps"),
            ("checkpointing_steps", "checkpoints_total_limit"),
            ("seed", "non_finite_limit"),
            ("tracker",),
        ),
    ),
)  # fmt: skip
"""What seldom changes, under its titles."""
