"""Files that are verified before they are used, written whole or not at all; and the only way from a name to a path."""

import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"}  # by Windows
RESERVED |= {f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³"}
OURS = (".lock", ".new", ".checkpoint", ".damaged")  # endings of what this package keeps beside a file
LONGEST_NAME = 120  # bytes of UTF-8: room for our own endings within the 255 that file systems allow


def child(folder: Path, name: str) -> Path:
    """The path of `name` directly inside `folder`. Whatever a person types becomes a path through this function only.

    Raises: ValueError, with a sentence, for a name that is empty, climbs out of the folder, is hidden, or that some
    system cannot store (separators, reserved names, control characters).

    >>> child(Path("registry"), "top half 7").as_posix()
    'registry/top half 7'
    """
    if problem := _problem(name):
        raise ValueError(f"{name!r} cannot name a file or folder: {problem}. Use letters, digits, spaces and - . _")
    return Path(folder, name)


def sha256(path: Path) -> str:
    """The hash of a file in hexadecimal; "" when it is not there."""
    if not path.is_file():
        return ""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def made_once(folder: Path, is_ready: Callable[[Path], bool], make: Callable[[], None]) -> Path:
    """The folder, after `make` if it was not ready. Two processes that ask at once wait for each other."""
    if not is_ready(folder):
        from filelock import FileLock

        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not is_ready(folder):  # another notebook may have been faster
                make()
    return folder


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write beside, then replace: after a crash or on a full disk the file is the old one or the new one.

    Text is UTF-8, without a change of line ends; half a surrogate pair is written as its escape. Returns the path.
    Raises: OSError; the earlier file is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    beside = path.with_name(f".{path.name[:60]}.{uuid.uuid4().hex[:8]}.new")
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def append_lines(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Add one JSON line for each entry, all or none, under a lock, and wait until the disk has them.

    A line that a crash has cut off earlier is closed first. Raises: OSError; what was there before is untouched.
    """
    from filelock import FileLock

    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    data = text.encode("utf-8", "backslashreplace")  # half a surrogate pair is "\udXXX" in JSON too
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"), open(path, "a+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        whole = file.read(1) in (b"", b"\n")
        left = memoryview(data if whole else b"\n" + data)
        try:
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise


def swap_folder(made: Path, folder: Path) -> None:
    """Put `made` in place of `folder` (same disk): the old one is moved aside, and deleted when the new one stands.

    Raises: OSError; the old folder then stands again.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".aside-", ignore_cleanup_errors=True) as aside:
        old = Path(aside, "old")
        if folder.exists():
            folder.rename(old)
        try:
            made.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise


def copy_whole(source: Path, target: Path) -> Path:
    """Copy a file beside its target, then replace; the two may be on different disks."""
    beside = target.with_name(f".{target.name[:60]}.{uuid.uuid4().hex[:8]}.new")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, beside)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    return target


def _problem(name: object) -> str:
    """What is wrong with a name; empty when it is a good one."""
    if not isinstance(name, str) or not name.strip():
        return "it is empty" if isinstance(name, str) else f"it is of type {type(name).__name__}"
    if bad := sorted({sign for sign in name if sign in '/\\:*?"<>|' or not sign.isprintable()}):
        return f"it contains {bad[0]!r}"
    if name[0] in ". " or name[-1] in ". ":
        return "it begins or ends with a dot or a space"
    if name.split(".")[0].strip().lower() in RESERVED or name.lower().endswith(OURS):
        return "that name is reserved"
    size = len(name.encode("utf-8", "replace"))
    return f"it is {size} bytes long, more than {LONGEST_NAME}" if size > LONGEST_NAME else ""
