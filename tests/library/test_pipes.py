"""What is named like a file and is a pipe: nothing waits for it."""

from __future__ import annotations

import os

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.images.pictures import picture_size, read_picture
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.prompts.reading import read_prompts

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names there")


@pytest.fixture
def pipe(home):
    """Makes a pipe that nobody writes into."""

    def make(name: str):
        images_dir().mkdir(parents=True, exist_ok=True)
        os.mkfifo(images_dir() / name)
        return images_dir() / name

    return make


def test_the_gallery_leaves_it_out(pipe):
    path = pipe("a.png")
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
        assert index.add_image(path) is None
        assert index.count(Query()) == 0


def test_it_is_no_picture(pipe):
    path = pipe("a.png")
    assert (read_record(path), picture_size(path)) == (None, None)
    with pytest.raises(SketchDeskError) as caught:
        read_picture(path)
    assert caught.value.kind is ErrorKind.BAD_INPUT


def test_it_is_no_list(pipe):
    with pytest.raises(SketchDeskError, match="cannot be read"):
        read_prompts(pipe("a.txt"))


def test_it_is_no_model(pipe):
    with pytest.raises(SketchDeskError) as caught:
        resolve_model(str(pipe("a.safetensors")))
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND
