"""Tensor files of our own are those of the safetensors package, both ways."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from sketchdesk.library.files.tensors import mapped, write_tensors
from sketchdesk.library.models.weights import METADATA_KEY, safetensors_header

TENSORS = {
    "a": np.arange(6, dtype=np.float16).reshape(1, 2, 3), "b": np.linspace(-1, 1, 5, dtype=np.float32),
    "none": np.zeros((0, 4), np.float32),
}  # fmt: skip


def test_what_is_written_is_read_by_the_package(tmp_path):
    write_tensors(tmp_path / "t.safetensors", TENSORS, {"told": "“é”"})
    with safe_open(tmp_path / "t.safetensors", framework="numpy") as file:
        assert file.metadata() == {"told": "“é”"}
        assert set(file.keys()) == set(TENSORS)
        for name, values in TENSORS.items():
            read = file.get_tensor(name)
            assert (read.dtype, read.shape) == (values.dtype, values.shape)
            assert np.array_equal(read, values)


@pytest.mark.parametrize("write", [write_tensors, save_file])
def test_what_either_wrote_is_mapped(tmp_path, write):
    file = tmp_path / "t.safetensors"
    write(*(file, TENSORS) if write is write_tensors else (TENSORS, file), {"told": "x"})
    header = safetensors_header(file)
    assert header.pop(METADATA_KEY) == {"told": "x"}
    for name in ("a", "b"):
        assert np.array_equal(mapped(file, header[name]), TENSORS[name])


def test_another_kind_of_number_is_refused(tmp_path):
    with pytest.raises(KeyError):
        write_tensors(tmp_path / "t.safetensors", {"a": np.zeros(2, np.float64)}, {})
