"""Seeds as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.prompts.seeds import MOST_SEEDS, count_of, first_of, joined, parse_seeds, seeds_text


def seeds(text: str) -> list[int]:
    return [seed for run in parse_seeds(text) for seed in run]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", [7]),
        (" 1, 5 ,9 ", [1, 5, 9]),
        ("1 5 9", [1, 5, 9]),
        ("1;2", [1, 2]),
        ("1000–1005", [1000, 1001, 1002, 1003, 1004, 1005]),
        ("3-5, 4-7, 3", [3, 4, 5, 6, 7]),
        ("9, 1-3", [9, 1, 2, 3]),
        ("5...7", [5, 6, 7]),
        (str(2**63 - 1), [2**63 - 1]),
    ],
)
def test_seeds_are_read_in_the_order_written_each_once(text: str, expected: list[int]) -> None:
    assert seeds(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a seed"),
        (" , ", "Write a seed"),
        ("-1", "is not a seed"),
        ("1.5", "is not a seed"),
        ("seven", "seven"),
        ("9-3", "before it begins"),
        ("0-100000", str(MOST_SEEDS)),
        ("0-99999, 200000", str(MOST_SEEDS)),
        (str(2**63), "at most"),
        ("9" * 5000, "at most"),
    ],
)
def test_what_is_no_seed_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(SketchDeskError) as refused:
        parse_seeds(text)
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert words in refused.value.message


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30))
def test_what_is_written_is_read_back(numbers: list[int]) -> None:
    runs = joined(range(number, number + 1) for number in numbers)
    assert [seed for run in runs for seed in run] == list(dict.fromkeys(numbers))
    assert parse_seeds(seeds_text(runs)) == runs


@given(st.lists(st.integers(0, 50), min_size=1, max_size=10), st.integers(1, 40))
def test_as_many_seeds_as_wanted(numbers: list[int], count: int) -> None:
    runs = joined(range(number, number + 1) for number in numbers)
    assert count_of(first_of(runs, count)) == count
    assert next(iter(first_of(runs, count))).start == numbers[0]
