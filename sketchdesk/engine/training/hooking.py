"""Hearing of each weight's gradient as soon as the backward pass has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def hooked(parameters: Iterable[nn.Parameter], hook: Callable[[nn.Parameter], None]) -> Iterator[None]:
    """Run a block in which `hook` is called with each parameter whose `grad` is complete."""
    handles = [parameter.register_post_accumulate_grad_hook(hook) for parameter in parameters]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
