"""What is looked for in the gallery, and the SQL that finds it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Sort = Literal["newest", "oldest", "score", "prompt", "seed"]
SqlValue = str | int | float

_ORDERS: dict[Sort, str] = {
    "newest": "mtime_ns DESC, id DESC",
    "oldest": "mtime_ns, id",
    "score": "mtime_ns DESC, id DESC",  # of those that have no score; the others are ordered by it
    "prompt": "prompt, seed, id",
    "seed": "seed IS NULL, seed, prompt, id",
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
    """Return the SELECTs whose rows, one after another, are the ids in the query's order."""
    where = _where(query)
    if query.sort != "score":
        return [Sql(f"SELECT id FROM images{where.text} ORDER BY {_ORDERS[query.sort]}", where.values)]
    among = f" AND image IN (SELECT id FROM images{where.text})" if where.text else ""
    scored = Sql(
        f"SELECT image FROM scores WHERE name = ?{among} ORDER BY value DESC, image DESC", (query.score, *where.values)
    )
    if query.min_score is not None:
        return [scored]
    glue = " AND " if where.text else " WHERE "
    unscored = f"{where.text}{glue}id NOT IN (SELECT image FROM scores WHERE name = ?)"
    order = f"ORDER BY {_ORDERS['score']}"
    return [scored, Sql(f"SELECT id FROM images{unscored} {order}", (*where.values, query.score))]


def signed_seed(seed: int | None) -> int | None:
    """Return a seed as SQLite can hold it: 64 bits with a sign. Other programs draw with larger ones than that."""
    return None if seed is None else (seed + 2**63) % 2**64 - 2**63


def _where(query: Query) -> Sql:
    """Return the WHERE of a query, or nothing where it does not narrow.

    The words are looked up once, as a set; a join lets SQLite look them up again for every image of a model.
    """
    tests: list[tuple[str, tuple[SqlValue, ...]]] = []
    if words := _words(query.text):
        tests.append(("id IN (SELECT rowid FROM prompts WHERE prompts MATCH ?)", (words,)))
    if query.model:
        tests.append(("model = ?", (query.model,)))
    if query.run:
        tests.append(("run = ?", (query.run,)))
    if query.starred:
        tests.append(("starred = 1", ()))
    if query.prompt is not None:
        tests.append(("prompt = ?", (query.prompt,)))
    seed = signed_seed(query.seed)
    if seed is not None:
        tests.append(("seed = ?", (seed,)))
    if query.min_score is not None:
        tests.append((
            "id IN (SELECT image FROM scores WHERE name = ? AND value >= ?)", (query.score, query.min_score)
        ))  # fmt: skip
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
