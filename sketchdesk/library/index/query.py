"""What is looked for in the gallery, and the SQL that finds it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

Sort = Literal["newest", "oldest", "score", "prompt", "seed", "model", "run", "star", "tag"]
SqlValue = str | int | float

_NEWEST = "mtime_ns DESC, id DESC"
_ORDERS: dict[Sort, str] = {
    "newest": _NEWEST,
    "oldest": "mtime_ns, id",
    "prompt": "prompt, seed, mtime_ns DESC, id DESC",
    "seed": "seed IS NULL, seed, prompt, mtime_ns DESC, id DESC",
}
_LEADING: dict[Sort, str] = {
    "score": "SELECT image AS id FROM scores WHERE name = ? ORDER BY value DESC, image DESC",
    "model": f"SELECT id FROM images WHERE model != '' ORDER BY model, {_NEWEST}",
    "run": f"SELECT id FROM images WHERE run != '' ORDER BY run, {_NEWEST}",
    "star": f"SELECT id FROM images WHERE starred = 1 ORDER BY {_NEWEST}",
    "tag": f"SELECT id FROM image_tags JOIN images ON id = image ORDER BY tag, {_NEWEST}",
}
"""Orders of images that have something; those without it follow, newest first."""


class Query(Struct, frozen=True, kw_only=True):
    """Which images to show and in which order. What is left at its default does not narrow."""

    text: str = ""
    """Words that must all stand in the prompt, or begin a word of it; capitals and accents make no difference."""
    model: str = ""
    """A name that ImageIndex.models() gives."""
    run: str = ""
    """A title that ImageIndex.runs() gives."""
    tag: str = ""
    """One that ImageIndex.tags() gives."""
    starred: bool = False
    unsaved: bool = False
    """Only those that were drawn without keeping and wait to be saved."""
    since: str = ""
    """The first day, as 2026-11-22, by this machine's clock: what was made on it or later."""
    until: str = ""
    """The last day."""
    min_score: float | None = None
    """The least value of `score`; an image that was not scored is left out then."""
    score: str = "cosine"
    """The score that `min_score` and the order "score" speak of."""
    prompt: str | None = None
    """Exactly this prompt, as it was typed; capitals make no difference, as they make none to the models."""
    seed: int | None = None
    sort: Sort = "newest"
    """"score" is best first; "prompt" and "seed" are ascending, "model", "run" and "tag" by the alphabet.

    What has no score, model, run, star or tag follows those that have one, newest first. An image of several tags
    stands where its first does.
    """


class Sql(Struct, frozen=True):
    """One SELECT and its values."""

    text: str
    values: tuple[SqlValue, ...]


def every_id(sort: Sort) -> Sql:
    """Return the SELECT of all images in an order other than that of a score. Each order is an index's own.

    All SELECTs here give one JSON list of ids: a row an id would take three times as long.
    """
    return _listed(f"SELECT id FROM images ORDER BY {_ORDERS[sort]}")


def leading(query: Query) -> Sql | None:
    """Return the SELECT of the images that have what the order goes by, and come first; one may come twice.

    None where the order goes by what all images have.
    """
    text = _LEADING.get(query.sort)
    return None if text is None else _listed(text, (query.score,) if query.sort == "score" else ())


def in_order(query: Query) -> Sql | None:
    """Return one SELECT of all that the query finds, in its order, where one index knows both; None elsewhere."""
    tests, values = _tests(query)
    by_time = query.sort in ("newest", "oldest") and query.prompt is None and query.seed is None
    if not tests or not by_time or _elsewhere(query):
        return None
    return _listed(f"SELECT id FROM images WHERE {' AND '.join(tests)} ORDER BY {_ORDERS[query.sort]}", values)


def between_days(query: Query) -> tuple[Sql, Sql] | None:
    """Return the SELECTs of how many images the order has before the query's days, and until their end.

    None for a query that asks for more than days, or orders by more than the time: there its images are no one stretch
    of the order.
    """
    if query.sort not in ("newest", "oldest") or query != Query(sort=query.sort, since=query.since, until=query.until):
        return None
    since_ns, until_ns = _midnight_ns(query.since, 0), _midnight_ns(query.until, 1)
    if since_ns is None and until_ns is None:
        return None
    if query.sort == "newest":
        return _counted("mtime_ns >= ?", until_ns, 0), _counted("mtime_ns >= ?", since_ns)
    return _counted("mtime_ns < ?", since_ns, 0), _counted("mtime_ns < ?", until_ns)


def narrowing(query: Query) -> list[Sql]:
    """Return the SELECTs of the images that the query's filters let through, in no order; none where none narrows.

    Each looks in one table, so that SQLite does not look one's images up in another, one by one.
    """
    tests, values = _tests(query)
    found = [_listed(f"SELECT id FROM images WHERE {' AND '.join(tests)}", values)] if tests else []
    return found + _elsewhere(query)


def _tests(query: Query) -> tuple[list[str], tuple[SqlValue, ...]]:
    """Return what the query asks of the images' own table: conditions, and the values for their marks."""
    tests: list[str] = []
    values: list[SqlValue] = []
    for column, value in (("model", query.model), ("run", query.run), ("prompt", query.prompt)):
        if value or (column == "prompt" and value is not None):
            tests.append(f"{column} = ?")
            values.append(value)
    seed = signed_seed(query.seed)
    if seed is not None:
        tests.append("(seed IS NULL) = 0 AND seed = ?")  # as the index has it
        values.append(seed)
    if query.starred:
        tests.append("starred = 1")
    if query.unsaved:
        tests.append("unsaved = 1")
    for test, day, days in ((">=", query.since, 0), ("<", query.until, 1)):
        if (midnight_ns := _midnight_ns(day, days)) is not None:
            tests.append(f"mtime_ns {test} ?")
            values.append(midnight_ns)
    return tests, tuple(values)


def _elsewhere(query: Query) -> list[Sql]:
    """Return the SELECTs of the filters that look in other tables."""
    found = []
    if query.min_score is not None:
        text = "SELECT image AS id FROM scores WHERE name = ? AND value >= ?"
        found.append(_listed(text, (query.score, query.min_score)))
    if query.tag:
        found.append(_listed("SELECT image AS id FROM image_tags WHERE tag = ?", (query.tag,)))
    if words := _words(query.text):
        found.append(_listed("SELECT rowid AS id FROM prompts WHERE prompts MATCH ?", (words,)))
    return found


def signed_seed(seed: int | None) -> int | None:
    """Return a seed as SQLite can hold it: 64 bits with a sign. Other programs draw with larger ones than that."""
    return None if seed is None else (seed + 2**63) % 2**64 - 2**63


def _midnight_ns(day: str, days: int) -> int | None:
    """Return when a day, or so many after it, begins on this machine; None for what is no day."""
    try:
        moment = datetime.combine(date.fromisoformat(day) + timedelta(days=days), datetime.min.time())
        return int(moment.timestamp()) * 10**9
    except (ValueError, OverflowError, OSError):
        return None


def _counted(test: str, bound_ns: int | None, unbound: int | None = None) -> Sql:
    """Return the SELECT of how many images there are by a test of a bound; `unbound`, else all, where there is none."""
    if bound_ns is not None:
        return Sql(f"SELECT count(*) FROM images WHERE {test}", (bound_ns,))
    return Sql("SELECT count(*) FROM images", ()) if unbound is None else Sql("SELECT ?", (unbound,))


def _listed(select: str, values: tuple[SqlValue, ...] = ()) -> Sql:
    # SQLite keeps a subquery's order for an aggregate to which it matters.
    return Sql(f"SELECT json_group_array(id) FROM ({select})", values)


def _words(text: str) -> str:
    """Return the words as FTS5 strings, each the beginning of a word, so that no sign in them is an operator."""
    words = text.replace('"', " ").replace("\0", " ").split()
    return " ".join(f'"{word}"*' for word in words if any(sign.isalnum() for sign in word))
