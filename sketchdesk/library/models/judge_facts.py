"""What the files of a reward's CLIP, and of the decoder it sees through, say of their size; no weight is loaded."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.files.loose import items, mapping, whole
from sketchdesk.library.models.facts import JudgeFacts, ModelFacts, count_parameters, model_facts
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.kind import NETWORK_FILE, read_config
from sketchdesk.library.models.tiny_decoder import find_tiny_decoder


def training_facts(job: TrainJob, path: Path) -> ModelFacts:
    """Return model_facts of a job's model, with its judge where it has a reward; raises as that does."""
    facts = model_facts(path)
    if not job.reward_weight:
        return facts
    return msgspec.structs.replace(facts, judge=judge_facts(path, job.reward_clip))


def judge_facts(model: Path, clip: str) -> JudgeFacts | None:
    """Return what a training of a model's folder or file with this CLIP as its reward loads besides; never raises.

    None where the CLIP is not on this machine or does not say what it is. Reads the disk.
    """
    try:
        folder = locate(clip)
        if folder is None:
            return None
        sees = mapping(read_config(folder / NETWORK_FILE).get("vision_config"))
        side, patch = whole(sees.get("image_size")) or 224, whole(sees.get("patch_size")) or 32
        tiny = find_tiny_decoder(model)
        widths = items(read_config(tiny / NETWORK_FILE).get("decoder_block_out_channels")) if tiny else []
        return JudgeFacts(
            clip_parameters=count_parameters(folder), layers=whole(sees.get("num_hidden_layers")) or 12,
            width=whole(sees.get("hidden_size")) or 768, heads=whole(sees.get("num_attention_heads")) or 12,
            tokens=(side // patch) ** 2 + 1, tiny_parameters=count_parameters(tiny) if tiny else 0,
            tiny_channels=(whole(widths[-1]) if widths else None) or 64,
        )  # fmt: skip
    except (SketchDeskError, OSError):
        return None
