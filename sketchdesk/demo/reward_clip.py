"""A second small CLIP for the demo, to be used as a training's reward: it never judges the outcome.

Another shape, other first weights and other pictures than demo-clip's, so that what pleases it by accident does not
please the judge. Trained like it, about a second a step on one core; it does not ship.
"""

from __future__ import annotations

from pathlib import Path

from sketchdesk.demo.clip import RECIPE, SIDE_PX, Build, save, train
from sketchdesk.demo.fit import FitRecipe, Say
from sketchdesk.demo.tokenizer import MAX_TOKENS

REWARD = Build(
    name="demo-reward-clip",
    vision={
        "image_size": SIDE_PX, "patch_size": 16, "hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 3,
        "num_attention_heads": 4, "hidden_act": "gelu",
    },
    text={
        "hidden_size": 160, "intermediate_size": 640, "num_hidden_layers": 2, "num_attention_heads": 4,
        "hidden_act": "gelu", "max_position_embeddings": MAX_TOKENS,
    },
    projection=96,
    seed=2024,
)  # fmt: skip


def build(work: Path, models: Path, say: Say, recipe: FitRecipe = RECIPE) -> Path:
    """Train demo-reward-clip, going on from the newest checkpoint in `work`, and write it into `models`."""
    save(train(work, say, recipe, REWARD), models / REWARD.name)
    return models / REWARD.name
