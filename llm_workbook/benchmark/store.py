"""The one store of results, of the ledger and the harness: a file of JSON lines, plain or gzipped, only added to."""

import gzip
import io
import json
import math
import os
import platform
import re
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from ..files import append_lines

PACKAGES = ("torch", "transformers", "langchain-core", "chromadb", "sentence-transformers")
GZIP = b"\x1f\x8b"
CPU_INFO = Path("/proc/cpuinfo")


def append(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Add one line for each entry, all or none; values that JSON does not have become those nearest to them (`plain`).

    Raises: OSError; what was there before is untouched.
    """
    append_lines(path, [plain(entry) for entry in entries])


def read_entries(path: Path, shown: bool = False) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line number from 1, entry) for each line; None in place of an entry for a damaged line. No file: nothing.

    shown: texts are made `printable`, else they come back to the letter. Raises: OSError when the file cannot be read.
    """
    if path.exists():
        for number, line in enumerate(content(path).splitlines(), start=1):
            entry = _entry(line)
            yield number, printable(entry) if shown and b"\\ud" in line.lower() else entry


def content(path: Path) -> bytes:
    """The bytes of a file, unzipped if they are zipped; of a damaged archive what can be read."""
    data = path.read_bytes()
    if not data.startswith(GZIP):
        return data
    parts = []
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        try:
            while part := file.read1(1 << 20):
                parts.append(part)
        except (EOFError, OSError, zlib.error):
            parts.append(b"\n(the archive is damaged)")
    return b"".join(parts)


def zipped(content: bytes) -> bytes:
    """The content gzipped; equal for equal content: without a name and a time."""
    target = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=target, mtime=0) as file:
        file.write(content)
    return target.getvalue()


def plain(value: Any) -> Any:
    """`value` as JSON has it: numpy's and pandas' values become plain ones, NaN and infinity null, records mappings.

    What JSON knows nothing of becomes its text, so that a run is never lost for one odd value.

    >>> plain({"a": float("nan"), 2: (1, True), "at": date(2026, 1, 2)})
    {'a': None, '2': [1, True], 'at': '2026-01-02'}
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return _foreign(value)


def printable(value: Any) -> Any:
    """A plain value whose texts can be shown everywhere: half a surrogate pair becomes its escape, two halves a sign.

    >>> printable("30 days " + chr(0xD83D)), printable(chr(0xD83D) + chr(0xDE00)) == chr(0x1F600)
    ('30 days \\\\ud83d', True)
    """
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") if _halves(value) else value
        return whole.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {printable(key): printable(one) for key, one in value.items()}
    return [printable(one) for one in value] if isinstance(value, list) else value


def surroundings() -> dict[str, Any]:
    """When a run was made and with what: created (UTC), versions of the packages that decide results, the machine."""
    found = {package: next(iter(distributions(name=package)), None) for package in PACKAGES}
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **{name: one.version for name, one in found.items() if one}},
        "machine": machine(),
    }


def machine() -> str:
    """This machine in neutral words: cores, processor, whether it computes in bf16, the GPU; no name, user or path."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    known = CPU_INFO.read_text(encoding="utf-8", errors="replace") if CPU_INFO.exists() else ""
    name = re.search(r"^model name\s*:\s*(.+)$", known, re.MULTILINE)
    kind = f"{platform.machine()}{f' ({name[1].strip()})' if name else ''}"
    return ", ".join([f"{cores} cores", kind, *_computing(known)])


def _computing(cpu_info: str) -> list[str]:
    """Whether this machine computes in bf16, and its GPU. Torch takes seconds to import: only if it is loaded."""
    torch = sys.modules.get("torch")
    if torch is None:
        return ["bf16" if re.search("avx512_bf16|amx_tile", cpu_info) else "no bf16"] if cpu_info else []
    from ..models.chat import best_dtype

    dtype, device = best_dtype()
    gpu = [torch.cuda.get_device_name(0)] if device == "cuda" else []
    return ["bf16" if dtype == torch.bfloat16 else "no bf16", *gpu]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _halves(text: str) -> bool:
    return re.search("[\ud800-\udfff]", text) is not None


def _number(value: float) -> int | float | None:
    if isinstance(value, int):
        return int(value)
    return float(value) if math.isfinite(value) else None


def _foreign(value: Any) -> Any:
    """A value of a type that JSON does not have."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "tolist") and type(inner := value.tolist()) is not type(value):  # numpy, torch, pandas
        return plain(inner)
    try:
        return _number(float(value))
    except (TypeError, ValueError, OverflowError):
        return str(value)
