"""A few images as the gallery has them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PIL import Image

from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import GalleryImage


class Make:
    """Draws images into a folder and describes them as the index does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def __call__(self, prompt: str = "a zebra", name: str = "", **more: object) -> GalleryImage:
        """Return an image; `more` are its record's fields, or those of the image itself."""
        self.count += 1
        own = {key: more.pop(key) for key in ("scores", "caption", "run", "starred", "tags") if key in more}
        values = {
            "prompt": prompt, "seed": self.count, "num_inference_steps": 25, "guidance_scale": 7.5, "sampler": "euler",
            "width": 64, "height": 48, "model": "demo-base", **more,
        }  # fmt: skip
        path = self.folder / (name or f"{self.count}.png")
        record = ImageRecord(**values)
        save_png(Image.effect_noise((64, 48), 60).convert("RGB"), path, record)
        return GalleryImage(id=self.count, path=path, mtime_ns=path.stat().st_mtime_ns, record=record, **own)

    def plain(self, name: str) -> GalleryImage:
        """Return an image that says nothing of itself."""
        return msgspec.structs.replace(self(name=name), record=None)

    def gone(self) -> GalleryImage:
        """Return an image whose file is not there any more."""
        image = self()
        image.path.unlink()
        return image

    def broken(self) -> GalleryImage:
        """Return an image whose file is cut off."""
        image = self()
        image.path.write_bytes(image.path.read_bytes()[:600])
        return image


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make images in a folder of their own."""
    return Make(tmp_path / "drawn")


class StoppedError(Exception):
    """What a person's wish to stop raises."""


@pytest.fixture
def stop_at_2():
    """Progress that stops an export at its second image, and the exception it raises."""

    def progress(done: int, _total: int) -> None:
        if done == 2:
            raise StoppedError

    progress.error = StoppedError
    return progress
