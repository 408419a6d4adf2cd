"""The heat map: every prompt and model, deeper where the value is higher."""

from __future__ import annotations

from PySide6.QtCore import Qt

from sketchdesk.ui.evaluation.results.heat_map import HeatMap


def test_prompts_stand_down_and_models_across_and_the_highest_is_deepest(qtbot, study):
    view = HeatMap()
    qtbot.addWidget(view)
    view.show_variant(study.variants[0])
    model = view.model()
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)] == ["Prompt", "base", "fine-tuned"]
    rows = {model.index(row, 0).data(): [model.index(row, column).data() for column in (1, 2)] for row in range(3)}
    assert rows == {"a fox": ["0.200", "0.300"], "an owl": ["0.200", "0.150"], "a zebra": ["0.200", "0.400"]}
    paint = view.itemDelegate()
    assert paint.ground(0.4).alpha() > paint.ground(0.3).alpha() > paint.ground(0.2).alpha() > 0
    assert paint.ground(0.15).alpha() == 0
    view.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert model.index(0, 0).data() == "a zebra"
