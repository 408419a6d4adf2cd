"""A folder of pictures takes a model's place."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.evaluation.given_pictures import given


def put(folder, name, caption=None):
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (8, 8)).save(folder / f"{name}.png")
    if caption:
        (folder / f"{name}.txt").write_text(caption, encoding="utf-8")
    return folder / f"{name}.png"


def test_captions_beside_the_pictures_are_their_prompts_and_seeds_are_dealt_out(tmp_path):
    folder = tmp_path / "theirs"
    first, second = put(folder, "a", "a fox"), put(folder, "b", "a fox")
    owl = put(folder, "c", "an owl")
    put(folder, "d", "a whale")
    found = given(folder, ("a fox", "an owl"), (3, 5))
    assert found == {("a fox", 3): first, ("a fox", 5): second, ("an owl", 3): owl}


def test_a_folder_with_nothing_that_was_asked_for_is_refused(tmp_path):
    put(tmp_path / "theirs", "a", "a whale")
    with pytest.raises(SketchDeskError) as caught:
        given(tmp_path / "theirs", ("a fox",), (0,))
    assert caught.value.kind is ErrorKind.BAD_INPUT
    (tmp_path / "empty").mkdir()
    with pytest.raises(SketchDeskError) as caught:
        given(tmp_path / "empty", ("a fox",), (0,))
    assert caught.value.kind is ErrorKind.NO_IMAGES
