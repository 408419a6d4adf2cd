from __future__ import annotations

import pytest

from sketchdesk.library.index.index import Query
from sketchdesk.ui.gallery.catalogue.calm_walk import CalmWalk
from sketchdesk.ui.gallery.grid.reading import read_thumbnail
from sketchdesk.ui.gallery.grid.thumbnails import Key, Thumbnails


@pytest.fixture
def thumbnails(qapp):
    thumbnails = Thumbnails(read_thumbnail)
    yield thumbnails
    thumbnails.shutdown()


@pytest.fixture
def calm_walk(catalogue, thumbnails) -> CalmWalk:
    calm_walk = CalmWalk(thumbnails)
    calm_walk.use(catalogue)
    return calm_walk


def test_where_nothing_is_known_the_folders_are_read_at_once(qtbot, catalogue, calm_walk, pictures):
    calm_walk.wish()
    with qtbot.waitSignals([catalogue.found, catalogue.walk_.walked]):
        catalogue.look(Query())
    assert not calm_walk._calm.isActive()


def test_what_is_known_is_seen_first(qtbot, catalogue, calm_walk, thumbnails, pictures):
    with qtbot.waitSignal(catalogue.walk_.walked):
        catalogue.walk()
    with qtbot.waitSignal(catalogue.found):
        catalogue.look(Query())
    calm_walk.wish()
    assert catalogue.walk_._walk is None
    for path in pictures[:3]:  # each picture that arrives puts it off
        with qtbot.waitSignal(thumbnails.arrived):
            thumbnails.want([Key(path, 1, 128)])
        assert calm_walk._calm.isActive()
        assert catalogue.walk_._walk is None
    with qtbot.waitSignal(catalogue.walk_.walked):
        pass
