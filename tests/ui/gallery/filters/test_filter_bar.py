from __future__ import annotations

from array import array
from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt

from sketchdesk.library.index.index import Query
from sketchdesk.ui.gallery.catalogue.finding import Found
from sketchdesk.ui.gallery.filters.filter_bar import FilterBar

LEFT = Qt.MouseButton.LeftButton
FOUND = Found(
    query=Query(), ids=array("q"), total=284, starred=42, models=(("demo-base", 3), ("/t/sketch/model", 2)),
    runs=(("a zebra & a dog", 4),), scores=(0.2, 0.4), unsaved=0, tags=(("night", 3),),
)  # fmt: skip


@pytest.fixture
def bar(qtbot):
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.set_found(FOUND)
    bar.show()
    return bar


def choose(chip, text: str) -> None:
    next(action for action in chip.menu_.actions() if action.text() == text).trigger()


def test_the_chips_count(bar):
    assert bar._all.text() == "All 284"
    assert bar._starred.text().strip() == "42"
    assert bar._all.isChecked()


def test_typing_is_told_once_when_it_pauses(qtbot, bar):
    told: list[Query] = []
    bar.value_changed.connect(told.append)
    qtbot.keyClicks(bar.search, "zebra")
    qtbot.waitUntil(lambda: bool(told))
    assert told == [Query(text="zebra")]
    assert not bar._all.isChecked()
    qtbot.keyClick(bar.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: told[-1] == Query())


def test_enter_does_not_wait(qtbot, bar):
    qtbot.keyClicks(bar.search, "zebra")
    with qtbot.waitSignal(bar.value_changed, timeout=100):
        qtbot.keyClick(bar.search, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(bar.value_changed, wait=250):
        pass


def test_every_chip_narrows_and_all_undoes_it(qtbot, bar):
    qtbot.mouseClick(bar._starred, LEFT)
    choose(bar._model, "sketch")
    choose(bar._run, "a zebra && a dog")
    choose(bar._tag, "night")
    choose(bar._days, "today")
    choose(bar._score, "≥ 0.320")
    choose(bar._sort, "Best score first")
    assert bar.value() == Query(
        starred=True, model="/t/sketch/model", run="a zebra & a dog", tag="night", since=str(date.today()),
        min_score=0.32, sort="score",
    )  # fmt: skip
    assert (bar._model.text(), bar._score.text()) == ("Model: sketch", "Score: ≥ 0.320")
    with qtbot.waitSignal(bar.value_changed) as changed:
        qtbot.mouseClick(bar._all, LEFT)
    assert changed.args == [Query(sort="score")]
    assert bar._all.isChecked()


def test_any_days_can_be_asked_for(qtbot, bar):
    bar._days._first.setDate(QDate(2026, 5, 9))
    bar._days._last.setDate(QDate(2026, 5, 2))
    with qtbot.waitSignal(bar.value_changed) as changed:
        bar._days._apply.click()
    assert changed.args == [Query(since="2026-05-02", until="2026-05-09")]
    assert bar._days.text() == "Date: 5/2/26 – 5/9/26"
    bar.set_value(Query(since="2026-05-02", until="2026-05-02"))
    assert bar._days.text() == "Date: 5/2/26"
    choose(bar._days, "any")
    assert (bar.value(), bar._all.isChecked()) == (Query(), True)


def test_any_score_can_be_asked_for(qtbot, bar):
    bar._least.setValue(0.333)
    with qtbot.waitSignal(bar.value_changed) as changed:
        bar._least_apply.click()
    assert changed.args == [Query(min_score=0.333)]
    assert bar._score.text() == "Score: ≥ 0.333"


def test_a_value_is_shown_without_being_told(qtbot, bar):
    wanted = Query(text="dog", starred=True, model="gone", sort="seed")
    with qtbot.assertNotEmitted(bar.value_changed, wait=250):
        bar.set_value(wanted)
    assert (bar.value(), bar.search.text(), bar._starred.isChecked()) == (wanted, "dog", True)
    assert bar._model.text() == "Model: gone"


def test_long_names_do_not_widen_the_chip_without_end(bar):
    bar.set_value(Query(run="a very long title of a run that nobody would ever want to read on a small button"))
    assert "…" in bar._run.text()
    assert bar._run.sizeHint().width() < 300


@pytest.mark.parametrize("width", [900, 500, 260])
def test_chips_never_overlap_nor_leave_the_bar(qtbot, bar, width):
    bar.tools.parentWidget()
    bar.resize(width, bar.heightForWidth(width))
    qtbot.waitUntil(lambda: bar.width() == width)
    chips = [bar._all, bar._starred, bar._model, bar._run, bar._score, bar._sort]
    for number, chip in enumerate(chips):
        assert chip.geometry().right() <= width
        assert chip.width() >= min(chip.sizeHint().width(), width - 32)
        assert not any(chip.geometry().intersects(other.geometry()) for other in chips[:number])
