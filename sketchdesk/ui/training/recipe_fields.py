"""What the recipe form asks for, as tables: the limits of every number, the words of every choice, all labels."""

from __future__ import annotations

import math

from sketchdesk.contracts.text import N_, _, pgettext
from sketchdesk.ui.training.choice_field import Words
from sketchdesk.ui.training.number_field import Limits

MOST = 100_000
MOST_STEPS = 10_000_000

NUMBERS: dict[str, Limits] = {
    "max_train_steps": Limits(1, MOST_STEPS),
    "resolution": Limits(16, 4096, is_optional=True),
    "train_batch_size": Limits(1, MOST),
    "gradient_accumulation_steps": Limits(1, MOST),
    "learning_rate": Limits(0, 1, is_whole=False, above_low=True),
    "lr_warmup_steps": Limits(0, MOST_STEPS),
    "max_grad_norm": Limits(0, math.inf, is_whole=False),
    "ema_decay": Limits(0, 1, is_whole=False),
    "adam_weight_decay": Limits(0, math.inf, is_whole=False),
    "caption_dropout": Limits(0, 100, is_whole=False, factor=100),
    "snr_gamma": Limits(0, math.inf, is_whole=False, is_optional=True),
    "noise_offset": Limits(0, math.inf, is_whole=False),
    "validation_share": Limits(0, 50, is_whole=False, factor=100),
    "validation_steps": Limits(1, MOST_STEPS),
    "checkpointing_steps": Limits(1, MOST_STEPS),
    "checkpoints_total_limit": Limits(1, MOST),
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
    "loss_weighting": {"uniform": N_("all noise levels alike"), "velocity": N_("more for noisy steps")},
}
CHECKS = ("gradient_checkpointing", "use_ema", "center_crop", "random_flip", "train_text_encoder")

COMMON_PAIRS = (
    ("max_train_steps", "resolution"),
    ("train_batch_size", "gradient_accumulation_steps"),
    ("learning_rate", "lr_scheduler"),
    ("precision", "optimizer"),
)
COMMON_CHECKS = ("gradient_checkpointing", "use_ema")
MORE_PAIRS = (
    ("lr_warmup_steps", "max_grad_norm"),
    ("ema_decay", "adam_weight_decay"),
    ("validation_share", "validation_steps"),
    ("checkpointing_steps", "checkpoints_total_limit"),
    ("snr_gamma", "noise_offset"),
    ("caption_dropout", "max_train_samples"),
    ("loss_weighting", "seed"),
)
MORE_CHECKS = ("random_flip", "center_crop", "train_text_encoder")


def placeholders() -> dict[str, str]:
    """Return what an empty field means."""
    return {"resolution": _("the model's"), "snr_gamma": _("off"), "max_train_samples": pgettext("pictures", "all")}


def labels() -> dict[str, tuple[str, str]]:
    """Return label and sentence of every field, in the language in use."""
    return {
        "max_train_steps": (_("Steps"), _("How many times the model is changed")),
        "resolution": (_("Resolution (px)"), _("Side of the pictures it is trained on; empty: the model's own")),
        "train_batch_size": (_("Batch"), _("Pictures that go through the model together")),
        "gradient_accumulation_steps": (
            _("× accum."),
            _("Gradient accumulation: batches added up for one step; costs time, no memory"),
        ),
        "learning_rate": (_("Learning rate"), _("How far a step goes, e.g. 1e-5")),
        "lr_scheduler": (_("Schedule"), _("How the learning rate changes over the steps")),
        "precision": (_("Precision"), _("In which numbers it is computed; the weights are always kept in fp32")),
        "optimizer": (_("Optimiser"), _("How a gradient becomes a step; 8-bit needs a quarter of the memory")),
        "gradient_checkpointing": (_("Gradient checkpointing"), _("Compute some things twice, with far less memory")),
        "use_ema": (_("Average of the weights (EMA)"), _("Save and draw with the average over the last steps")),
        "lr_warmup_steps": (_("Warm-up steps"), _("Steps over which the learning rate rises")),
        "max_grad_norm": (_("Clip gradient at"), _("Longer gradients are shortened to this; 0 leaves them")),
        "ema_decay": (_("EMA decay"), _("How much of the average stays at each step")),
        "adam_weight_decay": (_("Weight decay"), _("How strongly weights are pulled to zero")),
        "validation_share": (_("Held out (%)"), _("How much of the data set is kept for the validation loss")),
        "validation_steps": (
            _("Validate every"),
            _("Steps between validations: pictures are drawn and the held-out loss is measured"),
        ),
        "checkpointing_steps": (_("Checkpoint every"), _("After so many steps everything is saved, to resume from")),
        "checkpoints_total_limit": (_("Keep checkpoints"), _("How many of the newest are kept")),
        "snr_gamma": (_("SNR gamma"), _("Give less weight to steps with little noise (min-SNR); often 5; empty: off")),
        "noise_offset": (_("Noise offset"), _("Let it learn very dark and very bright pictures; often 0.05")),
        "caption_dropout": (_("No caption (%)"), _("How many pictures are shown without their caption; often 10")),
        "max_train_samples": (
            _("Max. pictures"),
            _("Use only this many pictures, the first of the data set; empty: all"),
        ),
        "loss_weighting": (_("Noise levels"), _("Which noise levels count how much")),
        "seed": (_("Seed"), _("The same seed and settings give the same training")),
        "random_flip": (_("Mirror pictures at random"), _("Show half the pictures mirrored")),
        "center_crop": (_("Crop at the centre"), _("Otherwise the crop is drawn at random, once a picture")),
        "train_text_encoder": (_("Train the text encoder too"), _("Costs memory; helps with words that are new to it")),
    }  # fmt: skip
