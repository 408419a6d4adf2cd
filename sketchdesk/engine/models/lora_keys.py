"""The key layouts LoRA files come in, read into one: which module each low-rank pair belongs to.

- kohya: `lora_unet_down_blocks_0_…_to_q.lora_down.weight`, `.lora_up.weight`, `.alpha`, `lora_te_…`; for convolutions
  (LoCon) also `.lora_mid.weight`
- diffusers and PEFT: `unet.down_blocks.0.….to_q.lora_A.weight` and `lora_B`, `text_encoder.text_model.…`
- older diffusers: `….attn1.processor.to_q_lora.down.weight`, `….to_q.lora.down.weight`,
  `….q_proj.lora_linear_layer.up.weight`

Dots and underscores are not told apart, since kohya's names have only the latter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from sketchdesk.library.files.loose import mapping, number

Network = Literal["unet", "text_encoder"]
Role = Literal["down", "up", "mid", "alpha"]

ADAPTER_METADATA = "lora_adapter_metadata"
"""Where diffusers writes PEFT's own settings, in a safetensors file's metadata."""

_ROLES: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"[._](lora_down|lora\.down|lora_A(\.\w+)?|lora_linear_layer\.down)\.weight$"), "down"),
    (re.compile(r"[._](lora_up|lora\.up|lora_B(\.\w+)?|lora_linear_layer\.up)\.weight$"), "up"),
    (re.compile(r"\.lora_mid\.weight$"), "mid"),
    (re.compile(r"\.alpha$"), "alpha"),
)
_PREFIXES: tuple[tuple[str, Network], ...] = (
    ("lora_unet_", "unet"),
    ("lora_te_", "text_encoder"),
    ("lora_te1_", "text_encoder"),
    ("base_model.model.unet.", "unet"),
    ("base_model.model.text_encoder.", "text_encoder"),
    ("base_model.model.text_model.", "text_encoder"),
    ("base_model.model.", "unet"),
    ("unet.", "unet"),
    ("text_encoder.", "text_encoder"),
)


@dataclass
class LowRank:
    """The tensors a file holds for one module, with the keys they came under."""

    network: Network
    module: str
    """The module's name in the file, dots as underscores, without prefixes."""
    tensors: dict[Role, Tensor] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    alpha: float | None = None
    """Of the file's settings, for files that hold no alpha as a tensor."""
    by_root: bool = False
    """Whether alpha is divided by the root of the rank (rsLoRA) and not by the rank."""

    @property
    def is_whole(self) -> bool:
        """Whether there is a pair to multiply."""
        return "down" in self.tensors and "up" in self.tensors

    @property
    def scale(self) -> float:
        """α / r, or 1 where nothing says α."""
        rank = self.tensors["down"].shape[0]
        alpha = float(self.tensors["alpha"]) if "alpha" in self.tensors else self.alpha
        if alpha is None:
            return 1.0
        return alpha / (rank**0.5 if self.by_root else rank)


def read_keys(tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> tuple[list[LowRank], list[str]]:
    """Return a file's low-rank pairs and the keys that belong to none. `metadata` is the safetensors header's."""
    groups: dict[tuple[Network, str], LowRank] = {}
    unknown = []
    for key, tensor in tensors.items():
        place = _place(key)
        if place is None:
            unknown.append(key)
            continue
        network, module, role = place
        group = groups.setdefault((network, module), LowRank(network, module))
        group.tensors[role] = tensor
        group.keys.append(key)
    unknown += [key for group in groups.values() if not group.is_whole for key in group.keys]
    whole = [group for group in groups.values() if group.is_whole]
    _add_settings(whole, metadata)
    return whole, unknown


def flat(name: str) -> str:
    """Return a module's name as both layouts share it: dots as underscores, without the encoder's old wrapper."""
    return name.replace(".", "_").removeprefix("text_model_")


def _place(key: str) -> tuple[Network, str, Role] | None:
    for prefix, network in _PREFIXES:
        if key.startswith(prefix):
            for pattern, role in _ROLES:
                if match := pattern.search(key):
                    return network, flat(key[len(prefix) : match.start()]).replace("_processor_", "_"), role
            return None
    return None


def _add_settings(groups: list[LowRank], metadata: Mapping[str, Any]) -> None:
    """Take α from PEFT's settings where the tensors do not say it."""
    try:
        settings = mapping(json.loads(str(metadata.get(ADAPTER_METADATA, "{}"))))
    except ValueError:
        return
    for group in groups:
        patterns = mapping(settings.get(f"{group.network}.alpha_pattern"))
        own = next((value for name, value in patterns.items() if group.module.endswith(flat(name))), None)
        group.alpha = number(own if own is not None else settings.get(f"{group.network}.lora_alpha"))
        group.by_root = settings.get(f"{group.network}.use_rslora") is True
