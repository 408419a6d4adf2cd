"""Masks are kept once each, and never written over."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.drawing.masks import masks_dir, save_mask


def test_a_mask_is_kept_once_and_another_beside_it():
    first = save_mask(b"one")
    assert save_mask(b"one") == first
    assert save_mask(b"two") != first
    assert [first.read_bytes(), len(list(masks_dir().iterdir()))] == [b"one", 2]
    assert first.suffix == ".png"


def test_a_folder_that_cannot_be_made_is_told():
    masks_dir().write_bytes(b"")
    with pytest.raises(SketchDeskError):
        save_mask(b"one")
