"""What a distillation's fields are called, what each is for, what an empty one means; and the ways in sentences."""

from __future__ import annotations

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.distillation.ways import WayName
from sketchdesk.ui.training.recipe.words import labels as training_labels

WAY_WORDS: dict[WayName, tuple[str, str]] = {
    "one_step": (
        N_("One step, as InstaFlow does it"),
        N_("The paths from noise to picture are straightened, then one step learns to go all the way; fine detail gets "
           "softer. It costs a whole copy of the model and two phases, and other programs need the formula in its "
           "card."),
    ),
    "teacher_head": (
        N_("Two to four steps, for every program"),
        N_("The model still says what its teacher says, so that other programs draw with it too, and several steps "
           "keep more detail than one. It costs a whole copy of the model and one phase."),
    ),
    "matching": (
        N_("A LoRA, by matching distributions"),
        N_("A small LoRA learns until its pictures are as likely as the teacher's, which is meant "
           "against softness; a second LoRA is the critic. By the forecast it takes the least memory and disk; each "
           "step asks three networks."),
    ),
}  # fmt: skip


def placeholders() -> dict[str, str]:
    """Return what an empty field means."""
    return {
        "resolution": _("the model's"), "guidance_scale": _("the model's"), "huber_c": _("by the latents' size"),
        "num_threads": _("as the settings say"),
    }  # fmt: skip


def labels() -> dict[str, tuple[str, str]]:
    """Return label and sentence of every field, in the language in use."""
    shared = training_labels()
    names = (
        "resolution", "train_batch_size", "gradient_accumulation_steps", "gradient_checkpointing", "learning_rate",
        "lr_warmup_steps", "optimizer", "adam_weight_decay", "max_grad_norm", "ema_decay", "non_finite_limit",
        "checkpointing_steps", "seed", "precision", "device",
    )  # fmt: skip
    return {name: shared[name] for name in names} | _pairs() | _phases() | _matching() | _rest()


def _pairs() -> dict[str, tuple[str, str]]:
    return {
        "num_pairs": (
            _("Pairs"),
            _("Noise and the teacher's picture of it: more take longer to draw and keep it from learning by heart"),
        ),
        "num_held_out_pairs": (_("Pairs held out"), _("Drawn too and never trained on: by them it is measured")),
        "pairs_batch_size": (_("Drawn together"), _("How many pictures the teacher draws at once")),
        "num_inference_steps": (_("Teacher's steps"), _("In how many steps the teacher draws the pairs")),
        "guidance_scale": (
            _("Guidance"),
            _("How strictly the teacher follows the prompt; it is baked in, and the student is asked without guidance"),
        ),
        "sampler": (_("Sampler"), _("How the teacher draws; only samplers that add no noise make pairs")),
    }  # fmt: skip


def _phases() -> dict[str, tuple[str, str]]:
    return {
        "student_steps": (_("Steps to draw in"), _("In how many steps the student is to draw, 1 to 8")),
        "student": (_("U-Net says"), _("A velocity as InstaFlow's does, or what the teacher's says, for any program")),
        "lora_rank": (_("LoRA rank"), _("Train small adapters of this rank over the teacher; 0 trains all weights")),
        "reflow_steps": (_("Reflow steps"), _("Optimiser steps that straighten the paths; 0 leaves the phase out")),
        "distil_steps": (
            _("Distillation steps"), _("Optimiser steps that teach the whole path in one; 0 leaves the phase out")
        ),
        "time_shape": (
            _("Weight of the ends"), _("How much more often reflow takes times near noise and near picture")
        ),
        "endpoint_share": (
            _("Pure noise (%)"), _("How much of reflow's times are pure noise itself, where a single step begins")
        ),
        "huber_c": (
            _("Huber threshold"), _("Errors of a picture beyond it count by their size and no longer by its square")
        ),
        "feature_weight": (
            _("Weight of features"), _("How much likeness as the VAE's decoder sees it counts, beside the latents'")
        ),
    }  # fmt: skip


def _matching() -> dict[str, tuple[str, str]]:
    return {
        "matching_steps": (
            _("Matching steps"),
            _("Optimiser steps that bring the pictures' distribution to the teacher's; 0 leaves the phase out"),
        ),
        "matching_guidance_scale": (_("Teacher's guidance"), _("The guidance the teacher judges with")),
        "critic_rank": (_("Critic's rank"), _("How much the LoRA of the critic can learn")),
        "critic_learning_rate": (_("Critic's rate"), _("How far a step of the critic goes")),
        "critic_updates": (_("Critic's steps"), _("Steps of the critic for one of the student; more are steadier")),
        "matching_pairs_weight": (
            _("Weight of pairs"), _("How much the pairs still count, so that variety is not lost; 0 leaves them out")
        ),
    }  # fmt: skip


def _rest() -> dict[str, tuple[str, str]]:
    return {
        "final_learning_rate": (_("Final rate"), _("Each phase's learning rate falls to it, along a cosine")),
        "validation_steps": (
            _("Measure every"), _("Steps between measurements, and between drawing teacher and student side by side")
        ),
        "num_threads": (_("Threads"), _("How many of the processor's threads are used; empty: as the settings say")),
    }
