"""Which layers adapters are put on, by the endings of their names."""

from __future__ import annotations

ADAPTER = "default"
"""What PEFT calls the adapter; its tensors have it in their names."""

_ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
_FEED_FORWARD = ("ff.net.0.proj", "ff.net.2")
_CONVOLUTIONS = ("proj_in", "proj_out", "conv1", "conv2", "conv_shortcut", "conv")
"""Of the transformers and the residual blocks; "conv" is that of every halving and doubling."""
_TEXT_ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
_TEXT_ALL = (*_TEXT_ATTENTION, "fc1", "fc2")

TARGETS: dict[str, dict[str, tuple[str, ...]]] = {
    "unet": {
        "attention": _ATTENTION,
        "attention_ff": (*_ATTENTION, *_FEED_FORWARD),
        "all": (*_ATTENTION, *_FEED_FORWARD, *_CONVOLUTIONS),
    },
    "text_encoder": {"attention": _TEXT_ATTENTION, "attention_ff": _TEXT_ALL, "all": _TEXT_ALL},
}
"""By network and TrainJob.lora_targets. The text encoder has no convolutions."""
