"""Make the skeleton of a lab that passes every check before anyone edits it; or take it away again.

usage: python tools/new_lab.py 1.3 the_query [--undo]

It writes solutions/<series>/1.3_the_query.py, the room llm_workbook/labs/lab_1_3/ with one exercise, and
tests/labs/lab_1_3/; then the builder makes the notebooks, llm_workbook/taught/lab_1_3.py and the row in README.md.
--undo removes a skeleton that nobody has edited. When something fails on the way, nothing of it stays.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.files import child, write_whole  # noqa: E402
from tools.build_labs import BuildError, build  # noqa: E402
from tools.lab_figures import FigureError  # noqa: E402

TEMPLATES = Path(__file__).parent / "lab_template"


class LabError(Exception):
    """The skeleton cannot be made or removed. The message says why and what to write instead."""


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Command line; returns the exit code. root: the project that gets the lab."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", help="series and lab, such as 1.3")
    parser.add_argument("name", help="of the file, such as the_query")
    parser.add_argument("--undo", action="store_true", help="remove the skeleton again, if it is as it was made")
    options = parser.parse_args(arguments)
    try:
        files = skeleton(options.number, options.name, root)
        if options.undo:
            remove(files, root)
            print(f"lab {options.number} is gone")
        else:
            make(files, root, options.number)
            print("\n".join([*(path.relative_to(root).as_posix() for path in files), "README.md and the notebooks"]))
    except (LabError, BuildError, FigureError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def skeleton(number: str, name: str, root: Path) -> dict[Path, str]:
    """path -> text of each file that is written by hand. Raises: LabError for a bad number, name or series."""
    if not re.fullmatch(r"[1-9]\d?\.[1-9]\d?", number):
        raise LabError(f"{number!r} is no number of a lab: write series and lab with a dot between, such as 1.3")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise LabError(f"{name!r} is no name of a lab: write small letters, digits and single _, such as the_query")
    module = f"lab_{number.replace('.', '_')}"
    values = {"{number}": number, "{module}": module, "{title}": name.replace("_", " ").capitalize()}
    try:
        room, tests = child(root / "llm_workbook" / "labs", module), child(root / "tests" / "labs", module)
        places = {
            child(_series(number, root), f"{number}_{name}.py"): "source",
            room / "__init__.py": "room",
            room / "exercises.py": "exercises",
            tests / f"test_{module}.py": "test",
        }
    except ValueError as error:
        raise LabError(str(error)) from None
    return {path: _filled(TEMPLATES / f"{template}.txt", values) for path, template in places.items()}


def make(files: dict[Path, str], root: Path, number: str) -> None:
    """Write the files and build, all or nothing. Raises: LabError for a lab that exists; what the builder raises."""
    stem = number.replace(".", "_")
    here = [*(root / "solutions").rglob(f"{number}_*.py"), *(root / "labs").rglob(f"{number}_*.ipynb")]
    here += [path for path in (*(path.parent for path in files), root / "llm_workbook" / "taught" / f"lab_{stem}.py")
             if path.name == f"lab_{stem}" and path.exists()]  # fmt: skip
    if here:
        raise LabError(f"lab {number} exists: {here[0].relative_to(root).as_posix()}. Choose another number")
    with _all_or_nothing(files, root):
        for path, text in files.items():
            write_whole(path, text)
        build(root)


def remove(files: dict[Path, str], root: Path) -> None:
    """Remove an unedited skeleton and what was built from it. Raises: LabError when one of its files is not as made."""
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            what = "was edited" if path.exists() else "is not there"
            raise LabError(f"{path.relative_to(root).as_posix()} {what}, so nothing was removed: use git rm")
    _delete(files)
    build(root)


@contextmanager
def _all_or_nothing(files: Iterable[Path], root: Path):
    """After an exception, or Ctrl-C, the project is as it was before."""
    readme = root / "README.md"
    before = readme.read_bytes() if readme.exists() else None
    try:
        yield
    except BaseException:
        _delete(files)
        if before is not None:
            write_whole(readme, before)
        build(root)  # removes the products that have no source any more
        raise


def _delete(files: Iterable[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
        folder = path.parent
        for made in folder.glob("__pycache__/*") if folder.exists() else ():
            made.unlink()
        for empty in (folder / "__pycache__", folder):
            if empty.exists() and not any(empty.iterdir()):
                empty.rmdir()


def _series(number: str, root: Path) -> Path:
    """The folder of a series, solutions/1_rag. Raises: LabError when there is none."""
    folders = sorted(path for path in (root / "solutions").glob("[1-9]*_*") if path.is_dir())
    for folder in folders:
        if folder.name.split("_")[0] == number.split(".")[0]:
            return folder
    known = ", ".join(folder.name for folder in folders)
    raise LabError(f"there is no series {number.split('.')[0]}: solutions/ has {known}. Make its folder there first")


def _filled(template: Path, values: dict[str, str]) -> str:
    """The template with its values. Marks for the builder, such as {{minutes}}, stay."""
    text = template.read_text(encoding="utf-8")
    for mark, value in values.items():
        text = re.sub(rf"(?<!\{{){re.escape(mark)}(?!\}})", value, text)
    return text


if __name__ == "__main__":
    sys.exit(main())
