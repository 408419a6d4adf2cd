"""What is looked for in the gallery, and the SQL that finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

Sort = Literal["newest", "oldest", "score", "prompt", "seed"]
SqlValue = str | int | float

_ORDERS: dict[Sort, str] = {
    "newest": "mtime_ns DESC, id DESC",
    "oldest": "mtime_ns, id",
    "prompt": "prompt, seed, mtime_ns DESC, id DESC",
    "seed": "seed IS NULL, seed, prompt, mtime_ns DESC, id DESC",
}


class Query(Struct, frozen=True, kw_only=True):
    """Which images to show and in which order. What is left at its default does not narrow."""

    text: str = ""
    """Words that must all stand in the prompt, or begin a word of it; capitals and accents make no difference."""
    model: str = ""
    """A name that ImageIndex.models() gives."""
    run: str = ""
    """A title that ImageIndex.runs() gives."""
    starred: bool = False
    min_score: float | None = None
    """The least value of `score`; an image that was not scored is left out then."""
    score: str = "cosine"
    """The score that `min_score` and the order "score" speak of."""
    prompt: str | None = None
    """Exactly this prompt, as it was typed; capitals make no difference, as they make none to the models."""
    seed: int | None = None
    sort: Sort = "newest"
    """"score" is best first, then what has no score, newest first; "prompt" and "seed" are ascending."""


class Sql(Struct, frozen=True):
    """One SELECT and its values."""

    text: str
    values: tuple[SqlValue, ...]


def count_query(query: Query) -> Sql:
    """Return the SELECT that counts what the query finds."""
    where = _where(query)
    return Sql(f"SELECT count(*) FROM images{where.text}", where.values)


def id_queries(query: Query) -> list[Sql]:
    """Return the SELECTs of all ids, each one JSON list, that one after another are in the query's order.

    A row an id would take three times as long.
    """
    where = _where(query)
    if query.sort != "score":
        return [_listed(f"SELECT id FROM images{where.text} ORDER BY {_ORDERS[query.sort]}", where.values)]
    parts = [_scored(query)]
    if query.min_score is None:
        test = "NOT EXISTS (SELECT 1 FROM scores WHERE image = id AND name = ?)"
        rest = f"{where.text} AND {test}" if where.text else f" WHERE {test}"
        order = _ORDERS["newest"]
        parts.append(_listed(f"SELECT id FROM images{rest} ORDER BY {order}", (*where.values, query.score)))
    return parts


def signed_seed(seed: int | None) -> int | None:
    """Return a seed as SQLite can hold it: 64 bits with a sign. Other programs draw with larger ones than that."""
    return None if seed is None else (seed + 2**63) % 2**64 - 2**63


def _scored(query: Query) -> Sql:
    """Return the SELECT of those that have the score, best first."""
    tests: list[tuple[str, tuple[SqlValue, ...]]] = [("name = ?", (query.score,))]
    if query.min_score is not None:
        tests.append(("value >= ?", (query.min_score,)))
    where = _where(msgspec.structs.replace(query, min_score=None))
    if where.text:
        tests.append((f"image IN (SELECT id FROM images{where.text})", where.values))
    chosen = _all_of(tests)
    return _listed(f"SELECT image AS id FROM scores{chosen.text} ORDER BY value DESC, image DESC", chosen.values)


def _listed(select: str, values: tuple[SqlValue, ...]) -> Sql:
    # SQLite keeps a subquery's order for an aggregate to which it matters.
    return Sql(f"SELECT json_group_array(id) FROM ({select})", values)


def _where(query: Query) -> Sql:
    """Return the WHERE of a query, or nothing where it does not narrow.

    The words are looked up once, as a set; a join lets SQLite look them up again for every image of a model.
    """
    tests: list[tuple[str, tuple[SqlValue, ...]]] = []
    if words := _words(query.text):
        tests.append(("id IN (SELECT rowid FROM prompts WHERE prompts MATCH ?)", (words,)))
    if query.model:
        # A plus keeps SQLite from the model's index where another one narrows more, or has the order already.
        sign = "+" if query.starred or query.sort in {"prompt", "seed"} else ""
        tests.append((f"{sign}model = ?", (query.model,)))
    if query.run:
        tests.append(("run = ?", (query.run,)))
    if query.starred:
        tests.append(("starred = 1", ()))
    if query.prompt is not None:
        tests.append(("prompt = ?", (query.prompt,)))
    seed = signed_seed(query.seed)
    if seed is not None:
        tests.append(("(seed IS NULL) = 0 AND seed = ?", (seed,)))  # as the index has it
    if query.min_score is not None:
        tests.append((
            "id IN (SELECT image FROM scores WHERE name = ? AND value >= ?)", (query.score, query.min_score)
        ))  # fmt: skip
    return _all_of(tests)


def _all_of(tests: Sequence[tuple[str, tuple[SqlValue, ...]]]) -> Sql:
    if not tests:
        return Sql("", ())
    return Sql(
        " WHERE " + " AND ".join(test for test, _values in tests),
        tuple(value for _test, values in tests for value in values),
    )


def _words(text: str) -> str:
    """Return the words as FTS5 strings, each the beginning of a word, so that no sign in them is an operator."""
    words = text.replace('"', " ").replace("\0", " ").split()
    return " ".join(f'"{word}"*' for word in words if any(sign.isalnum() for sign in word))
