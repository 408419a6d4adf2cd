"""File names that every system takes, no two alike."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.export.names import clean, file_names


def test_own_names_are_kept_and_numbered_where_two_are_alike(make):
    images = [make(name="A.png"), make(name="sub/a.PNG"), make(name="b/A.png"), make(name="C.png")]
    assert file_names(images) == ["A.png", "a (2).png", "A (3).png", "C.png"]


def test_a_pattern_is_filled_from_what_the_image_remembers(make):
    image = make("a zebra / running: fast?", model="/x/ink/model", scores={"cosine": 0.31449}, run="Zebras")
    assert file_names([image], "{model}-{prompt}-{seed}") == ["ink-a zebra - running- fast-1.png"]
    assert file_names([image], "{number} {score} {run} {steps} {name}") == ["0001 0.314 Zebras 25 1.png"]


def test_what_an_image_does_not_say_is_empty_and_no_name_is(make):
    image = make.plain("x.png")
    assert file_names([image, image], "{prompt}{seed}") == ["image.png", "image (2).png"]
    assert file_names([image], "{model}-{name}") == ["x.png"]


@pytest.mark.parametrize("pattern", ["{colour}", "{}", "{seed:10000000}", "{seed.__class__}", "{0}"])
def test_a_field_there_is_not_is_named(make, pattern):
    with pytest.raises(SketchDeskError) as caught:
        file_names([make()], pattern)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert pattern.strip("{}") in caught.value.message
    assert "{prompt}" in caught.value.message


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400))
def test_any_text_makes_a_name_that_can_be_written(tmp_path, text):
    name = (clean(text) or "image") + ".png"
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert not name.startswith((".png", " "))
    (tmp_path / name).touch()
    (tmp_path / name).unlink()


@pytest.mark.parametrize("text", ["con", "NUL", "com1", "aux.x"])
def test_names_that_windows_keeps_for_itself_are_changed(text):
    assert clean(text) == f"_{text}"
