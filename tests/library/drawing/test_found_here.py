"""What another program's picture was made with is found among the files here, by checksum before name."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from safetensors.numpy import save_file

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.drawing.found_here import found_here
from sketchdesk.library.drawing.remake import job_of
from sketchdesk.library.images.infotext import read_infotext
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.notes import model_hash
from sketchdesk.library.paths import models_dir

MODEL, LORA = "model.diffusion_model.out.weight", "unet.down.lora_A.weight"
A1111 = "a castle <lora:ink:0.8>\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: v1-5"


def weights(name: str, tensor: str = MODEL, value: float = 0.0) -> Path:
    path = models_dir() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({tensor: np.full(3, value, np.float32)}, path)
    return path


def record(text: str = A1111) -> ImageRecord:
    found = read_infotext(text, 512, 512)
    assert found is not None
    return found


def test_the_model_and_lora_of_an_a1111_picture_are_the_files_of_these_names() -> None:
    model, lora = weights("v1-5.safetensors"), weights("Ink.safetensors", LORA)
    here = found_here(record())
    assert here.model == str(model)
    assert here.loras == (LoraUse(path=str(lora), weight=0.8),)
    assert job_of(record(), Path("out")).model == str(model)


def test_a_file_of_the_same_checksum_goes_before_one_of_the_same_name() -> None:
    named, same = weights("v1-5.safetensors"), weights("renamed.safetensors", value=1.0)
    with_hash = A1111 + f", Model hash: {model_hash(same)[:10]}"
    assert found_here(record(with_hash)).model == str(same)
    same.unlink()
    assert found_here(record(with_hash)).model == str(named)  # nothing is known of its checksum
    model_hash(named)
    assert found_here(record(with_hash)).model == "v1-5"  # it is another one for certain


def test_a_lora_is_no_model_of_the_same_name_nor_the_other_way_round() -> None:
    lora = weights("v1-5.safetensors", LORA)
    (models_dir() / "ink").mkdir()
    (models_dir() / "ink" / "model_index.json").write_text("{}")
    ink = weights("ink.safetensors", LORA)
    here = found_here(record())
    assert here.model == "v1-5"
    assert here.loras[0].path == str(ink)
    assert lora.is_file()


def test_comfyuis_file_names_in_folders_are_found_and_another_hub_id_is_not() -> None:
    model = weights("v1-5.safetensors")
    named = msgspec.structs.replace(record(), loras=(), model="sd15\\v1-5.safetensors")
    assert found_here(named).model == str(model)
    assert found_here(msgspec.structs.replace(named, model="somebody/v1-5")).model == "somebody/v1-5"
