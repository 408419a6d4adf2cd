"""What a training changes: the networks' own weights, or low-rank adapters on them (LoRA, by PEFT).

Adapters (Hu et al., arXiv 2106.09685): a layer's W x becomes W x + (α / r) B A x, and only A and B are trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn
from transformers import CLIPTextModel

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.training.adapter_targets import ADAPTER, TARGETS

NetworkState = dict[str, Tensor]


class Trained:
    """The networks a job trains, prepared for it, and which of their parameters it changes."""

    def __init__(self, job: TrainJob, model: StableDiffusion, placement: Placement) -> None:
        """Prepare the model's networks; train_conflicts.refuse is asked before."""
        self.adapts = job.lora_rank > 0
        self.lora_facts: Mapping[str, str] = {}
        """What its LoRA's files say beside how it was trained."""
        self.names = ["unet", "text_encoder"] if job.train_text_encoder else ["unet"]
        self.networks: list[nn.Module] = [getattr(model, name) for name in self.names]
        for number, (name, network) in enumerate(zip(self.names, self.networks, strict=True)):
            network.train()
            if self.adapts:
                network.requires_grad_(False).to(placement.dtype)
                _adapt(network, name, job, job.seed + number)
            else:
                network.requires_grad_(True)
                if job.bf16_weights:
                    network.to(torch.bfloat16)
            prepare(network, job, placement)
        self.named = list(self._named())
        self.parameters = [parameter for _name, parameter in self.named]

    def _named(self) -> Iterator[tuple[str, nn.Parameter]]:
        for network in self.networks:
            yield from (pair for pair in network.named_parameters() if pair[1].requires_grad)

    def to_full_precision(self) -> None:
        """Hold what is trained in fp32, for an average that is finer than bf16; adapters are anyway."""
        if not self.adapts:
            for network in self.networks:
                network.float()

    def state_dict(self) -> list[NetworkState]:
        """Return what is trained of each network, by name: its weights with what it counts, or its adapters."""
        if not self.adapts:
            return [network.state_dict() for network in self.networks]
        return [
            {name: parameter.detach() for name, parameter in network.named_parameters() if parameter.requires_grad}
            for network in self.networks
        ]

    def load_state_dict(self, states: list[NetworkState]) -> None:
        """Go back to a saved state. Raises RuntimeError or ValueError where it belongs to other settings."""
        for network, state in zip(self.networks, states, strict=True):
            found = network.load_state_dict(state, strict=not self.adapts)
            wanted = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
            if found.unexpected_keys or wanted - set(state):
                raise ValueError("the checkpoint's adapters are not those of this job")


def prepare(network: nn.Module, job: TrainJob, placement: Placement) -> None:
    """Bring a network to the device, and let gradients through it cost no more memory and time than the job wants."""
    network.to(placement.device)
    if job.gradient_checkpointing:
        _checkpoint_gradients(network)
    if placement.device.type == "cpu":
        _use_plain_attention(network)


def _adapt(network: nn.Module, name: str, job: TrainJob, seed: int) -> None:
    """Add adapters that begin as nothing (B = 0), A drawn by the seed; they are held in fp32."""
    config = LoraConfig(
        r=job.lora_rank,
        lora_alpha=job.lora_alpha or job.lora_rank,
        target_modules=list(TARGETS[name][job.lora_targets]),
        bias="none",
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        inject_adapter_in_model(config, network, adapter_name=ADAPTER)
    for parameter in network.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def _use_plain_attention(network: nn.Module) -> None:
    """Spell attention out: the fused kernel's backward pass is several times slower on CPUs in bf16."""
    if isinstance(network, UNet2DConditionModel):
        network.set_attn_processor(AttnProcessor())
    elif isinstance(network, CLIPTextModel):
        network.set_attn_implementation("eager")


def _checkpoint_gradients(network: nn.Module) -> None:
    """Trade time for memory: recompute activations in the backward pass."""
    enable = getattr(network, "enable_gradient_checkpointing", None) or getattr(
        network, "gradient_checkpointing_enable", None
    )
    if enable:
        enable()
