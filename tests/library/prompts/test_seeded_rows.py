"""One seed, a list or a range become the rows, the seed and the count of a job."""

from __future__ import annotations

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.library.prompts.seeded_rows import seeded
from sketchdesk.library.prompts.seeds import parse_seeds

A, B = PromptRow(prompt="a"), PromptRow(prompt="b")


def drawn(rows: list[PromptRow], seeds: str, count: int = 1) -> list[tuple[str, int]]:
    """Every picture of the job, as the engine counts them out."""
    prompts, first, each = seeded(rows, parse_seeds(seeds), count)
    return [
        (row.prompt, (first if row.seed is None else row.seed) + n) for row in prompts for n in range(row.count or each)
    ]


def test_one_seed_counts_upwards():
    assert drawn([A, B], "7", 2) == [("a", 7), ("a", 8), ("b", 7), ("b", 8)]


def test_a_range_is_drawn_whole_and_says_the_count():
    assert drawn([A], "1000–1002", 9) == [("a", 1000), ("a", 1001), ("a", 1002)]
    assert len(seeded([A, B], parse_seeds("1000–1002"), 9)[0]) == 2


def test_every_seed_of_a_list_is_drawn_for_every_prompt():
    assert drawn([A, B], "1, 5, 9") == [(row, seed) for row in "ab" for seed in (1, 5, 9)]
    assert drawn([A], "1-2, 9", 4) == [("a", 1), ("a", 2), ("a", 9)]


def test_a_row_keeps_its_own_seed_and_count():
    own = PromptRow(prompt="c", seed=50)
    assert drawn([own], "1, 5, 9") == [("c", 50), ("c", 51), ("c", 52)]
    assert drawn([PromptRow(prompt="c", seed=50, count=1)], "1, 5, 9") == [("c", 50)]
    assert drawn([PromptRow(prompt="c", count=2)], "1, 5, 9") == [("c", 1), ("c", 5)]
    assert drawn([PromptRow(prompt="c", count=5)], "1, 5, 9") == [("c", n) for n in (1, 5, 9, 10, 11)]
