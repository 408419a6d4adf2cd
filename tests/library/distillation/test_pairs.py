"""Pairs on disk: bit for bit what was written, in one order, of one teacher, and damage is no pair."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.distillation.pairs import SHARDS, TABLE, Pair, PairSet, Teacher, begin, open_pairs, write_shard

SHAPE = (4, 2, 3)
TEACHER = Teacher(
    model="demo-base", model_hash="0" * 64, sampler="ddim", num_inference_steps=5, guidance_scale=3.0, width=24,
    height=16, shape=SHAPE,
)  # fmt: skip
PAIRS = [Pair("a dog", 3), Pair("a cat", 4), Pair("a dog", 9, held_out=True), Pair("a bear", 10, held_out=True)]


def numbers(pairs: list[Pair], salt: int = 0) -> np.ndarray:
    return np.stack([np.random.default_rng(pair.seed + salt).standard_normal(SHAPE, np.float32) for pair in pairs])


def filled(folder: Path, *shards: list[Pair]) -> PairSet:
    begin(folder, TEACHER)
    for pairs in shards:
        write_shard(folder, pairs, numbers(pairs), numbers(pairs, 1000), "fp32")
    return open_pairs(folder)


def test_what_was_written_is_there_by_any_index(tmp_path):
    pairs = filled(tmp_path, PAIRS[:3], PAIRS[3:])
    assert pairs.captions(range(4)) == ["a dog", "a cat", "a dog", "a bear"]
    assert pairs.seeds([3, 0]) == [10, 3]
    assert pairs.noise([3, 0]).dtype == pairs.latents([3, 0]).dtype == np.float32
    assert np.array_equal(pairs.noise([3, 0]), numbers([PAIRS[3], PAIRS[0]]))
    assert np.array_equal(pairs.latents([2]), numbers([PAIRS[2]], 1000).astype(np.float16).astype(np.float32))
    assert pairs.teacher == TEACHER


def test_what_is_held_out_is_told_apart_and_so_is_what_is_unseen(tmp_path):
    pairs = filled(tmp_path, PAIRS)
    assert pairs.train.tolist() == [0, 1]
    assert pairs.held_out.tolist() == [2, 3]
    assert pairs.captions(pairs.unseen) == ["a bear"]


def test_how_the_pairs_lie_in_shards_changes_nothing(tmp_path):
    one, other = filled(tmp_path / "one", PAIRS), filled(tmp_path / "other", PAIRS[2:], PAIRS[1:2], PAIRS[:1])
    assert one.pairs == other.pairs
    assert np.array_equal(one.noise(range(4)), other.noise(range(4)))
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != filled(tmp_path / "third", PAIRS[:3]).fingerprint


def test_those_that_are_wanted_come_in_the_order_they_are_wanted_in(tmp_path):
    filled(tmp_path, PAIRS)
    pairs = open_pairs(tmp_path, [PAIRS[1], Pair("not drawn", 1), PAIRS[0]])
    assert pairs.captions(range(2)) == ["a cat", "a dog"]
    assert np.array_equal(pairs.noise([0, 1]), numbers([PAIRS[1], PAIRS[0]]))


@pytest.mark.parametrize("verified", [False, True])
def test_a_shard_that_was_cut_short_holds_no_pairs(tmp_path, verified):
    filled(tmp_path, PAIRS[:1])
    shard = next(tmp_path.glob(SHARDS))
    filled(tmp_path, PAIRS[1:])
    shard.write_bytes(shard.read_bytes()[:-10])
    assert open_pairs(tmp_path, verified=verified).seeds(range(3)) == [4, 9, 10]


def test_a_shard_with_a_bit_that_turned_is_found_by_its_sum(tmp_path):
    filled(tmp_path, PAIRS)
    shard = next(tmp_path.glob(SHARDS))
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    assert len(open_pairs(tmp_path, verified=True)) == 0


@pytest.mark.parametrize("content", [b"", b"nonsense that is no shard at all", b"\x02\0\0\0\0\0\0\0{}"])
def test_another_file_in_the_folder_is_passed_over(tmp_path, content):
    filled(tmp_path, PAIRS)
    (tmp_path / SHARDS.replace("*", "other")).write_bytes(content)
    assert len(open_pairs(tmp_path)) == 4


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_hash": "1" * 64}, "teacher"), ({"sampler": "heun"}, "sampler: ddim, now heun"),
        ({"num_inference_steps": 6}, "steps: 5, now 6"), ({"guidance_scale": 1.5}, "guidance: 3, now 1.5"),
        ({"loras": (LoraUse(path="x"),), "lora_hashes": ("2" * 64,)}, "LoRAs"),
        ({"width": 32}, "size: 24 × 16, now 32"),
    ],
)  # fmt: skip
def test_pairs_of_another_teacher_are_never_mixed_in(tmp_path, change, told):
    filled(tmp_path, PAIRS)
    with pytest.raises(SketchDeskError) as caught:
        begin(tmp_path, msgspec.structs.replace(TEACHER, **change))
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert told in caught.value.message
    assert open_pairs(tmp_path).teacher == TEACHER


def test_a_teacher_that_only_moved_is_the_same(tmp_path):
    filled(tmp_path, PAIRS)
    begin(tmp_path, msgspec.structs.replace(TEACHER, model="/elsewhere/demo-base"))


def test_a_folder_without_pairs_says_so(tmp_path):
    with pytest.raises(SketchDeskError, match="no pairs"):
        open_pairs(tmp_path)


def test_a_teacher_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "teacher.json").write_text("{")
    with pytest.raises(SketchDeskError) as caught:
        open_pairs(tmp_path)
    assert "cannot be read" in caught.value.message


def test_the_table_says_where_every_pair_lies(tmp_path):
    filled(tmp_path, PAIRS).write_table()
    lines = [msgspec.json.decode(line) for line in (tmp_path / TABLE).read_bytes().splitlines()]
    assert [line["caption"] for line in lines] == ["a dog", "a cat", "a dog", "a bear"]
    assert lines[2] == {
        "caption": "a dog", "seed": 9, "held_out": True, "shard": next(tmp_path.glob(SHARDS)).name, "row": 2,
    }  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts the process's open files")
def test_files_are_open_only_while_they_are_read(tmp_path):
    """100,000 pairs lie in more files than a process may have open."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    pairs = filled(tmp_path, *([Pair("a dog", 100 + number)] for number in range(20)))
    kept = [pairs.noise([number]) for number in range(20)] + [pairs.latents(range(20))]
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2
    assert np.array_equal(kept[7], numbers([Pair("a dog", 107)]))


def test_a_shard_that_was_removed_meanwhile_is_told(tmp_path):
    pairs = filled(tmp_path, PAIRS)
    next(tmp_path.glob(SHARDS)).unlink()
    with pytest.raises(OSError, match="pairs-"):
        pairs.noise([0])
