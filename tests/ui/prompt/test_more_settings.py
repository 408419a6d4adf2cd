"""The folded settings: in and out, what they say, what they ask for."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox

from sketchdesk.library.drawing.draft import Draft
from sketchdesk.ui.language import speak
from sketchdesk.ui.prompt.more_settings import MoreSettings


@pytest.fixture
def more(qtbot) -> MoreSettings:
    made = MoreSettings()
    qtbot.addWidget(made)
    made.retranslate()
    return made


def test_what_is_shown_is_what_comes_out(more):
    draft = Draft(
        negative_prompt="dogs", style_suffix=", dusk", sampler="heun", precision="fp32", clip_skip=2,
        guidance_rescale=0.35, memory_savings=("sliced_attention",), wildcards=False, prompt_weighting=False,
        allow_pickle=True, fast=("tiny_decoder", "feature_caching"), batch_size=3,
    )  # fmt: skip
    more.set_draft(draft)
    values = more.values()
    assert {name: getattr(draft, name) for name in values} == values


def test_choices_and_weights_are_on_for_new_prompts_and_old_files_off(more):
    more.set_draft(Draft())
    values = more.values()
    assert (values["wildcards"], values["prompt_weighting"], values["allow_pickle"]) == (True, True, False)
    assert (values["clip_skip"], values["guidance_rescale"], values["memory_savings"]) == (0, 0.0, ())


def test_every_change_is_told(more, qtbot):
    more.set_draft(Draft())
    for change in (
        lambda: more.suffix.setText("x"), lambda: more.clip_skip.setValue(1), lambda: more.rescale.setValue(0.5),
        lambda: more.together.setValue(2),
        lambda: more.checks["wildcards"].click(), lambda: more.checks["allow_pickle"].click(),
        lambda: more.findChild(QAction, "prompt_memory_tiled_vae").trigger(),
        lambda: more.findChild(QCheckBox, "prompt_fast_guidance_cutoff_box").click(),
    ):  # fmt: skip
        with qtbot.waitSignal(more.changed):
            change()
    assert more.values()["memory_savings"] == ("tiled_vae",)
    assert more.values()["fast"] == ("guidance_cutoff",)


def test_numbers_are_written_as_in_the_language_in_use(more):
    assert more.rescale.text() == "0.00"
    speak("pt")
    more.retranslate()
    assert more.rescale.text() == "0,00"


def test_memory_is_automatic_until_something_is_ticked(more):
    assert more.memory.full_text.strip() == "automatic"
    more.findChild(QAction, "prompt_memory_sliced_attention").trigger()
    more.findChild(QAction, "prompt_memory_sequential_guidance").trigger()
    assert more.memory.full_text.strip() == "guidance one by one, attention in slices"
    assert more.values()["memory_savings"] == ("sequential_guidance", "sliced_attention")


def test_the_way_of_the_tab_key_follows_the_eye(qtbot):
    more = MoreSettings()
    qtbot.addWidget(more)
    more.retranslate()
    more.set_open(True)
    more.resize(280, 900)
    more.show()
    qtbot.waitExposed(more)
    expected = [
        more.start, more.add_files, more.negative, more.suffix, more.sampler, more.place, more.clip_skip, more.rescale,
        more.together, more.memory, *more.checks.values(), *more.fast.boxes.values(),
    ]  # fmt: skip
    tops = [widget.mapTo(more, widget.rect().topLeft()).y() for widget in expected]
    assert tops == sorted(tops)
    order, widget = [], more.nextInFocusChain()
    while widget is not more:
        order.append(widget)
        widget = widget.nextInFocusChain()
    places = [order.index(widget) for widget in expected]
    assert places == sorted(places)
