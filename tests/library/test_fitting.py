"""What is proposed to fit a memory is what makes it fit, and is said."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.fitting import changes_to_fit
from sketchdesk.library.forecast_train import MEMORY_SHARE, forecast_memory
from sketchdesk.library.model_facts import model_facts
from sketchdesk.library.models import resolve_model

JOB = TrainJob(model="demo-base", dataset="x", out_dir="y", train_batch_size=32, optimizer="adamw", resolution=256)


@pytest.mark.parametrize("share", [1.0, 0.8, 0.6])
def test_applied_the_changes_make_it_fit_and_keep_the_images_of_a_step(share):
    facts = model_facts(resolve_model("demo-base"))
    wanted = forecast_memory(JOB, facts, "cuda:0").high_gib / MEMORY_SHARE * share
    changes = changes_to_fit(JOB, facts, "cuda:0", wanted)
    assert changes is not None
    assert (changes == []) is (share == 1.0)
    fitted = msgspec.structs.replace(JOB, **{change.setting: change.after for change in changes})
    assert forecast_memory(fitted, facts, "cuda:0").high_gib <= wanted * MEMORY_SHARE
    assert fitted.train_batch_size * fitted.gradient_accumulation_steps == 32
    assert all(change.sentence and change.before == getattr(JOB, change.setting) for change in changes)


def test_what_can_never_fit_is_said_so():
    assert changes_to_fit(JOB, model_facts(resolve_model("demo-base")), "cuda:0", 0.01) is None
