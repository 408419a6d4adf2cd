"""What the form of a distillation asks for, as tables: limits of numbers, words of choices, groups, what counts."""

from __future__ import annotations

import math

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import N_
from sketchdesk.library.models.samplers import display_name
from sketchdesk.ui.distilling.few_step_words import labels, placeholders
from sketchdesk.ui.training.recipe.choice_field import Words
from sketchdesk.ui.training.recipe.field_group import FieldBook, Group
from sketchdesk.ui.training.recipe.fields import CHOICES as TRAINING_CHOICES
from sketchdesk.ui.training.recipe.fields import MOST, MOST_STEPS, NUMBERS
from sketchdesk.ui.training.recipe.number_field import Limits

OWN_SAMPLER = ""
"""Stands for the model's own."""
PAIR_SAMPLERS = ("ddim", "pndm", "euler", "heun", "dpmpp_2m", "dpmpp_2m_karras", "unipc")
"""Those that add no noise on their way: only they map each noise to one picture."""

DISTILL_NUMBERS: dict[str, Limits] = {
    **{name: NUMBERS[name] for name in (
        "resolution", "train_batch_size", "gradient_accumulation_steps", "learning_rate", "lr_warmup_steps",
        "adam_weight_decay", "max_grad_norm", "ema_decay", "non_finite_limit", "validation_steps",
        "checkpointing_steps", "seed",
    )},
    "num_pairs": Limits(1, MOST_STEPS),
    "num_held_out_pairs": Limits(0, 100_000),
    "pairs_batch_size": Limits(1, MOST),
    "num_inference_steps": Limits(1, 1_000),
    "guidance_scale": Limits(0, 100, is_whole=False, is_optional=True),
    "lora_rank": Limits(0, 1024),
    "reflow_steps": Limits(0, MOST_STEPS),
    "distil_steps": Limits(0, MOST_STEPS),
    "matching_steps": Limits(0, MOST_STEPS),
    "student_steps": Limits(1, 8),
    "time_shape": Limits(0, math.inf, is_whole=False),
    "endpoint_share": Limits(0, 100, is_whole=False, factor=100),
    "huber_c": Limits(0, math.inf, is_whole=False, is_optional=True, above_low=True),
    "feature_weight": Limits(0, math.inf, is_whole=False),
    "matching_guidance_scale": Limits(0, 100, is_whole=False),
    "critic_rank": Limits(1, 1024),
    "critic_learning_rate": Limits(0, math.inf, is_whole=False, above_low=True),
    "critic_updates": Limits(1, 100),
    "matching_pairs_weight": Limits(0, math.inf, is_whole=False),
    "final_learning_rate": Limits(0, 1, is_whole=False, above_low=True),
    "num_threads": Limits(1, MOST, is_optional=True),
}  # fmt: skip


def _sampler_words() -> dict[str, Words]:
    own: dict[str, Words] = {OWN_SAMPLER: N_("the model's own")}
    return own | {name: display_name(name) for name in PAIR_SAMPLERS}


DISTILL_CHOICES: dict[str, dict[str, Words]] = {
    "student": {"velocity": N_("a velocity (InstaFlow)"), "teacher": N_("the same as the teacher")},
    "optimizer": {name: TRAINING_CHOICES["optimizer"][name] for name in ("adamw", "adamw_8bit")},
    "precision": TRAINING_CHOICES["precision"],
    "device": {"auto": N_("the best there is")},
    "sampler": _sampler_words(),
}
COMMON = Group("common", "", (("num_pairs", "student_steps"),))
MORE = (
    Group(
        "pairs", N_("The teacher's pairs"),
        (
            ("num_inference_steps", "guidance_scale"),
            ("sampler", "resolution"),
            ("num_held_out_pairs", "pairs_batch_size"),
        ),
    ),
    Group("student", N_("Student"), (("student", "lora_rank"),)),
    Group(
        "phases", N_("Phases"),
        (
            ("reflow_steps", "distil_steps"),
            ("time_shape", "endpoint_share"),
            ("huber_c", "feature_weight"),
        ),
    ),
    Group(
        "matching", N_("Distribution matching"),
        (
            ("matching_steps", "matching_guidance_scale"),
            ("critic_rank", "critic_learning_rate"),
            ("critic_updates", "matching_pairs_weight"),
        ),
    ),
    Group(
        "optimiser", N_("Optimiser"),
        (
            ("learning_rate", "final_learning_rate"),
            ("lr_warmup_steps", "optimizer"),
            ("train_batch_size", "gradient_accumulation_steps"),
            ("adam_weight_decay", "max_grad_norm"),
            ("ema_decay", "non_finite_limit"),
        ),
        ("gradient_checkpointing",),
    ),
    Group(
        "keeping", N_("Measuring and checkpoints"),
        (("validation_steps", "checkpointing_steps"), ("seed",)),
    ),
    Group("device", N_("Device"), (("device", "precision"), ("num_threads",))),
)  # fmt: skip
"""What seldom changes, under its titles."""
BOOK = FieldBook("few_step", DISTILL_NUMBERS, DISTILL_CHOICES, labels, placeholders)


def counting(job: DistillJob) -> dict[str, bool]:
    """Return which of a job's settings count for anything, given the others; those not named always do."""
    matching = job.matching_steps > 0
    return {
        "time_shape": job.reflow_steps > 0,
        "endpoint_share": job.reflow_steps > 0,
        "feature_weight": job.distil_steps > 0 or (matching and job.matching_pairs_weight > 0),
        "matching_guidance_scale": matching,
        "critic_rank": matching,
        "critic_learning_rate": matching,
        "critic_updates": matching,
        "matching_pairs_weight": matching,
    }
