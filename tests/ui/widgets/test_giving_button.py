"""A button that gives way."""

from __future__ import annotations

from sketchdesk.ui.widgets.giving_button import GivingButton


def test_what_does_not_fit_ends_in_dots_and_comes_back(qtbot):
    button = GivingButton()
    qtbot.addWidget(button)
    button.show()
    button.resize(400, 30)
    button.set_full_text("Add a LoRA or learnt words")
    assert button.text() == "Add a LoRA or learnt words"
    button.resize(90, 30)
    qtbot.waitUntil(lambda: button.text().endswith("…"))
    assert button.full_text == "Add a LoRA or learnt words"
    button.resize(400, 30)
    qtbot.waitUntil(lambda: not button.text().endswith("…"))
