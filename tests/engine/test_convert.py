"""Old kinds of weight files become safetensors, as a job; the source is only read."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from sketchdesk.contracts.events import Event, JobEnded, StageChanged
from sketchdesk.contracts.jobs import ConvertJob
from sketchdesk.engine.models.embeddings import read_embedding
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.session import run_job
from sketchdesk.library.paths import models_dir


def convert(path: Path, name: str = "") -> tuple[JobEnded, list[Event]]:
    said: list[Event] = []
    return run_job(ConvertJob(path=str(path), name=name), Reporter(said.append)), said


def test_a_checkpoint_becomes_a_safetensors_file_and_stays_as_it_is(home, tmp_path):
    path = tmp_path / "old.ckpt"
    torch.save({"state_dict": {"a": torch.ones(2), "b": torch.arange(4)}, "epoch": 3}, path)
    before = path.read_bytes()
    ended, said = convert(path)
    assert ended.state == "done", ended.details
    made = Path(str(ended.result["output"]))
    assert made == models_dir() / "old.safetensors"
    assert {name: tensor.tolist() for name, tensor in load_file(made).items()} == {"a": [1, 1], "b": [0, 1, 2, 3]}
    assert path.read_bytes() == before
    assert [event.stage for event in said if isinstance(event, StageChanged)] == ["reading", "saving"]
    again, _said = convert(path)
    assert Path(str(again.result["output"])) == models_dir() / "old (2).safetensors"


def test_a_learnt_word_of_a1111_can_be_called_afterwards(home, tmp_path):
    path = tmp_path / "my-style.pt"
    torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": torch.ones(2, 8)}, "name": "my-style"}, path)
    ended, _said = convert(path, "style")
    word = read_embedding(Path(str(ended.result["output"])))
    assert word.vectors.shape == (2, 8)
    assert "style" in word.names


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("trap.ckpt", pickle.dumps({"x": print}), "code_in_weights"),
        ("broken.bin", b"PK\3\4 and no more", "model_unreadable"),
        ("model.safetensors", b"", "bad_input"),
    ],
)
def test_what_cannot_be_converted_leaves_nothing(home, tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    ended, _said = convert(tmp_path / name)
    assert (ended.state, ended.kind) == ("failed", kind)
    assert not models_dir().exists() or not list(models_dir().iterdir())


def test_a_file_without_tensors_and_a_name_that_is_a_path_are_refused(home, tmp_path):
    torch.save({"epoch": 3}, tmp_path / "empty.ckpt")
    assert convert(tmp_path / "empty.ckpt")[0].kind == "model_unreadable"
    assert convert(tmp_path / "empty.ckpt", "../elsewhere")[0].kind == "bad_input"
