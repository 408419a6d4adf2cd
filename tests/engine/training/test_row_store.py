"""What was computed once is found again, damage is noticed, and a full disk ends nothing."""

from __future__ import annotations

import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.training.row_store import RowStore, weights_hash


def rows(start: int, count: int, shape: tuple[int, ...] = (2, 3)) -> tuple[list[str], dict[str, torch.Tensor]]:
    values = torch.arange(start, start + count).float().reshape(-1, *[1] * len(shape)).expand(count, *shape)
    return [f"row {n}" for n in range(start, start + count)], {"mean": values, "logvar": -values}


def test_rows_are_found_again_by_name(tmp_path):
    troubles: list = []
    store = RowStore(tmp_path, troubles.append)
    store.add(*rows(0, 5))
    store.add(*rows(5, 2, (4, 4)))  # of another shape, as another bucket's
    assert torch.equal(store["row 3"]["mean"], torch.full((2, 3), 3.0))
    store.flush()
    again = RowStore(tmp_path, troubles.append)
    assert again.names() == {f"row {n}" for n in range(7)}
    assert torch.equal(again["row 6"]["logvar"], torch.full((4, 4), -6.0))
    assert troubles == []


def test_halves_are_kept_bit_for_bit(tmp_path):
    values = torch.randn(3, 8).bfloat16()
    store = RowStore(tmp_path, pytest.fail)
    store.add(["a", "b", "c"], {"states": values})
    store.flush()
    again = RowStore(tmp_path, pytest.fail)
    assert torch.equal(torch.stack([again[name]["states"] for name in "abc"]), values)


def test_a_row_that_is_there_stays_as_it_is(tmp_path):
    store = RowStore(tmp_path, pytest.fail)
    store.add(["a"], {"mean": torch.zeros(1, 2)})
    store.add(["a"], {"mean": torch.ones(1, 2)})
    assert store["a"]["mean"].tolist() == [0, 0]


def test_full_shards_are_written_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("sketchdesk.engine.training.row_store.SHARD_BYTES", 4 * 2 * 6 * 4)  # four rows
    store = RowStore(tmp_path, pytest.fail)
    store.add(*rows(0, 10))
    assert RowStore(tmp_path, pytest.fail).names() == {f"row {n}" for n in range(8)}  # as if killed here
    store.flush()
    assert len(RowStore(tmp_path, pytest.fail).names()) == 10


@pytest.mark.parametrize("damage", ["flipped", "short", "foreign", "empty"])
def test_a_damaged_shard_is_thrown_away_and_told(tmp_path, damage):
    store = RowStore(tmp_path, pytest.fail)
    store.add(*rows(0, 3))
    store.flush()
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes({"flipped": data, "short": data[:-9], "foreign": b"no safetensors", "empty": b""}[damage])
    troubles: list = []
    again = RowStore(tmp_path, troubles.append)
    assert again.names() == frozenset()
    assert troubles == [file]
    assert not file.exists()


def test_rows_that_cannot_be_written_stay_in_memory(tmp_path):
    (tmp_path / "file").write_text("in the way")
    troubles: list = []
    store = RowStore(tmp_path / "file" / "folder", troubles.append)
    store.add(*rows(0, 3))
    store.flush()
    store.add(*rows(3, 3))
    store.flush()
    assert store.names() == {f"row {n}" for n in range(6)}
    assert torch.equal(store["row 1"]["mean"], torch.ones(2, 3))
    assert [trouble.kind for trouble in troubles if isinstance(trouble, SketchDeskError)] == [ErrorKind.NOT_WRITABLE]


def test_weights_are_told_apart_by_every_value_and_name():
    def network(value: float, bias: bool = True) -> torch.nn.Module:
        made = torch.nn.Linear(3, 2, bias=bias)
        with torch.no_grad():
            for parameter in made.parameters():
                parameter.fill_(value)
        return made

    assert weights_hash(network(1)) == weights_hash(network(1))
    assert len({weights_hash(network(1)), weights_hash(network(1.0000001)), weights_hash(network(1, bias=False))}) == 3
    assert weights_hash(network(1)) != weights_hash(network(1).bfloat16())


def test_no_folder_keeps_all_in_memory():
    store = RowStore(None, pytest.fail)
    store.add(*rows(0, 2))
    store.flush()
    assert torch.equal(store["row 1"]["mean"], torch.ones(2, 3))
