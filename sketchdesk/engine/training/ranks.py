"""One job in several processes: who we are among them, and what they work out together.

In a training each process, a rank, takes every n-th micro-batch of a step and all take the mean of their gradients, so
that n ranks do in one step what one does in n times as many micro-batches; of what is drawn or scored each takes every
n-th batch. accelerate joins them, however they were launched.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _

Item = TypeVar("Item")

PATIENCE = datetime.timedelta(days=1)
"""How long the others wait while the first draws, saves or encodes; one that has died is noticed at once."""
TOGETHER = 16 * 2**20
"""Numbers that are sent at once."""
DIVIDING = ("DEEPSPEED", "FSDP", "MEGATRON_LM")
"""accelerate's names for ways of dividing a model among devices."""


class Ranks:
    """`count` processes, of which this is number `number`; alone unless they were launched together."""

    def __init__(self, number: int = 0, count: int = 1) -> None:
        self.number, self.count = number, count

    @property
    def is_first(self) -> bool:
        """Whether this one saves, draws and speaks."""
        return self.number == 0

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Run a block in the first process, and then in the others, who find on disk what it left there."""
        if not self.is_first:
            self.wait()
        yield
        if self.is_first:
            self.wait()

    def own(self, parts: Sequence[Item]) -> Sequence[Item]:
        """Return the parts of a work that are this process's: every n-th."""
        return parts[self.number :: self.count]

    def gathered(self, value: Item) -> list[Item]:
        """Return what every process has, in their order; raises as `mean` does."""
        if self.count == 1:
            return [value]
        found: list[Item | None] = [None] * self.count
        with _one_may_be_gone():
            torch.distributed.all_gather_object(found, value)
        return [one for one in found if one is not None]

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean over all processes. Raises SketchDeskError(ENGINE_DIED) where one has ended."""
        if self.count > 1:
            with _one_may_be_gone():
                torch.distributed.all_reduce(values)
            values /= self.count
        return values

    def mean_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Put the mean over all processes in the place of every gradient; raises as `mean` does."""
        if self.count == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        while gradients:
            size, kind = 0, gradients[-1].dtype
            part: list[Tensor] = []
            while gradients and gradients[-1].dtype == kind and (not part or size + gradients[-1].numel() <= TOGETHER):
                part.append(gradients.pop())
                size += part[-1].numel()
            means = self.mean(torch.cat([gradient.reshape(-1) for gradient in part]))
            for gradient, mean in zip(part, means.split([each.numel() for each in part]), strict=True):
                gradient.copy_(mean.view_as(gradient))

    def wait(self) -> None:
        """Wait until every process is here. Raises as `mean` does."""
        if self.count > 1:
            with _one_may_be_gone():
                torch.distributed.barrier()


ALONE = Ranks()


def launched_together() -> bool:
    """Tell whether this process is one of several, as accelerate, torch or a cluster's launcher tell it."""
    return any(int(os.environ.get(name, "1")) > 1 for name in ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE"))


def join(device: str) -> tuple[Ranks, str]:
    """Join the processes this one was launched with; return them, and the device that is this one's.

    `device` is the job's. Raises SketchDeskError(BAD_INPUT) for launchers that divide a model among devices.
    """
    if not launched_together():
        return Ranks(), device
    if any(os.environ.get(f"ACCELERATE_USE_{name}", "").lower() == "true" for name in DIVIDING):
        raise divided()
    from accelerate import PartialState
    from accelerate.utils import check_cuda_p2p_ib_support

    on_cpu = device == "cpu" or not torch.cuda.is_available()
    if not on_cpu and not check_cuda_p2p_ib_support():  # cards that cannot reach each other; accelerate would refuse
        os.environ.setdefault("NCCL_P2P_DISABLE", "1")
        os.environ.setdefault("NCCL_IB_DISABLE", "1")
    with _one_may_be_gone():
        state = PartialState(cpu=on_cpu, timeout=PATIENCE)
    return Ranks(state.process_index, state.num_processes), "cpu" if on_cpu else str(state.device)


def divided() -> SketchDeskError:
    """Return the refusal of what would divide a model among devices, with what works instead."""
    return SketchDeskError(
        ErrorKind.BAD_INPUT,
        _("A model cannot be divided among devices here (DeepSpeed, FSDP, Megatron): each process holds a whole one. "
          "Use distributed_type MULTI_GPU, on one machine or several, and save memory by the recipe: an 8-bit "
          "optimiser, gradient checkpointing, a LoRA."),
    )  # fmt: skip


def leave() -> None:
    """Part from the others, if there are any."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


@contextmanager
def _one_may_be_gone() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        what = _("one of the processes that work together has ended")
        raise SketchDeskError(ErrorKind.ENGINE_DIED, what, str(error)) from error
