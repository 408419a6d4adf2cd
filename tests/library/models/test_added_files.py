"""LoRAs and learnt words are told apart, and what cannot be used says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, LoraUse
from sketchdesk.library.models.added_files import added_kind, problems_of, why_not_added


def weights(path: Path, *names: str, width: int = 8) -> Path:
    """A safetensors file of small tensors with these names."""
    tensors = {
        name: {"dtype": "F32", "shape": [1, width], "data_offsets": [4 * width * at, 4 * width * (at + 1)]}
        for at, name in enumerate(names)
    }
    header = json.dumps(tensors).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4 * width * len(names)))
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return {
        "lora": weights(tmp_path / "ink.safetensors", "unet.a.lora_A.weight", "unet.a.lora_B.weight"),
        "embedding": weights(tmp_path / "inky.safetensors", "<inky>", width=96),
        "a1111": weights(tmp_path / "word.safetensors", "emb_params"),
        "other": weights(tmp_path / "other.safetensors", "a", "b"),
    }


def test_what_a_file_adds_is_told_by_its_tensors(files, tmp_path):
    assert {name: added_kind(path) for name, path in files.items()} == {
        "lora": "lora", "embedding": "embedding", "a1111": "embedding", "other": None,
    }  # fmt: skip
    (tmp_path / "cut.safetensors").write_bytes(files["lora"].read_bytes()[:-3])
    with pytest.raises(SketchDeskError):
        added_kind(tmp_path / "cut.safetensors")


def test_what_can_be_used_has_no_problem(files, tmp_path):
    assert why_not_added(str(files["lora"]), "lora") == ""
    assert why_not_added(str(files["embedding"]), "embedding") == ""
    assert why_not_added(str(tmp_path), "lora") == ""


def test_what_cannot_be_used_says_why(files, tmp_path):
    cut, pickle = tmp_path / "cut.safetensors", tmp_path / "old.pt"
    cut.write_bytes(b"nothing")
    pickle.write_bytes(b"")
    job = GenerateJob(
        model="m", prompts=(), out_dir="",
        loras=tuple(LoraUse(path=str(path)) for path in (files["lora"], files["a1111"], cut, tmp_path / "gone")),
        embeddings=(str(files["embedding"]), str(files["lora"]), str(pickle)),
    )  # fmt: skip
    found = problems_of(job)
    assert [found.get(lora.path) for lora in job.loras[1:]] == [
        "This file is no LoRA.", "This file is broken or cut short.", "This file is not there any more.",
    ]  # fmt: skip
    assert "old kind" in found[str(pickle)]
    assert str(files["embedding"]) not in found
    assert why_not_added(str(pickle), "embedding", allow_pickle=True) == ""


def test_a_file_that_is_both_asked_for_as_what_it_is_and_as_what_it_is_not_is_told(files):
    name = str(files["lora"])
    job = GenerateJob(model="m", prompts=(), out_dir="", loras=(LoraUse(path=name),), embeddings=(name,))
    assert problems_of(job) == {name: "There are no learnt words in this file."}
