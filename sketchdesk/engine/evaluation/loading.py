"""Load a scorer's model from a folder, with every failure in the user's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.device import Placement

UNSAFE_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt")
VOCABULARY_FILES = ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model")


def load_model(model_class: Any, folder: Path, placement: Placement) -> Any:
    """Return the model in evaluation mode, on its device, without gradients.

    Only safetensors are read. Raises UNSAFE_WEIGHTS where the folder holds nothing but pickles, MODEL_UNREADABLE for
    any other folder that is not a whole model of this kind.
    """
    files = list(folder.iterdir()) if folder.is_dir() else []
    safe = any(file.suffix == ".safetensors" for file in files)
    if not safe and any(file.suffix in UNSAFE_SUFFIXES for file in files):
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(folder))
    try:
        model, found = model_class.from_pretrained(
            folder, dtype=placement.dtype, use_safetensors=True, local_files_only=True, output_loading_info=True
        )
    except MemoryError:
        raise
    except Exception as error:
        raise _unreadable(folder, error) from error
    if found["missing_keys"]:  # these would be random numbers, and so would every score
        missing = ", ".join(sorted(found["missing_keys"])[:5])
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"weights not in the folder: {missing}")
    return model.to(placement.device).eval().requires_grad_(False)


def load_tokenizer(folder: Path) -> Any:
    """Return the folder's tokenizer. Raises MODEL_UNREADABLE."""
    from transformers import AutoTokenizer

    if not any((folder / name).is_file() for name in VOCABULARY_FILES):
        # transformers would make a tokenizer that knows no word, and every text would mean the same.
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"none of {', '.join(VOCABULARY_FILES)}")
    return load_processor(AutoTokenizer, folder)


def load_processor(processor_class: Any, folder: Path) -> Any:
    """Return what prepares the model's input, with the settings saved in the folder. Raises MODEL_UNREADABLE."""
    try:
        return processor_class.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        raise _unreadable(folder, error) from error


def _unreadable(folder: Path, error: Exception) -> SketchDeskError:
    """Loading raises anything from KeyError to its own classes for a damaged folder: all mean the same here."""
    return SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"{type(error).__name__}: {error}")
