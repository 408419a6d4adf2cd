"""The wizard's form: every setting of a distillation goes in and comes out, and what does not go together is said."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import DistillJob, LoraUse
from sketchdesk.library.distillation.told import Told
from sketchdesk.library.distillation.ways import WAYS, with_way
from sketchdesk.ui.distilling.few_step_fields import BOOK, COMMON, MORE
from sketchdesk.ui.distilling.few_step_form import FewStepForm

OWN = {"model", "out_dir", "resume", "loras", "prompts", "dataset", "pairs_dir", "validation_prompts",
       "captions_file", "start", "start_base", "lpips_weights"}
"""What has a control of its own kind, and what belongs to one run."""
CHANGED = DistillJob(
    model="demo-base", out_dir="", loras=(LoraUse(path="/l/style.safetensors", weight=0.5),),
    prompts=("a zebra", "a dog"), dataset="demo-sketch", captions_file="/c.json", start="/q", start_base="/b",
    pairs_dir="/p", lpips_weights="/w.safetensors", num_pairs=7, num_held_out_pairs=5,
    pairs_batch_size=3, num_inference_steps=9, sampler="euler", guidance_scale=2.5, resolution=64, student="teacher",
    lora_rank=8, reflow_steps=11, distil_steps=0, time_shape=1.5, endpoint_share=0.25, huber_c=0.3, feature_weight=0.4,
    matching_steps=13, student_steps=2,
    matching_guidance_scale=3.5, critic_rank=16, critic_learning_rate=2e-3, critic_updates=4,
    matching_pairs_weight=0.125, train_batch_size=6, gradient_accumulation_steps=2, gradient_checkpointing=True,
    learning_rate=3e-4, final_learning_rate=2e-5, lr_warmup_steps=21, optimizer="adamw_8bit", adam_weight_decay=0.02,
    max_grad_norm=0.5, ema_decay=0.9, non_finite_limit=6, validation_prompts=("a castle",), validation_steps=17,
    checkpointing_steps=19, seed=23, device="cpu", precision="bf16", num_threads=2,
)  # fmt: skip


@pytest.fixture
def form(qtbot, background, models) -> FewStepForm:
    made = FewStepForm(background)
    qtbot.addWidget(made)
    made.set_models(models)
    made.set_devices([DeviceFound(device="cpu", name="", memory_gib=1.0, precisions=("fp32",), preferred="fp32")])
    made.show()
    return made


def part(form: FewStepForm, name: str):
    return form.findChild(object, f"few_step_{name}")


def test_every_setting_can_be_reached():
    shown = {name for group in (COMMON, *MORE) for names in (*group.pairs, group.checks) for name in names}
    assert shown | OWN == set(DistillJob.__struct_fields__)
    assert not shown & OWN
    assert set(BOOK.labels()) == shown


def test_what_goes_in_comes_out(form):
    plain = DistillJob(model="", out_dir="")
    same = [name for name in DistillJob.__struct_fields__ if getattr(CHANGED, name) == getattr(plain, name)]
    assert same == ["out_dir", "resume"]
    form.set_value(CHANGED)
    assert form.value() == CHANGED


def test_a_one_step_model_of_a_known_base_is_a_start_and_brings_its_base_along(form, models):
    flow = msgspec.structs.replace(models[1], name="demo-flow", teacher="demo-base", licence="apache-2.0")
    form.set_models([*models, flow])
    box = part(form, "begins")
    assert [box.itemText(place) for place in range(box.count())] == ["its teacher", "demo-flow (apache-2.0)"]
    box.setCurrentIndex(1)
    assert (form.value().start, form.value().start_base) == ("demo-flow", "demo-base")
    box.setCurrentIndex(0)
    assert (form.value().start, form.value().start_base) == ("", "")


def test_a_way_is_chosen_by_its_card_and_changes_nothing_else(form):
    begun = DistillJob(model="demo-base", out_dir="", prompts=("a zebra",), num_pairs=12)
    form.set_value(begun)
    assert part(form, "way_one_step").isChecked()
    for way in reversed(WAYS):
        part(form, f"way_{way}").click()
        assert form.value() == with_way(begun, way)
        assert part(form, f"way_{way}").isChecked()
        assert part(form, "ways_own").isHidden()


def test_a_changed_setting_is_told_and_taken_back_by_the_same_card(form):
    part(form, "reflow_steps").setText("3")
    assert part(form, "way_one_step").isChecked() and not part(form, "ways_own").isHidden()
    part(form, "way_one_step").click()
    assert form.value().reflow_steps == WAYS["one_step"]["small"]["reflow_steps"]
    assert part(form, "ways_own").isHidden()


def told(form: FewStepForm, unet_parameters: int) -> None:
    form.set_told(form.value(), Told(head="epsilon", unet_parameters=unet_parameters))


def test_a_large_teacher_brings_its_own_numbers_and_the_persons_stay(form):
    begun = DistillJob(model="demo-base", out_dir="", prompts=("a zebra",))
    form.set_value(begun)
    part(form, "reflow_steps").setText("77")
    told(form, 860_000_000)
    assert form.value() == msgspec.structs.replace(with_way(begun, "one_step", "large"), reflow_steps=77)
    part(form, "way_matching").click()
    assert form.value() == with_way(begun, "matching", "large")
    assert part(form, "ways_own").isHidden()
    told(form, 10_000_000)
    assert form.value() == with_way(begun, "matching")


def test_the_numbers_of_an_earlier_run_stay_whatever_its_teachers_size(form):
    form.set_value(CHANGED)
    told(form, 860_000_000)
    assert form.value() == CHANGED


def test_without_captions_it_cannot_be_started(form):
    form.set_value(DistillJob(model="demo-base", out_dir=""))
    assert form.problems == ["Name a data set, or write some captions."]
    part(form, "prompts").setPlainText("a zebra\n\n a dog ")
    assert form.problems == []
    assert form.value().prompts == ("a zebra", "a dog")


def test_only_models_that_draw_can_teach_a_flow_too(form):
    box = form.findChild(QComboBox, "few_step_model")
    assert [box.itemData(place) for place in range(box.count())] == ["demo-base", "flow"]


def test_what_does_not_go_together_is_said_at_its_field(form):
    form.set_value(DistillJob(model="demo-base", out_dir="", prompts=("a zebra",), lora_rank=4))
    assert "keeps what the teacher's U-Net says" in part(form, "lora_rank_problem").text()
    form.set_value(msgspec.structs.replace(form.value(), model="flow"))
    assert form.problems == []
    part(form, "resolution").setText("60")
    form.set_told(form.value(), Told(head="velocity", cell_px=8))
    assert form.problems == ["It must be a multiple of 8 for this model."]


def test_a_start_that_says_something_else_than_the_student_is_refused(form, models):
    flow = msgspec.structs.replace(models[1], name="demo-flow", teacher="demo-base")
    form.set_models([*models, flow])
    begun = DistillJob(model="demo-base", out_dir="", prompts=("a zebra",), start="demo-flow")
    form.set_value(begun)
    assert form.problems == []
    form.set_value(msgspec.structs.replace(begun, student="teacher"))
    assert part(form, "begins_problem").text() == form.problems[0]
    assert "“demo-flow” says “velocity”" in form.problems[0]


def test_a_number_that_is_none_is_marked_and_the_last_one_counts(form):
    part(form, "num_pairs").setText("20")
    part(form, "num_pairs").setText("many")
    assert form.value().num_pairs == 20
    assert form.problems == ["A whole number is needed."]


def test_settings_that_count_for_nothing_are_grey(form):
    assert not part(form, "critic_rank").isEnabled()
    part(form, "matching_steps").setText("5")
    assert part(form, "critic_rank").isEnabled()


def test_the_run_is_called_after_its_teacher_until_it_has_a_name(form):
    assert form.title == "demo-base, few-step"
    part(form, "name").setText("  Quick ")
    assert form.title == "Quick"


def test_every_control_says_what_it_is_for(form):
    controls = [field.control for field in form._fields.values()] + form.findChildren(QPlainTextEdit)
    assert [each.objectName() for each in controls if not each.accessibleName()] == []
