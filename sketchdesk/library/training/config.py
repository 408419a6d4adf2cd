"""A training's settings in a TOML file; see library.config_file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.config_file import DEMO_DATASETS, Values, read_config
from sketchdesk.library.training.recipes import RECIPES, ready_recipe

__all__ = ["DEMO_DATASETS", "REQUIRED", "read_train_job"]

REQUIRED = ("model", "dataset")


RECIPE = "recipe"


def read_train_job(path: Path | None, overrides: Sequence[str], out_dir: Path | None, resume: bool) -> TrainJob:
    """Read a training from CONFIG.toml; arguments and errors are those of read_config.

    The key RECIPE names a ready recipe: what the file leaves out is as that has it.
    """
    return read_config(TrainJob, REQUIRED, path, overrides, out_dir, resume, RECIPE, _ready_made)


def _ready_made(name: object, _values: Values) -> Values:
    """Return the settings of a recipe. Raises ValueError for a name that none has."""
    if (recipe := ready_recipe(str(name))) is None:
        raise ValueError(", ".join(recipe.name for recipe in RECIPES))
    return dict(recipe.values)
