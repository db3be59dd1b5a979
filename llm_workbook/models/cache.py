"""A small disk cache for what models computed: answers and embeddings. Safe for several notebooks at once."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any


def cache_key(**parts: Any) -> str:
    """The sha256 of everything that decides a result.

    >>> cache_key(prompt="a", model="m") == cache_key(model="m", prompt="a")
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


class DiskCache:
    """Keys to bytes in one SQLite file. A damaged file is set aside; all in it can be made again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._run("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB)")
        except sqlite3.DatabaseError:
            path.replace(path.with_suffix(".damaged"))
            self._run("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB)")

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The entries that are there, by key."""
        wanted = json.dumps(list(keys))  # one value, since SQLite takes only so many
        return dict(self._run("SELECT key, value FROM entries WHERE key IN (SELECT value FROM json_each(?))", [wanted]))

    def put_many(self, entries: Mapping[str, bytes]) -> None:
        """Store entries. A full or read-only disk loses only the cache: the results are still returned to the
        caller."""
        try:
            with closing(self._connect()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", entries.items())
        except sqlite3.OperationalError as error:
            print(f"The cache {self.path} could not be written ({error}); the work goes on without it.")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=60)

    def _run(self, statement: str, values: Iterable[Any] = ()) -> list[tuple]:
        with closing(self._connect()) as connection, connection:
            return connection.execute(statement, tuple(values)).fetchall()
