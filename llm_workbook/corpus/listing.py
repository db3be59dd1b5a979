"""The files of a folder, without leaving it: links are not followed, and what is left out is named."""

import os
import sys
from pathlib import Path, PurePath
from stat import S_ISLNK, S_ISREG

OF_SYSTEMS = (".ds_store", "thumbs.db", "desktop.ini")  # put there by a system, not by a person: no word about them


def listed(root: Path) -> tuple[list[Path], list[tuple[str, str]]]:
    """(the files of a folder and its sub-folders, (name, reason) of what is left out), in the order of their names."""
    files: list[Path] = []
    left_out: dict[Path, str] = {}

    def unreadable(error: OSError) -> None:
        left_out[Path(error.filename)] = f"unreadable folder: {error.strerror}"

    for folder, folders, names in os.walk(root, onerror=unreadable):
        reasons = {name: _reason(Path(folder, name)) for name in (*folders, *names)}
        left_out |= {Path(folder, name): reason for name, reason in reasons.items() if reason}
        folders[:] = [name for name in folders if reasons[name] is None]
        files += [Path(folder, name) for name in names if reasons[name] is None]
    return sorted(files), sorted((printable(path.relative_to(root)), reason) for path, reason in left_out.items())


def printable(name: str | PurePath) -> str:
    """A name that can be printed and stored anywhere: what is no text in it (bytes that are not UTF-8, control
    characters) becomes an escape.

    >>> printable("caf\\udce9\\n.txt")
    'caf\\\\udce9\\\\n.txt'
    """
    text = name.as_posix() if isinstance(name, PurePath) else name
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _reason(path: Path) -> str | None:
    """Why a file or folder is left out; "" without a word, None when it is not."""
    name = path.name
    if name.lower() in OF_SYSTEMS or name.startswith(("~$", "._")):
        return ""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return f"unreadable: {error.strerror}"
    if S_ISLNK(mode) or (sys.version_info >= (3, 12) and os.path.isjunction(path)):
        return "a link: links are not followed; put a copy into the folder"
    if name.startswith("."):
        return "hidden: its name begins with a dot"
    return None if S_ISREG(mode) or path.is_dir() else "neither a file nor a folder"
