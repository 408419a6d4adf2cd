"""LoRAs, added to the weights themselves: W ← W + Σ wᵢ (αᵢ / rᵢ) Bᵢ Aᵢ (Hu et al., arXiv 2106.09685)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.models.lora_keys import ADAPTER_METADATA, LowRank, flat, read_keys
from sketchdesk.engine.models.parts import StableDiffusion
from sketchdesk.engine.models.pickles import pickled_tensors
from sketchdesk.library.files.loose import mapping
from sketchdesk.library.models.adapter_files import lora_file
from sketchdesk.library.models.kind import PEFT_SETTINGS_FILE
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header


def fuse_loras(model: StableDiffusion, loras: Sequence[LoraUse], allow_pickle: bool = False) -> None:
    """Add every LoRA to the model's weights, summed in fp32 and rounded once; what did not fit becomes a notice.

    Raises SketchDeskError: ADAPTER_MISSING, UNSAFE_WEIGHTS or CODE_IN_WEIGHTS for a pickle, MODEL_UNREADABLE for a
    broken file, ADAPTER_MISFIT for one that fits this model nowhere or by name only.
    """
    targets = _targets(model)
    added: dict[tuple[str, str], list[tuple[float, LowRank]]] = {}
    for lora in loras:
        path = lora_file(lora.path)
        groups, unknown = _read(path, allow_pickle)
        for group in groups:
            module = _module_name(group, targets)
            if module is None:
                unknown += group.keys
                continue
            if not _fits(group, targets[group.network, module]):
                raise _misfit(path)
            added.setdefault((group.network, module), []).append((lora.weight, group))
        total = len(unknown) + sum(len(group.keys) for group in groups if not set(group.keys) & set(unknown))
        if len(unknown) == total:
            raise _misfit(path)
        if unknown:
            model.notices.append(_not_used(path, len(unknown), total))
    for place, uses in added.items():
        _add(targets[place], uses)


def delta(group: LowRank, shape: torch.Size) -> Tensor:
    """Return (α / r) B A in fp32, shaped as the weight [out, in] or [out, in, k, k] it is added to.

    With LoCon's middle part, a convolution of the inner rank, the three are contracted.
    """
    down, up = group.tensors["down"].float(), group.tensors["up"].float()
    if "mid" in group.tensors:
        mid = group.tensors["mid"].float()
        product = torch.einsum("or,rskl,si->oikl", up.flatten(1), mid, down.flatten(1))
    else:
        product = up.flatten(1) @ down.flatten(1)
    return group.scale * product.reshape(shape)


def _targets(model: StableDiffusion) -> dict[tuple[str, str], nn.Module]:
    """Return every module a LoRA can change, by its network and flat name."""

    def linear_or_convolution() -> Iterator[tuple[tuple[str, str], nn.Module]]:
        for network in ("unet", "text_encoder"):
            for name, module in getattr(model, network).named_modules():
                if isinstance(module, nn.Linear | nn.Conv2d):
                    yield (network, flat(name)), module

    return dict(linear_or_convolution())


def _module_name(group: LowRank, targets: dict[tuple[str, str], nn.Module]) -> str | None:
    """Return the module a pair names; attention's output is a list of one in diffusers, which older files leave out."""
    names = (group.module, f"{group.module}_0")
    return next((name for name in names if (group.network, name) in targets), None)


def _fits(group: LowRank, module: nn.Module) -> bool:
    """Tell whether `delta` can be computed, and in the shape of the module's weight."""
    down, up, middle, alpha = (group.tensors.get(role) for role in ("down", "up", "mid", "alpha"))
    if down is None or up is None or down.ndim < 2 or up.ndim < 2 or (alpha is not None and alpha.numel() != 1):
        return False
    shape: torch.Size = module.get_parameter("weight").shape
    rank, inner = down.shape[0], up.flatten(1).shape[1]
    if not rank or up.shape[0] != shape[0] or down.shape[1] != shape[1]:
        return False
    if middle is None:
        return inner == rank and down.shape[2:].numel() == shape[2:].numel()
    return middle.shape[:2] == (inner, rank) and middle.shape[2:] == shape[2:] and down.shape[2:].numel() == 1


@torch.no_grad()
def _add(module: nn.Module, uses: list[tuple[float, LowRank]]) -> None:
    weight = module.get_parameter("weight")
    total = weight.float()
    for strength, group in uses:
        total = total + strength * delta(group, weight.shape).to(total.device)
    weight.copy_(total.to(weight.dtype))


def _read(path: Path, allow_pickle: bool) -> tuple[list[LowRank], list[str]]:
    if path.suffix.lower() != SAFE_SUFFIX:
        if not allow_pickle:
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(path))
        return read_keys(pickled_tensors(path), {})
    metadata = mapping(safetensors_header(path).get(METADATA_KEY))
    try:
        return read_keys(load_file(path), metadata | _peft_settings(path))
    except (SafetensorError, OSError, ValueError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error


def _peft_settings(path: Path) -> dict[str, str]:
    """Return the settings PEFT writes beside its weights, as diffusers writes them into the file."""
    try:
        settings = mapping(json.loads(path.with_name(PEFT_SETTINGS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
    both = {f"{network}.{name}": value for name, value in settings.items() for network in ("unet", "text_encoder")}
    return {ADAPTER_METADATA: json.dumps(both)}


def _misfit(path: Path) -> SketchDeskError:
    sentence = _("The LoRA “{name}” does not fit this model.").format(name=path.name)
    return SketchDeskError(ErrorKind.ADAPTER_MISFIT, sentence, str(path))


def _not_used(path: Path, count: int, total: int) -> str:
    return ngettext(
        "{count} of the {total} tensors of the LoRA “{name}” fits nothing in this model and was not used.",
        "{count} of the {total} tensors of the LoRA “{name}” fit nothing in this model and were not used.",
        count,
    ).format(count=count, total=total, name=path.name)
