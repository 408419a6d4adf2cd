from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchdesk.ui.gallery.grid.tiling import GAP_PX, MARGIN_PX, Tiling

TILINGS = st.builds(
    Tiling, count=st.integers(1, 100_000), width_px=st.integers(120, 3000), zoom_px=st.integers(96, 320)
)


@given(tiling=TILINGS, data=st.data())
def test_every_cell_is_found_where_it_lies(tiling, data):
    number = data.draw(st.integers(0, tiling.count - 1))
    left, top = tiling.corner(number)
    side = tiling.side_px
    for x, y in ((left, top), (left + side - 1, top + side - 1)):
        assert tiling.at(x, y) == tiling.nearest(x, y) == number
        assert number in tiling.between(y, y)
        assert any(number in cells for cells in tiling.inside(x, y, x, y))
    assert tiling.at(left + side, top) is None
    assert tiling.at(left, top - 1) is None
    assert top + side + MARGIN_PX <= tiling.height_px


@given(tiling=TILINGS)
def test_the_cells_fill_the_width_and_are_no_smaller_than_wished_where_there_is_room(tiling):
    used = tiling.columns * tiling.pitch_px - GAP_PX + 2 * MARGIN_PX
    assert tiling.width_px - tiling.columns < used <= tiling.width_px or tiling.columns == 1
    assert tiling.side_px >= min(tiling.zoom_px, tiling.width_px - 2 * MARGIN_PX)


def test_a_dragged_rectangle_touches_whole_cells_only_where_they_are():
    tiling = Tiling(count=10, width_px=2 * MARGIN_PX + 4 * 100 + 3 * GAP_PX, zoom_px=100)
    assert (tiling.columns, tiling.side_px) == (4, 100)
    second = MARGIN_PX + 100 + GAP_PX
    assert tiling.inside(second + 5, second + 5, second + 150, second + 150) == [range(5, 7), range(9, 10)]
    between = (MARGIN_PX + 101, MARGIN_PX + 101, MARGIN_PX + 105, MARGIN_PX + 105)
    assert tiling.inside(*between) == []
    assert tiling.inside(0, -500, 5000, -400) == []


@pytest.mark.parametrize(
    ("top", "bottom", "cells"), [(0, 99, range(4)), (0, 130, range(8)), (9000, 9999, range(10, 10))]
)
def test_what_is_seen_is_whole_rows(top, bottom, cells):
    tiling = Tiling(count=10, width_px=2 * MARGIN_PX + 4 * 100 + 3 * GAP_PX, zoom_px=100)
    assert tiling.between(top, bottom) == cells


def test_an_empty_grid_has_no_height():
    assert Tiling(count=0, width_px=500, zoom_px=100).height_px == 0
