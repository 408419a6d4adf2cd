"""What is proposed for a card that is too small: what hurts least first, nothing that is not needed or refused."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.training.changes import changes
from sketchdesk.library.training.conflicts import conflicts
from sketchdesk.library.training.fitting import fit_to_memory, proposal_lines
from sketchdesk.library.training.forecast import MEMORY_SHARE, forecast_memory
from sketchdesk.library.training.recipes import REPORT_2024, with_recipe

JOB = TrainJob(
    model="sd2", dataset="d", out_dir="o", resolution=512, train_batch_size=4, precision="bf16", optimizer="adamw"
)
REPORT = with_recipe(TrainJob(model="sd2", dataset="d", out_dir="o"), REPORT_2024)
CARD = "cuda:0"


def changed(**values: object) -> TrainJob:
    return msgspec.structs.replace(JOB, **values)


def fitted(job, facts, wanted):
    """Return what is proposed for just the memory that a job needs."""
    return fit_to_memory(job, facts, CARD, forecast_memory(wanted, facts, CARD).high_gib / MEMORY_SHARE + 1e-6)


def test_what_fits_is_left_alone(sd2):
    assert fit_to_memory(JOB, sd2, CARD, 80.0) == JOB
    assert proposal_lines(JOB, JOB) == ["The training fits as it is."]


@pytest.mark.parametrize(
    "values",
    [
        {"optimizer": "adamw_8bit"},
        {"optimizer": "adamw_8bit", "gradient_checkpointing": True},
        {"optimizer": "adamw_8bit", "gradient_checkpointing": True, "train_batch_size": 1,
         "gradient_accumulation_steps": 4},
        {"optimizer": "adamw_8bit", "gradient_checkpointing": True, "train_batch_size": 1,
         "gradient_accumulation_steps": 4, "ema_device": "cpu"},
        {"gradient_checkpointing": True, "train_batch_size": 1, "gradient_accumulation_steps": 4, "ema_device": "cpu",
         "optimizer_device": "cpu"},
    ],
)  # fmt: skip
def test_each_rung_is_reached_where_it_is_needed_and_what_hurts_more_is_left(sd2, values):
    wanted = changed(**values)
    assert fitted(JOB, sd2, wanted) == wanted


def test_no_more_is_computed_twice_than_has_to_be(sd2):
    some = changed(optimizer="adamw_8bit", gradient_checkpointing=True, activation_budget_gib=2.0)
    found = fitted(JOB, sd2, some)
    assert found.gradient_checkpointing
    assert 0 < found.activation_budget_gib < 2.0
    assert (found.train_batch_size, found.ema_device) == (4, "same")


def test_a_budget_that_is_too_large_gives_way(sd2):
    job = changed(optimizer="adamw_8bit", gradient_checkpointing=True, activation_budget_gib=3.0)
    wanted = msgspec.structs.replace(job, activation_budget_gib=0.0)
    assert fitted(job, sd2, wanted) == wanted


def test_what_hurts_more_spares_what_hurts_less(sd2):
    """Where the average has to go anyway, and its going is enough, no checkpoints are proposed beside it."""
    single = changed(train_batch_size=1)
    far = changed(train_batch_size=1, ema_device="cpu", optimizer="adamw_8bit")
    near = changed(train_batch_size=1, optimizer="adamw_8bit", gradient_checkpointing=True)
    assert forecast_memory(far, sd2, CARD).high_gib < forecast_memory(near, sd2, CARD).high_gib
    assert fitted(single, sd2, far) == far


@pytest.mark.parametrize("memory_gib", [16, 15, 12, 10, 8, 6])
def test_the_reports_recipe_is_made_to_fit_cards_down_to_6_gib(sd2, memory_gib):
    found = fit_to_memory(REPORT, sd2, CARD, memory_gib)
    assert found is not None
    assert forecast_memory(found, sd2, CARD).high_gib <= memory_gib * MEMORY_SHARE
    assert conflicts(found) == {}
    assert found.train_batch_size * found.gradient_accumulation_steps == 16
    assert not [line for line in changes(REPORT, found) if "→" in line]
    if memory_gib >= 15:  # the report's card
        assert changes(REPORT, found) == ["The average of the weights lies in main memory, at a small cost in time."]


def test_weights_in_bf16_come_last_gather_nothing_and_have_a_lora_named_beside_them(sd2):
    found = fit_to_memory(REPORT, sd2, CARD, 6)
    assert (found.bf16_weights, found.fused_step, found.precision) == (True, True, "bf16")
    assert found.gradient_accumulation_steps == 1
    assert "A LoRA" in proposal_lines(REPORT, found)[-1]
    assert fit_to_memory(REPORT, sd2, CARD, 6, knows_bf16=False) is None


def test_what_a_job_has_that_the_engine_refuses_is_not_proposed_again(sd2):
    refused = changed(fused_step=True, gradient_accumulation_steps=4, train_batch_size=1)
    found = fit_to_memory(refused, sd2, CARD, 80)
    assert found is not None
    assert conflicts(found) == {}


def test_where_nothing_helps_a_lora_is_named(sd2):
    assert fit_to_memory(REPORT, sd2, CARD, 2) is None
    (line,) = proposal_lines(REPORT, None)
    assert "LoRA" in line
    assert fit_to_memory(changed(lora_rank=8, optimizer="lion"), sd2, CARD, 5).optimizer in ("lion", "lion_8bit")
