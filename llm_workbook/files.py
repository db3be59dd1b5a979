"""Files that are verified before they are used, and folders that are made once however many notebooks ask for them."""

import hashlib
from collections.abc import Callable
from pathlib import Path


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
