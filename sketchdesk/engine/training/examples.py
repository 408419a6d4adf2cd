"""What is trained on: examples with captions, and where the distribution of their latents comes from.

B is the batch, C latent channels, h and w latent cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.training.encoding import encode_all
from sketchdesk.engine.training.order import Order, Shown
from sketchdesk.engine.training.row_store import RowStore
from sketchdesk.library.dataset.chance import CENTRE, SPLIT, View, step_seed, view_of
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.items import Item
from sketchdesk.library.dataset.looks import alike
from sketchdesk.library.dataset.shapes import Shape, cut
from sketchdesk.library.images.metadata import unreadable_errors

AS_IT_IS = View(CENTRE, flipped=False)


@dataclass(frozen=True)
class Example:
    """One picture that is trained on."""

    item: Item
    digest: str
    """Of the picture's content."""
    look: bytes
    """How it looks (dataset.looks), so that copies of it are known."""
    shape: Shape
    """What it is trained in."""
    is_cropped: bool
    """Whether something of it lies outside that shape."""

    @property
    def caption(self) -> str:
        """What it shows."""
        return self.item.caption or ""


class Latents(Protocol):
    """Where distributions of latents come from."""

    def of(self, examples: Sequence[Example], views: Sequence[View]) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance [B, C, h, w] of examples of one shape, each in its view."""

    def foresee(self, examples: Sequence[Example], views: Sequence[View]) -> None:
        """Begin with what `of` will be asked for next, if that helps."""

    def close(self) -> None:
        """Let go of threads."""


class CachedLatents:
    """Latents that were encoded beforehand: cut at the centre, as they are and mirrored."""

    def __init__(self, rows: RowStore) -> None:
        self._rows = rows

    def of(self, examples: Sequence[Example], views: Sequence[View]) -> tuple[Tensor, Tensor]:
        """Return what is kept; where the view asks to crop elsewhere, nothing of the picture lies elsewhere."""
        rows = [self._rows[row_name(one, view.flipped)] for one, view in zip(examples, views, strict=True)]
        return torch.stack([row["mean"] for row in rows]), torch.stack([row["logvar"] for row in rows])

    def foresee(self, examples: Sequence[Example], views: Sequence[View]) -> None:
        """Do nothing: they are at hand."""

    def close(self) -> None:
        """Do nothing."""


class LiveLatents:
    """Latents encoded when they are shown, each time cropped anew; pictures are read a batch ahead, in threads."""

    def __init__(self, model: StableDiffusion, threads: int) -> None:
        self._model = model
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
        self._ahead: dict[tuple[str, View], Future[Image.Image]] = {}

    def of(self, examples: Sequence[Example], views: Sequence[View]) -> tuple[Tensor, Tensor]:
        """Raises SketchDeskError(DATASET_UNREADABLE) where a picture can no longer be read."""
        self.foresee(examples, views)
        wanted = [(one.item.key, view) for one, view in zip(examples, views, strict=True)]
        pictures = [self._ahead[each].result() for each in wanted]
        self._ahead.clear()
        return encode_all(self._model, pictures, examples[0].shape)

    def foresee(self, examples: Sequence[Example], views: Sequence[View]) -> None:
        """Have pictures read while the model works; what was foreseen before and is not among them is let go."""
        before, self._ahead = self._ahead, {}
        for one, view in zip(examples, views, strict=True):
            key = (one.item.key, view)
            if key not in self._ahead:
                begun = before.pop(key, None)
                self._ahead[key] = self._pool.submit(_read, one, view) if begun is None else begun
        for unused in before.values():
            unused.cancel()

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)


def row_name(example: Example, flipped: bool) -> str:
    """Return the name of an example's row: its content and what is done to it."""
    return f"{example.digest}-{example.shape.width}x{example.shape.height}{'-flipped' if flipped else ''}"


def shown_picture(picture: Image.Image, shape: Shape, view: View) -> Image.Image:
    """Return a picture as a view shows it."""
    part = cut(picture, shape, view.crop)
    return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if view.flipped else part


def _read(example: Example, view: View) -> Image.Image:
    try:
        return shown_picture(decoded(read_bytes(example.item.read())), example.shape, view)
    except unreadable_errors() as error:
        details = f"{type(error).__name__}: {error}"
        raise SketchDeskError(ErrorKind.DATASET_UNREADABLE, example.item.key, details) from error


@dataclass(frozen=True)
class TrainingSet:
    """Examples, their latents, and how each showing's view is drawn."""

    examples: Sequence[Example]
    latents: Latents
    scaling_factor: float
    center_crop: bool = True
    random_flip: bool = False

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def captions(self) -> list[str]:
        """Every example's."""
        return [example.caption for example in self.examples]

    def order(self, size: int, seed: int) -> Order:
        """Return the order in which batches of `size` show the examples, those of one shape together."""
        shapes = sorted({example.shape for example in self.examples})
        buckets = [shapes.index(example.shape) for example in self.examples]
        return Order(buckets, [example.item.repeats for example in self.examples], size, seed)

    def sample(self, shown: Sequence[Shown], seed: int, generator: torch.Generator) -> Tensor:
        """Draw scaled latents [B, C, h, w] from the distributions of what is shown, by their views of this pass."""
        mean, logvar = self.latents.of(*self._asked(shown, seed))
        noise = torch.randn(mean.shape, generator=generator)
        return (mean + torch.exp(0.5 * logvar) * noise) * self.scaling_factor

    def foresee(self, shown: Sequence[Shown], seed: int) -> None:
        """Prepare what will be sampled next."""
        self.latents.foresee(*self._asked(shown, seed))

    def still(self, index: int) -> Tensor:
        """Return one example's scaled mean [C, h, w], cut at the centre and not mirrored."""
        return self.latents.of([self.examples[index]], [AS_IT_IS])[0][0] * self.scaling_factor

    def _asked(self, shown: Sequence[Shown], seed: int) -> tuple[list[Example], list[View]]:
        views = [view_of(seed, one.epoch, one.place, self.center_crop, self.random_flip) for one in shown]
        return [self.examples[one.example] for one in shown], views

    def split(self, share: float, seed: int) -> tuple[TrainingSet, TrainingSet | None]:
        """Return (what is trained on, what is held out): about `share` of the examples, drawn by the seed.

        Nothing is held out for a share of 0; otherwise at least one example is, and at least one is not. No picture
        held out looks like one that is trained on: such pictures are neither. Where that would leave less than half,
        whole groups of pictures that look alike are held out instead.
        """
        count = min(max(1, round(share * len(self))), len(self) - 1) if share > 0 else 0
        if count <= 0:
            return self, None
        generator = torch.Generator().manual_seed(step_seed(seed, 0, SPLIT))
        order: list[int] = torch.randperm(len(self), generator=generator).tolist()
        groups = alike([example.look for example in self.examples])
        rest = order[count:]
        kept = {groups[index] for index in rest}
        held = [index for index in order[:count] if groups[index] not in kept]
        if 2 * len(held) < count:
            held = _whole_groups(order, groups, count)
            rest = [index for index in order if index not in set(held)]
        return self._only(rest), self._only(held) if held else None

    def _only(self, indices: Sequence[int]) -> TrainingSet:
        return replace(self, examples=[self.examples[index] for index in sorted(indices)])


def _whole_groups(order: Sequence[int], groups: Sequence[int], count: int) -> list[int]:
    """Return at most `count` indices, groups whole, as the order comes to them; the smallest group if none fits."""
    members: dict[int, list[int]] = {}
    for index in order:
        members.setdefault(groups[index], []).append(index)
    held: list[int] = []
    for group in members.values():
        if len(held) + len(group) <= count:
            held += group
    smallest = min(members.values(), key=len)
    return held or (smallest if len(smallest) < len(order) else [])
