"""What differs between two trainings, a sentence each."""

from __future__ import annotations

import msgspec

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.training.changes import changes

JOB = TrainJob(model="m", dataset="d", out_dir="o", train_batch_size=8, optimizer="adamw")


def test_a_job_that_stays_has_no_changes():
    assert changes(JOB, JOB) == []


def test_batch_and_gathering_are_one_sentence_with_both_numbers():
    new = msgspec.structs.replace(JOB, train_batch_size=2, gradient_accumulation_steps=4)
    (sentence,) = changes(JOB, new)
    assert sentence.startswith("Batches of 2, 4 gathered")


def test_a_batch_that_takes_the_place_of_several_says_what_becomes_of_the_step():
    gathered = msgspec.structs.replace(JOB, train_batch_size=2, gradient_accumulation_steps=4)
    (same,) = changes(gathered, JOB)
    assert same == "Batches of 8, none gathered: as many pictures a step."
    (fewer,) = changes(gathered, msgspec.structs.replace(JOB, train_batch_size=4))
    assert fewer == "Batches of 4, none gathered: a step shows 4 pictures instead of 8."


def test_checkpointing_with_a_budget_is_one_sentence():
    some = msgspec.structs.replace(JOB, gradient_checkpointing=True, activation_budget_gib=1.5)
    (sentence,) = changes(JOB, some)
    assert "1.50 GiB" in sentence
    all_of_it = msgspec.structs.replace(some, activation_budget_gib=0.0)
    assert changes(some, all_of_it) == ["Gradient checkpointing computes all of it twice."]
    unused = msgspec.structs.replace(JOB, activation_budget_gib=1.5)
    assert len(changes(unused, all_of_it)) == 1


def test_every_setting_that_saves_memory_has_a_sentence_of_its_own():
    values = {
        "gradient_checkpointing": True, "optimizer": "adamw_8bit", "optimizer_device": "cpu", "ema_device": "cpu",
        "bf16_weights": True, "fused_step": True, "lora_rank": 8, "resolution": 256, "precision": "bf16",
    }  # fmt: skip
    found = changes(JOB, msgspec.structs.replace(JOB, **values))
    assert len(found) == len(set(found)) == len(values)
    assert not [sentence for sentence in found if "→" in sentence]


def test_a_setting_without_a_sentence_is_told_by_its_name():
    assert changes(JOB, msgspec.structs.replace(JOB, seed=3)) == ["seed: 0 → 3"]
