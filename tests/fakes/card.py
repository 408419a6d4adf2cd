"""A make-believe graphics card: it computes with the processor, and refuses what does not lie on it.

Its tensors say that they lie on a device of another name, and every operation comes by here while the card is in. What
meets what lies elsewhere fails as it would on a real card; single numbers may come from the processor, as there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

CARD = torch.device("cpu", 0)
"""Another device than the processor by its name, since that has no number; the only one there is without a card."""
_TAKES_BOTH = (torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default, torch.ops.aten.index.Tensor)
"""Copies, and indices, which a card takes from the processor too."""
_NEW = "device"


class OnCard(Tensor):
    """A tensor that lies on the card."""

    held: Tensor

    @staticmethod
    def __new__(cls, value: Tensor, requires_grad: bool = False) -> Any:
        """Accelerate makes parameters by calling the kind of those before; here and elsewhere these are parameters."""
        return torch.nn.Parameter(value, requires_grad)

    def __repr__(self) -> str:
        return f"OnCard({self.held})"

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(operation, args, kwargs or {})


def _on_card(held: Tensor) -> OnCard:
    made: OnCard = torch.Tensor._make_wrapper_subclass(
        OnCard, held.shape, strides=held.stride(), storage_offset=held.storage_offset(), dtype=held.dtype,
        device=CARD, requires_grad=False,
    )  # fmt: skip
    made.held = held
    return made


class Card(TorchDispatchMode):
    """Brings tensors to the card and back for as long as it is entered."""

    def __enter__(self) -> Card:
        # A network that moves gets new parameters: the old ones are tensors of another kind.
        torch.__future__.set_overwrite_module_params_on_conversion(True)
        super().__enter__()
        return self

    def __exit__(self, *given: Any) -> None:
        super().__exit__(*given)
        torch.__future__.set_overwrite_module_params_on_conversion(False)

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(operation, args, kwargs or {})


def _computed(operation: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    flat, _shape = tree_flatten((args, kwargs))
    tensors = [each for each in flat if isinstance(each, Tensor)]
    here = [each for each in tensors if isinstance(each, OnCard)]
    wanted = torch.device(kwargs[_NEW]) if kwargs.get(_NEW) is not None else None
    strangers = [each for each in tensors if not isinstance(each, OnCard) and each.ndim]
    if here and strangers and operation not in _TAKES_BOTH:
        raise RuntimeError(f"{operation}: expected all tensors to be on {CARD}, but some are elsewhere")
    plain_args, plain_kwargs = tree_map(_held, (args, dict(kwargs)))
    if wanted == CARD:
        plain_kwargs[_NEW] = torch.device("cpu")
        plain_kwargs.pop("pin_memory", None)
    said = operation(*plain_args, **plain_kwargs)
    stays = bool(here) if wanted is None else wanted == CARD
    if operation is torch.ops.aten.copy_.default:
        return args[0]
    if str(operation).split(".")[1].endswith("_") and isinstance(args[0], Tensor):
        return args[0]
    return tree_map(lambda each: _on_card(each) if isinstance(each, Tensor) and stays else each, said)


def _held(each: Any) -> Any:
    return each.held if isinstance(each, OnCard) else each
