"""A small disk cache for what models computed: answers and embeddings. Safe for several notebooks at once."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

BUSY_S = 5.0  # how long one call waits for another notebook that is writing
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
TABLE = "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB)"
_failed: set[Path] = set()  # the last call failed: the next one does not wait
_said: set[Path] = set()  # one sentence for each file is enough


def cache_key(**parts: Any) -> str:
    """The sha256 of everything that decides a result.

    >>> cache_key(prompt="a", model="m") == cache_key(model="m", prompt="a")
    True
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


class DiskCache:
    """Keys to bytes in one SQLite file; it never stops a lab.

    Where the file is busy, read-only or refused by the disk, the work goes on without it, with one sentence. Only a
    damaged file is set aside, as `NAME.damaged` or `NAME-2.damaged`; all in it can be computed again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The entries that are there, by key; none when the file cannot be read."""
        wanted = json.dumps(list(keys))  # one value, since SQLite takes only so many
        select = "SELECT key, value FROM entries WHERE key IN (SELECT value FROM json_each(?))"
        return dict(self._try(lambda connection: connection.execute(select, [wanted]).fetchall()) or ())

    def put_many(self, entries: Mapping[str, bytes]) -> None:
        """Store entries. A disk that refuses costs only the cache: the caller has the results."""
        insert = "INSERT OR REPLACE INTO entries VALUES (?, ?)"
        self._try(lambda connection: connection.executemany(insert, entries.items()))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=0.05 if self.path in _failed else BUSY_S)

    def _try(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What `work` returns; None where the file cannot be used. A damaged file is replaced once."""
        for attempt in range(2):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with closing(self._connect()) as connection, connection:
                    connection.execute(TABLE)
                    done = work(connection)
                _failed.discard(self.path)
                return done
            except (sqlite3.Error, OSError) as error:
                if attempt or not _is_damage(error) or not self._set_aside():
                    self._say(f"The cache {self.path} cannot be used ({error}); the work goes on without it.")
                    break
        _failed.add(self.path)
        return None

    def _set_aside(self) -> bool:
        """Move a damaged file away, under a lock; True when another try can succeed."""
        from filelock import FileLock

        try:
            with FileLock(f"{self.path}.lock", timeout=BUSY_S):
                if self._is_damaged():  # another notebook may have been faster
                    aside = next(path for path in map(self._aside, count(1)) if not path.exists())
                    self.path.replace(aside)
                    self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
                    print(f"The cache {self.path} is damaged. It was set aside as {aside.name}, and begins anew.")
            return True
        except (sqlite3.Error, OSError, NotImplementedError):
            return False

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.stem}{f'-{number}' if number > 1 else ''}.damaged")

    def _is_damaged(self) -> bool:
        """The whole file is checked. Raises: sqlite3.Error when it is busy or refused, which is no damage."""
        try:
            with closing(self._connect()) as connection:
                return connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",)
        except sqlite3.Error as error:
            if _is_damage(error):
                return True
            raise

    def _say(self, sentence: str) -> None:
        if self.path not in _said:
            _said.add(self.path)
            print(sentence)


def _is_damage(error: Exception) -> bool:
    """Damage has an error code of its own; the class of the error is shared by locked, full and read-only files."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in DAMAGE
