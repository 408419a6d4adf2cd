"""Pickled weights: refused unless asked for; and one that runs code is refused even then, before it does."""

from __future__ import annotations

import pickle
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.pickle_calls import calls_code
from sketchdesk.engine.models.pickles import convert_pickle, pickled_tensors, read_pickle
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.library.models.installed import resolve_model

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
    assert refusal(lambda: pickled_tensors(path)).kind is ErrorKind.MODEL_UNREADABLE


@pytest.fixture(scope="module", params=[True, False], ids=["torch", "torch's old format"])
def checkpoint(request, tmp_path_factory) -> bytes:
    """An honest checkpoint's bytes."""
    path = tmp_path_factory.mktemp("honest") / "x.ckpt"
    layer = torch.nn.Linear(3, 2).double()
    content = {"state_dict": layer.state_dict() | {"half": torch.ones(3).half()}, "global_step": 7, "lr": 0.1}
    torch.save(content, path, _use_new_zipfile_serialization=request.param)
    assert len(pickled_tensors(path)) == 3
    return path.read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """Where hypothesis's files are written, one after the other."""
    return tmp_path_factory.mktemp("fuzz") / "x.ckpt"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_anywhere_is_damaged_and_would_not_run_code(checkpoint, place, share):
    place.write_bytes(checkpoint[: int(len(checkpoint) * share)])
    error = refusal(lambda: pickled_tensors(place))
    assert error.kind is ErrorKind.MODEL_UNREADABLE
    assert "could not be read" in error.message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_file_it_is_read_or_refused(checkpoint, place, data):
    content = bytearray(checkpoint)
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    place.write_bytes(bytes(content))
    with suppress(SketchDeskError):
        assert isinstance(pickled_tensors(place), dict)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_instructions_by_chance_are_read_or_refused(place, content):
    place.write_bytes(b"\x80\x02" + content)
    with suppress(SketchDeskError):
        assert isinstance(pickled_tensors(place), dict)


@pytest.mark.parametrize("protocol", range(6))
def test_a_trap_is_one_in_every_protocol_and_also_when_it_is_cut_behind_the_trap(tmp_path, protocol):
    path = tmp_path / "trap.ckpt"
    content = pickle.dumps({"first": WritesAFile(tmp_path / "written.txt"), "then": list(range(99))}, protocol)
    for size in (len(content), len(content) - 20):
        path.write_bytes(content[:size])
        assert calls_code(path)
        assert refusal(lambda: read_pickle(path)).kind is ErrorKind.CODE_IN_WEIGHTS
    assert not (tmp_path / "written.txt").exists()
