"""What the fields of the recipe form are called, what each is for, and what an empty one means."""

from __future__ import annotations

from sketchdesk.contracts.text import _, pgettext


def placeholders() -> dict[str, str]:
    """Return what an empty field means."""
    return {
        "resolution": _("the model's"), "snr_gamma": _("off"), "max_train_samples": pgettext("pictures", "all"),
        "lora_alpha": _("the rank"), "reward_threshold": _("none"), "activation_budget_gib": _("as little as can be"),
        "reward_prefix": _("e.g. a pencil sketch of"),
    }  # fmt: skip


def labels() -> dict[str, tuple[str, str]]:
    """Return label and sentence of every field, in the language in use."""
    return _common() | _objective() | _reward() | _optimiser() | _rest()


def _common() -> dict[str, tuple[str, str]]:
    return {
        "max_train_steps": (_("Steps"), _("How many times the model is changed")),
        "resolution": (_("Resolution (px)"), _("Side of the pictures it is trained on; empty: the model's own")),
        "train_batch_size": (_("Batch"), _("Pictures that go through the model together")),
        "gradient_accumulation_steps": (
            _("× accum."),
            _("Gradient accumulation: batches added up for one step; costs time, no memory"),
        ),
        "learning_rate": (_("Learning rate"), _("How far a step goes, e.g. 1e-5; a LoRA often takes 1e-4")),
        "lr_scheduler": (_("Schedule"), _("How the learning rate changes over the steps")),
        "precision": (
            _("Precision"), _("In which numbers it is computed; the weights stay in fp32 unless they are held in bf16")
        ),
        "optimizer": (_("Optimiser"), _("How a gradient becomes a step; 8-bit needs a quarter of the memory")),
        "gradient_checkpointing": (_("Gradient checkpointing"), _("Compute some things twice, with far less memory")),
        "use_ema": (_("Average of the weights (EMA)"), _("Save and draw with the average over the last steps")),
        "lora_rank": (_("Rank"), _("How much the adapters can learn: 4 to 64 is common")),
        "lora_alpha": (_("Alpha"), _("The adapters count alpha / rank; empty: the rank, so that they count 1")),
        "lora_targets": (_("Adapted layers"), _("Which layers get adapters; more of them learn more and take more")),
    }  # fmt: skip


def _objective() -> dict[str, tuple[str, str]]:
    return {
        "loss": (_("Loss"), _("How an error counts; Huber lets single broken pictures count less")),
        "loss_weighting": (_("Noise levels"), _("Which noise levels count how much")),
        "huber_c": (_("Huber threshold"), _("Errors beyond it count by their size and no longer by its square")),
        "huber_schedule": (_("Huber schedule"), _("How the threshold falls, from little noise to much")),
        "snr_gamma": (_("SNR gamma"), _("Give less weight to steps with little noise (min-SNR); often 5; empty: off")),
        "noise_offset": (_("Noise offset"), _("Let it learn very dark and very bright pictures; often 0.05")),
        "input_perturbation": (
            _("Input perturbation"), _("Add some more noise to what the model sees, against learning by heart; 0.1")
        ),
        "caption_dropout": (
            _("No caption (%)"), _("How many pictures are shown without their caption, so that guidance keeps working; "
                                   "often 10")
        ),
    }  # fmt: skip


def _reward() -> dict[str, tuple[str, str]]:
    return {
        "reward_weight": (
            _("Weight"), _("How much it counts that a picture fits its caption, as a CLIP judges it; 0 leaves it out")
        ),
        "reward_clip": (_("Judge"), _("The CLIP that judges; take another one than evaluations do")),
        "reward_prefix": (
            _("Style words for the judge"),
            _("Stands before every caption the judge reads; without them it wants what the captions say, in any style"),
        ),
        "reward_start_step": (_("From step"), _("The steps before it are trained without the reward")),
        "reward_every": (_("Every … steps"), _("Judge only every so many steps, since it costs time")),
        "reward_below": (
            _("Noise below (%)"), _("Judge only where there is less noise than this: with more nothing is to be seen")
        ),
        "reward_threshold": (_("Good enough at"), _("A cosine above which nothing more is wanted; empty: never")),
    }  # fmt: skip


def _optimiser() -> dict[str, tuple[str, str]]:
    return {
        "lr_warmup_steps": (_("Warm-up steps"), _("Steps over which the learning rate rises")),
        "max_grad_norm": (_("Clip gradient at"), _("Longer gradients are shortened to this; 0 leaves them")),
        "adam_beta1": (_("Beta 1"), _("How much of the last steps' direction stays")),
        "adam_beta2": (_("Beta 2"), _("How much of the last steps' size stays")),
        "adam_weight_decay": (_("Weight decay"), _("How strongly weights are pulled to zero")),
        "adam_epsilon": (_("Epsilon"), _("Keeps AdamW from dividing by zero")),
        "ema_decay": (_("EMA decay"), _("How much of the average stays at each step")),
        "ema_device": (_("Average lies in"), _("Where the average is kept; elsewhere it saves memory and costs time")),
    }


def _rest() -> dict[str, tuple[str, str]]:
    return {
        "max_train_samples": (
            _("Max. pictures"),
            _("Use only this many pictures, the first of the data set; empty: all"),
        ),
        "random_flip": (_("Mirror pictures at random"), _("Show half the pictures mirrored")),
        "center_crop": (_("Crop at the centre"), _("Otherwise the crop is drawn at random, each time it is shown")),
        "aspect_buckets": (
            _("Keep tall and wide shapes"),
            _("Aspect buckets: train in shapes near each picture's own instead of in squares"),
        ),
        "cache_latents": (
            _("Encode pictures beforehand"), _("Encode pictures and captions once and keep them on disk: faster")
        ),
        "streaming": (
            _("Stream from the hub"), _("Read a data set of the hub once, without keeping it on this machine")
        ),
        "device": (_("Device"), _("Where it is computed")),
        "optimizer_device": (
            _("Optimiser works"), _("In main memory it takes none of the card's, and every step takes longer")
        ),
        "activation_budget_gib": (
            _("Kept back (GiB)"),
            _("With gradient checkpointing, compute only so much twice that the rest fits in this; faster"),
        ),
        "fused_step": (
            _("Step within the backward pass"),
            _("Change each weight as soon as its gradient is there, so that no two gradients are in memory at once"),
        ),
        "bf16_weights": (
            _("Hold the weights in bf16"), _("Half the memory; they are rounded at random so that no step is lost")
        ),
        "allow_tf32": (_("TF32 on graphics cards"), _("Multiply fp32 numbers with fewer digits; faster")),
        "validation_share": (_("Held out (%)"), _("How much of the data set is kept for the validation loss")),
        "validation_steps": (
            _("Validate every"),
            _("Steps between validations: pictures are drawn and the held-out loss is measured"),
        ),
        "checkpointing_steps": (_("Checkpoint every"), _("After so many steps everything is saved, to resume from")),
        "checkpoints_total_limit": (
            _("Keep checkpoints"), _("How many are kept: the newest, and the best by the validation loss")
        ),
        "seed": (_("Seed"), _("The same seed and settings give the same training")),
        "tracker": (
            _("Log to as well"),
            _("A tracker that gets the numbers besides these charts; it has to be installed, and may fail"),
        ),
        "non_finite_limit": (
            _("Bad steps allowed"), _("After so many steps in a row without a number for a loss the run stops")
        ),
    }  # fmt: skip
