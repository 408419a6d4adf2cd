"""The forecast card: figures for the recipe, a mark where it does not fit, and a button that makes it fit."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.training.forecast import MEMORY_SHARE, Speed, forecast_memory
from sketchdesk.library.training.memory import MemoryPeak
from sketchdesk.ui.training.recipe.fit_dialog import FitDialog
from sketchdesk.ui.training.recipe.forecast_card import ForecastCard

PRECISIONS = ("fp32", "bf16")


@pytest.fixture
def card(qtbot, background) -> ForecastCard:
    made = ForecastCard(background)
    qtbot.addWidget(made)
    return made


def job(tiny_sd: Path, **values: object) -> TrainJob:
    return TrainJob(**({"model": str(tiny_sd), "dataset": "d", "out_dir": "", "max_train_steps": 100} | values))


def device(memory_gib: float) -> DeviceFound:
    return DeviceFound(device="cpu", name="x", memory_gib=memory_gib, precisions=("fp32",), preferred="fp32")


def text(card: ForecastCard, name: str) -> str:
    return card.findChild(object, f"training_forecast_{name}").text()


def test_memory_and_disk_are_known_once_the_models_files_are_read(qtbot, card, tiny_sd):
    card.set_devices([device(15)])
    card.set_job(job(tiny_sd), 0)
    assert text(card, "memory") == "not known yet"
    assert not card.findChild(object, "training_fit_button").isEnabled()
    qtbot.waitSignal(card.facts_known).wait()
    memory = forecast_memory(job(tiny_sd), model_facts(tiny_sd), "cpu")
    assert text(card, "memory") == f"{memory.low_gib:.1f}–{memory.high_gib:.1f} of 15.0 GiB"
    assert "MiB" in text(card, "disk") or "KiB" in text(card, "disk")
    assert text(card, "time") == "not known yet"


def test_the_time_is_known_after_a_run_alike(qtbot, card, tiny_sd):
    card.set_devices([device(15)])
    card.set_job(job(tiny_sd), 0)
    qtbot.waitSignal(card.facts_known).wait()
    card.set_speeds([
        Speed(model=str(tiny_sd), device="cpu", resolution=None, gradient_checkpointing=False, images_per_s=1.0)
    ])  # fmt: skip
    assert text(card, "time") == "6–8 min"  # 400 images at one a second, ± 15 %


def test_the_time_of_runs_with_other_threads_is_not_taken_for_that_of_the_setting(qtbot, card, tiny_sd):
    card.set_devices([device(15)])
    card.set_job(job(tiny_sd), 0)
    qtbot.waitSignal(card.facts_known).wait()
    alike = {"model": str(tiny_sd), "device": "cpu", "resolution": None, "gradient_checkpointing": False}
    card.set_speeds([
        Speed(**alike, images_per_s=1.0, threads=Threads(used=4)),
        Speed(**alike, images_per_s=0.25, threads=Threads(asked=1, used=1)),
    ])
    assert text(card, "time") == "6–8 min"
    card.set_job(job(tiny_sd), 0, num_threads=1)
    assert text(card, "time") == "23–31 min"
    card.set_job(job(tiny_sd), 0, num_threads=3)
    assert text(card, "time") == "not known yet"


def test_a_run_alike_tells_its_memory_and_that_counts(qtbot, card, tiny_sd):
    card.set_devices([device(3)])
    card.set_job(job(tiny_sd, train_batch_size=4096), 0)
    qtbot.waitSignal(card.facts_known).wait()
    label = card.findChild(object, "training_forecast_memory")
    assert label.property("role") == "bad"
    card.set_peaks([MemoryPeak(job=job(tiny_sd, train_batch_size=2048), device="cpu", gib=0.5)])
    assert "measured" not in label.text()
    card.set_peaks([MemoryPeak(job=job(tiny_sd, train_batch_size=4096, max_train_steps=2), device="cpu", gib=2.1)])
    assert label.text().endswith("of 3.0 GiB; measured 2.1 GiB in an earlier run")
    assert label.property("role") != "bad"


def test_the_precision_that_is_left_open_is_the_devices_and_stays_open(qtbot, card, tiny_sd):
    given = job(tiny_sd, train_batch_size=4096, optimizer="adamw")
    prefers = [msgspec.structs.replace(device(3), precisions=("fp32", "bf16"), preferred=each) for each in PRECISIONS]
    card.set_job(given, 0)
    qtbot.waitSignal(card.facts_known).wait()
    found = []
    for each in prefers:
        card.set_devices([each])
        found.append(card.memory.activations_gib)
    assert found[1] == pytest.approx(found[0] / 2)
    card.findChild(object, "training_fit_button").click()
    with qtbot.waitSignal(card.fitted) as told:
        card.findChild(object, "fit_dialog").findChild(object, "fit_apply").click()
    assert told.args[0].precision == "auto"


def open_fit(qtbot, card: ForecastCard) -> FitDialog:
    qtbot.waitSignal(card.facts_known).wait()
    card.findChild(object, "training_fit_button").click()
    dialog = card.findChild(object, "fit_dialog")
    assert isinstance(dialog, FitDialog)
    return dialog


def test_what_does_not_fit_is_marked_and_made_to_fit(qtbot, card, tiny_sd):
    card.set_devices([device(3)])
    card.set_job(job(tiny_sd, train_batch_size=4096), 0)
    dialog = open_fit(qtbot, card)
    assert card.findChild(object, "training_forecast_memory").property("role") == "bad"
    assert dialog.findChild(object, "fit_memory").text() == "3"
    assert dialog.findChild(object, "fit_changes").text().startswith("•  Batches of ")
    with qtbot.waitSignal(card.fitted) as told:
        dialog.findChild(object, "fit_apply").click()
    fitted = told.args[0]
    assert fitted.train_batch_size < 4096
    assert fitted.train_batch_size * fitted.gradient_accumulation_steps == 4096
    card.set_job(fitted, 0)
    assert card.findChild(object, "training_forecast_memory").property("role") != "bad"


@pytest.mark.parametrize("precisions", [("fp32", "fp16", "bf16"), ("fp32", "fp16")])
def test_weights_in_bf16_are_proposed_where_the_card_computes_in_it_and_their_precision_is_applied(
    qtbot, card, precisions
):
    demo = resolve_model("demo-base")
    card.set_devices([msgspec.structs.replace(device(64), device="cuda:0", precisions=precisions, preferred="fp16")])
    asked = job(demo, ema_device="disk", optimizer_device="cpu", precision="fp16")
    card.set_job(asked, 0)
    dialog = open_fit(qtbot, card)
    least = msgspec.structs.replace(
        asked, gradient_checkpointing=True, train_batch_size=1, bf16_weights=True, fused_step=True, precision="bf16"
    )
    needed = forecast_memory(least, model_facts(demo), "cuda:0").high_gib / MEMORY_SHARE
    dialog.findChild(object, "fit_memory").setText(f"{needed + 0.001:.3f}")
    told = dialog.findChild(object, "fit_changes")
    qtbot.waitUntil(lambda: told.height() >= told.heightForWidth(told.width()), timeout=5_000)  # nothing is cut off
    may = "bf16" in precisions
    assert dialog.findChild(object, "fit_apply").isEnabled() is may
    if may:
        with qtbot.waitSignal(card.fitted) as told:
            dialog.findChild(object, "fit_apply").click()
        assert (told.args[0].precision, told.args[0].bf16_weights) == ("bf16", True)


@pytest.mark.parametrize(("memory_gib", "said"), [(64, "The training fits as it is."), (0.1, "Nothing makes")])
def test_what_fits_or_never_will_is_said_and_cannot_be_applied(qtbot, card, tiny_sd, memory_gib, said):
    card.set_devices([device(memory_gib)])
    card.set_job(job(tiny_sd), 0)
    dialog = open_fit(qtbot, card)
    assert dialog.findChild(object, "fit_changes").text().startswith(said)
    assert not dialog.findChild(object, "fit_apply").isEnabled()


def test_another_number_of_gib_is_another_proposal_and_cancel_changes_nothing(qtbot, card, tiny_sd):
    card.set_devices([device(64)])
    card.set_job(job(tiny_sd, train_batch_size=4096), 0)
    dialog = open_fit(qtbot, card)
    before = dialog.findChild(object, "fit_before").text()
    dialog.findChild(object, "fit_memory").setText("3")
    assert dialog.findChild(object, "fit_apply").isEnabled()
    assert dialog.findChild(object, "fit_before").text() == before != dialog.findChild(object, "fit_after").text()
    dialog.findChild(object, "fit_memory").setText("a lot")
    assert not dialog.findChild(object, "fit_apply").isEnabled()
    with qtbot.assertNotEmitted(card.fitted):
        dialog.findChild(object, "fit_cancel").click()


def test_a_model_that_is_not_there_leaves_it_unknown(qtbot, card):
    card.set_job(TrainJob(model="/nowhere", dataset="d", out_dir=""), 0)
    qtbot.waitSignal(card.facts_known).wait()
    assert card.facts is None
    assert text(card, "memory") == "not known yet"
