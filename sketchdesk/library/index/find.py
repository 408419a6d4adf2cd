"""Finding images in the index: all of them in an order, of which those stay that every filter lets through."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable
from itertools import chain, filterfalse
from typing import Any

import msgspec

from sketchdesk.library.index.query import Query, Sql, between_days, every_id, in_order, leading, narrowing

_ids = msgspec.json.Decoder(list[int])


class Finder:
    """Answers queries over the connection that `db` returns.

    An order of all images is kept until something is written: it takes SQLite longer to sort what a filter leaves, or
    to look each image up, than it takes Python to go through an order and a set.
    """

    def __init__(self, db: Callable[[], sqlite3.Connection]) -> None:
        self._db = db
        self._orders: dict[tuple[str, str], array[int]] = {}
        self._kept_at: tuple[int, int, sqlite3.Connection] | None = None

    def ids(self, query: Query) -> array[int]:
        """Return the ids of all images the query finds, in its order."""
        if stretch := between_days(query):
            first, end = (int(self._one(sql)) for sql in stretch)
            return self._order(query)[first:end]
        if whole := in_order(query):
            return array("q", self._list(whole))
        allowed = self._allowed(query)
        order = self._order(query)
        if allowed is None or len(allowed) == len(order):
            return order[:]
        return array("q", filter(allowed.__contains__, order))

    def count(self, query: Query) -> int:
        """Return how many images the query finds."""
        allowed = self._allowed(query)
        if allowed is not None:
            return len(allowed)
        return int(self._one(Sql("SELECT count(*) FROM images", ())))

    def state(self) -> tuple[int, int, sqlite3.Connection]:
        """Return what changes as others write, what does as this connection does, and the connection."""
        db = self._db()
        return db.execute("PRAGMA data_version").fetchone()[0], db.total_changes, db

    def _allowed(self, query: Query) -> set[int] | None:
        """Return the ids that every filter lets through, or None where nothing narrows."""
        allowed: set[int] | None = None
        for sql in narrowing(query):
            found = self._list(sql)
            allowed = set(found) if allowed is None else allowed.intersection(found)
            if not allowed:
                break
        return allowed

    def _order(self, query: Query) -> array[int]:
        state = self.state()
        if state != self._kept_at:
            self._orders.clear()
            self._kept_at = state
        key = (query.sort, query.score if query.sort == "score" else "")
        if key not in self._orders:
            self._orders[key] = self._all(query)
        return self._orders[key]

    def _all(self, query: Query) -> array[int]:
        first = leading(query)
        if first is None:
            return array("q", self._list(every_id(query.sort)))
        ids = self._list(first)
        count = self.count(Query())
        if query.sort != "tag" and len(ids) == count:
            return array("q", ids)
        found = dict.fromkeys(ids)
        if len(found) == count:
            return array("q", found)
        return array("q", chain(found, filterfalse(found.__contains__, self._order(Query()))))

    def _list(self, sql: Sql) -> list[int]:
        return _ids.decode(self._one(sql))

    def _one(self, sql: Sql) -> Any:
        """Return the one value that a SELECT has."""
        return self._db().execute(sql.text, sql.values).fetchone()[0]
