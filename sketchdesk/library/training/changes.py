"""Two settings of a training compared: each difference as a sentence that says what it brings and costs."""

from __future__ import annotations

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.wording.number_words import number


def changes(old: TrainJob, new: TrainJob) -> list[str]:
    """Return a sentence for every setting that differs, in the order of the job's fields."""
    names = [name for name in TrainJob.__struct_fields__ if getattr(old, name) != getattr(new, name)]
    if "train_batch_size" in names and "gradient_accumulation_steps" in names:
        names.remove("gradient_accumulation_steps")  # told with the batch
    if "gradient_checkpointing" in names and "activation_budget_gib" in names:  # one tells the other
        names.remove("gradient_checkpointing" if new.activation_budget_gib else "activation_budget_gib")
    return [_sentence(name, old, new) for name in names]


def _sentence(name: str, old: TrainJob, new: TrainJob) -> str:
    value = getattr(new, name)
    if name == "train_batch_size":
        return _batches(old, new)
    known = {
        ("activation_budget_gib", 0.0): _("Gradient checkpointing computes all of it twice."),
        ("gradient_checkpointing", True): _("Gradient checkpointing: some things are computed twice, about a third "
                                            "slower."),
        ("optimizer", "adamw_8bit"): _("AdamW in 8 bits: a quarter of its memory, nearly the same result."),
        ("optimizer_device", "cpu"): _("The optimiser works in main memory: none of the card's, slower steps."),
        ("ema_device", "cpu"): _("The average of the weights lies in main memory, at a small cost in time."),
        ("ema_device", "disk"): _("The average of the weights lies in a file, at some cost in time."),
        ("use_ema", False): _("No average of the weights: the outcome is a little rougher."),
        ("bf16_weights", True): _("Weights held in bf16: half their memory, rounded at random."),
        ("fused_step", True): _("Steps within the backward pass: one gradient in memory at a time."),
        ("train_text_encoder", False): _("The text encoder stays as it is."),
        ("cache_latents", True): _("Pictures are encoded beforehand and kept on disk."),
        ("precision", "bf16"): _("Computed in bf16: half the memory for what is kept."),
        ("precision", "fp16"): _("Computed in fp16: half the memory for what is kept."),
    }  # fmt: skip
    if (name, value) in known:
        return known[name, value]
    if name == "lora_rank" and value and not old.lora_rank:
        text = _("A LoRA of rank {rank} instead of all weights: far less memory; it learns a style, seldom more.")
        return text.format(rank=value)
    if name == "activation_budget_gib" and value:
        text = _("Of what is computed {gib} GiB are kept, only the rest is computed twice.")
        return text.format(gib=number(value, 2))
    if name == "resolution":
        return _("Pictures of {side} pixels: fewer details are learnt.").format(side=value)
    return f"{name}: {getattr(old, name)} → {value}"


def _batches(old: TrainJob, new: TrainJob) -> str:
    batch, gathered = new.train_batch_size, new.gradient_accumulation_steps
    if gathered > 1:
        text = _("Batches of {batch}, {gathered} gathered for a step: as many pictures a step, smaller bites.")
        return text.format(batch=batch, gathered=gathered)
    before = old.train_batch_size * old.gradient_accumulation_steps
    if batch == before:
        return _("Batches of {batch}, none gathered: as many pictures a step.").format(batch=batch)
    text = _("Batches of {batch}, none gathered: a step shows {batch} pictures instead of {before}.")
    return text.format(batch=batch, before=before)
