"""Pickled weights: refused unless asked for; and one that runs code is refused even then, before it does."""

from __future__ import annotations

import pickle
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.pickles import convert_pickle, pickled_tensors, read_pickle
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.library.models import resolve_model

CPU = torch.device("cpu")


class WritesAFile:
    """Pickled, it is an instruction to write a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "I was run")


def refusal(act) -> SketchDeskError:
    with pytest.raises(SketchDeskError) as caught:
        act()
    return caught.value


@pytest.fixture(params=["torch", "bare pickle", "torch's old format"])
def trap(request, tmp_path: Path) -> tuple[Path, Path]:
    """A checkpoint that writes a file when it is unpickled, and that file."""
    written, path = tmp_path / "written.txt", tmp_path / "trap.ckpt"
    content = {"state_dict": {"x": torch.ones(2)}, "callbacks": WritesAFile(written)}
    if request.param == "bare pickle":
        path.write_bytes(pickle.dumps({"callbacks": WritesAFile(written)}))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=request.param == "torch")
    return path, written


def test_a_pickle_that_would_run_code_is_refused_and_runs_none(trap):
    path, written = trap
    for act in (
        lambda: read_pickle(path),
        lambda: load_stable_diffusion(path, CPU, torch.float32, allow_pickle=True),
        lambda: convert_pickle(path, path.with_suffix(".safetensors")),
    ):
        error = refusal(act)
        assert error.kind is ErrorKind.CODE_IN_WEIGHTS
        assert "would run code" in error.message
    assert not written.exists()
    assert not path.with_suffix(".safetensors").exists()


def test_the_trap_is_a_real_one(trap):
    path, written = trap
    # A bare pickle is no checkpoint, which torch finds out after it has run.
    with suppress(AttributeError, RuntimeError, TypeError, ValueError):
        torch.load(path, weights_only=False)
    assert written.read_text() == "I was run"


def test_without_being_asked_for_no_pickle_is_read(trap):
    path, written = trap
    assert refusal(lambda: resolve_model(str(path))).kind is ErrorKind.UNSAFE_WEIGHTS
    assert refusal(lambda: load_stable_diffusion(path, CPU, torch.float32)).kind is ErrorKind.UNSAFE_WEIGHTS
    assert not written.exists()


def test_a_checkpoint_of_numbers_loads_when_asked_for(tiny_parts, tmp_path):
    parts = tiny_parts(1)
    path = tmp_path / "model.ckpt"
    torch.save({"state_dict": parts.ldm(), "global_step": 7, "epoch": 1}, path)
    assert resolve_model(str(path), allow_pickle=True) == path
    model = load_stable_diffusion(path, CPU, torch.float32, allow_pickle=True)
    assert torch.equal(model.unet.conv_in.weight, parts.unet.conv_in.weight)

    converted = convert_pickle(path, tmp_path / "model.safetensors")
    again = load_stable_diffusion(converted, CPU, torch.float32)
    assert torch.equal(again.unet.conv_in.weight, parts.unet.conv_in.weight)


def test_a_folder_of_pickles_loads_when_asked_for_and_not_if_one_runs_code(tiny_sd, tmp_path):
    from safetensors.torch import load_file

    copy = tmp_path / "copy"
    shutil.copytree(tiny_sd, copy)
    for part, old, new in (
        ("unet", "diffusion_pytorch_model", "diffusion_pytorch_model"), ("text_encoder", "model", "pytorch_model"),
    ):  # fmt: skip
        torch.save(load_file(copy / part / f"{old}.safetensors"), copy / part / f"{new}.bin")
        (copy / part / f"{old}.safetensors").unlink()
    assert refusal(lambda: load_stable_diffusion(copy, CPU, torch.float32)).kind is ErrorKind.UNSAFE_WEIGHTS
    safe, pickled = load_stable_diffusion(tiny_sd, CPU, torch.float32), load_stable_diffusion(
        resolve_model(str(copy), allow_pickle=True), CPU, torch.float32, allow_pickle=True
    )
    for part in ("unet", "text_encoder"):
        ours, theirs = getattr(pickled, part).state_dict(), getattr(safe, part).state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)

    written = tmp_path / "written.txt"
    torch.save({"x": WritesAFile(written)}, copy / "unet" / "diffusion_pytorch_model.bin")
    error = refusal(lambda: load_stable_diffusion(copy, CPU, torch.float32, allow_pickle=True))
    assert error.kind is ErrorKind.CODE_IN_WEIGHTS
    assert not written.exists()


UNHASHABLE = b"\x80\x02}]K\x01s."  # {[]: 1}


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"PK\x03\x04 cut", pickle.dumps([1, 2]), UNHASHABLE])
def test_other_files_are_unreadable(tmp_path, content):
    path = tmp_path / "x.ckpt"
    path.write_bytes(content)
    assert refusal(lambda: pickled_tensors(path)).kind in (ErrorKind.MODEL_UNREADABLE, ErrorKind.CODE_IN_WEIGHTS)
