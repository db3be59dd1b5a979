"""One source, three products: learner notebook, complete notebook, and what later labs use.

usage: python tools/build_labs.py [--check]

solutions/**/<lab>.py (jupytext py:percent) is the only text of a lab that is edited by hand. From it come
labs/**/<lab>.ipynb, solutions/**/<lab>.ipynb, llm_workbook/taught/lab_<id>.py, and the lab's row in README.md. --check
builds into a temporary folder and compares.
"""

import argparse
import ast
import hashlib
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

try:
    import jupytext
    import nbformat
    from nbformat import NotebookNode
except ModuleNotFoundError as missing:
    mend = "run it with the project's own Python, .venv/bin/python, which `python3 workbook.py test` makes"
    sys.exit(
        f"tools/build_labs.py needs the package {missing.name}, which {sys.executable} has not: nothing was checked or"
        f" built; {mend}"
    )

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.files import write_whole  # noqa: E402
from tools import lab_figures  # noqa: E402
from tools.colab import REPOSITORY, first_cell  # noqa: E402

PARAMETERS = ("PROFILE", "SEED", "MAX_ITEMS", "MODEL", "RESULTS_DIR", "CORPUS")
TAGS = {"parameters", "solution", "taught", "exercise", "folded"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class BuildError(Exception):
    """A lab's source breaks a rule. The message names file and cell."""


@dataclass(frozen=True)
class Source:
    """One lab's source: where it is, its short name ("1.1"), and its cells."""

    path: Path
    relative: Path
    lab: str
    cells: list[NotebookNode]
    figures: lab_figures.Figures

    @property
    def module(self) -> str:
        return f"lab_{self.lab.replace('.', '_')}"


def build(root: Path, out: Path | None = None) -> list[Path]:
    """Build every lab of `root` into `out` (default: root itself); returns the files written. Raises: BuildError."""
    out = out or root
    sources = [read(path, root) for path in sorted((root / "solutions").rglob("*.py"), key=_order)]
    products: dict[Path, str] = {}
    for source in sources:
        products[Path("labs") / source.relative] = _dump(learner(source))
        products[Path("solutions") / source.relative] = _dump(complete(source, root / "solutions" / source.relative))
        if text := taught(source):
            products[Path("llm_workbook/taught") / f"{source.module}.py"] = text
    if (root / "README.md").exists():
        products[Path("README.md")] = _readme(sources, (root / "README.md").read_text(encoding="utf-8"))
    for stray in strays(root, set(products)):
        (out / stray).unlink(missing_ok=True)
    for path, text in products.items():
        write_whole(out / path, text)
    return list(products)


def read(path: Path, root: Path) -> Source:
    """Read one source and check its rules."""
    relative = path.relative_to(root / "solutions").with_suffix(".ipynb")
    match = re.match(r"(\d+(?:\.\d+)?)_[a-z0-9_]+$", path.stem)
    if not match:
        raise BuildError(f"{path.name}: a lab is named like 1.4_hybrid_retrieval.py or 0_start_here.py")
    cells = jupytext.read(path, fmt="py:percent").cells
    figures = lab_figures.figures_of(cells, lab_figures.read_measured(root).get(match[1]))
    source = Source(path, relative, match[1], cells, figures)
    _check_parameters(source)
    for number, cell in enumerate(cells, start=1):
        if unknown := set(_tags(cell)) - TAGS:
            raise BuildError(
                f"{path.name}, cell {number}: unknown tag {min(unknown)!r}; the tags are {', '.join(sorted(TAGS))}"
            )
        if cell.cell_type == "code":
            _check_marks(cell.source, f"{path.name}, cell {number}")
            _check_compiles(cell.source, f"{path.name}, cell {number}")
            _check_compiles(_stubbed(cell.source), f"{path.name}, cell {number} of the learner notebook")
    lab_figures.fill(cells, figures)
    return source


def _readme(sources: list[Source], text: str) -> str:
    cards = [
        lab_figures.card_of(one.lab, one.cells[0].source, f"labs/{one.relative.as_posix()}", one.figures)
        for one in sources
    ]
    return lab_figures.readme(text, cards)


def _order(path: Path) -> list[int]:
    """The workbook's order of sources: 1.10 comes after 1.9."""
    return [int(part) for part in re.findall(r"\d+", path.stem.split("_")[0])]


def learner(source: Source) -> NotebookNode:
    """The notebook that a learner opens: the set-up for Colab, exercises stubbed, solution cells gone."""
    cells = [cell for cell in source.cells if "solution" not in _tags(cell)]
    return _notebook([first_cell(), *(_cell(cell, _stubbed(cell.source), source) for cell in cells)])


def complete(source: Source, existing: Path) -> NotebookNode:
    """The notebook with everything in it; keeps the outputs of an executed one where the source is the same."""
    outputs = _outputs(existing)
    notebook = _notebook([_cell(cell, _unmarked(cell.source), source) for cell in source.cells])
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id in outputs:
            cell.outputs, cell.execution_count = outputs[cell.id]
    return notebook


def taught(source: Source) -> str:
    """The module of what a learner wrote in this lab; empty when nothing is marked."""
    cells = [cell for cell in source.cells if "taught" in _tags(cell)]
    if not cells:
        return ""
    code = [_unmarked(cell.source).strip() for cell in cells]
    for node in (node for text in code for node in ast.parse(text).body):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and f"Taught in: lab {source.lab}." not in (
            ast.get_docstring(node) or ""
        ):
            raise BuildError(
                f"{source.path.name}: the docstring of {node.name} must say 'Taught in: lab {source.lab}.'"
            )
    path = source.relative.with_suffix(".py").as_posix()
    head = (
        f'"""What a learner wrote in lab {source.lab}. Generated by tools/build_labs.py from solutions/{path}; do not'
        ' edit."""'
    )
    parts = [head, _imports_for(source, code), *code]
    return "\n\n\n".join(part for part in parts if part).replace(head + "\n\n\n", head + "\n\n", 1) + "\n"


def check(root: Path) -> list[str]:
    """What differs between the committed products and fresh ones; empty when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        products = build(root, out)
        wrong = [
            f"{path}: differs from its source" for path in products if _comparable(root, path) != _comparable(out, path)
        ]
    return wrong + [f"{path}: has no source" for path in strays(root, set(products))]


def strays(root: Path, products: set[Path]) -> list[Path]:
    """Generated files that no source makes any more."""
    found = [
        *(root / "labs").rglob("*.ipynb"),
        *(root / "solutions").rglob("*.ipynb"),
        *(root / "llm_workbook/taught").glob("lab_*.py"),
    ]
    relative = [path.relative_to(root) for path in found if ".ipynb_checkpoints" not in path.parts]
    return sorted(path for path in relative if path not in products)


def _check_parameters(source: Source) -> None:
    tagged = [cell for cell in source.cells if "parameters" in _tags(cell)]
    if len(tagged) != 1:
        raise BuildError(f"{source.path.name}: needs one cell tagged 'parameters', but has {len(tagged)}")
    _check_compiles(tagged[0].source, f"{source.path.name}, parameters cell")
    names = []
    for node in ast.parse(tagged[0].source).body:
        if not (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.targets[0], ast.Name)
        ):
            raise BuildError(
                f"{source.path.name}: the parameters cell may hold plain values only, not {ast.unparse(node)!r}"
            )
        names.append(node.targets[0].id)
    if sorted(names) != sorted(PARAMETERS):
        raise BuildError(
            f"{source.path.name}: the parameters must be {', '.join(PARAMETERS)}, but are {', '.join(names)}"
        )


def _check_marks(text: str, where: str) -> None:
    inside = False
    for line in text.splitlines():
        mark = line.strip()
        if re.search("(BEGIN|END) SOLUTION", mark) and mark not in (BEGIN, END):
            raise BuildError(f"{where}: '{mark}' is no mark: write '{BEGIN}' and '{END}' on lines of their own")
        if mark == BEGIN and inside:
            raise BuildError(f"{where}: '{BEGIN}' inside another solution")
        if mark == END and not inside:
            raise BuildError(f"{where}: '{END}' without a beginning")
        inside = mark == BEGIN or (inside and mark != END)
    if inside:
        raise BuildError(f"{where}: '{BEGIN}' without an end")
    if re.search(rf"{BEGIN}\s*{END}", text):
        raise BuildError(f"{where}: an empty solution")


def _check_compiles(text: str, where: str) -> None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise BuildError(f"{where}: line {error.lineno}: {error.msg}") from error


def _stubbed(text: str) -> str:
    """The text with each solution replaced by three dots at its indentation; `name = ...` where it is one
    assignment."""

    def stub(match: re.Match) -> str:
        indent, body = match[1], match[2]
        assignment = re.fullmatch(r"\s*(\w+) = .*", body.strip("\n")) if not indent else None
        return f"{indent}{assignment[1] + ' = ' if assignment else ''}..."

    return re.sub(rf"^([ \t]*){BEGIN}[ \t]*\n(.*?)\n[ \t]*{END}[ \t]*$", stub, text, flags=re.DOTALL | re.MULTILINE)


def _unmarked(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip() not in (BEGIN, END))


def _imports_for(source: Source, code: list[str]) -> str:
    """The lab's own import lines, cut down to the names that the taught code uses."""
    used = {node.id for text in code for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    lines: dict[str, None] = {}
    for cell in (cell for cell in source.cells if cell.cell_type == "code"):
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [name for name in node.names if (name.asname or name.name).split(".")[0] in used]
                if names:
                    kept = (
                        ast.ImportFrom(node.module, names, node.level)
                        if isinstance(node, ast.ImportFrom)
                        else ast.Import(names)
                    )
                    lines[ast.unparse(kept)] = None
    groups: dict[int, list[str]] = {}
    for line in lines:
        top = line.split()[1].split(".")[0]
        groups.setdefault(2 if top == "llm_workbook" else 0 if top in sys.stdlib_module_names else 1, []).append(line)
    return "\n\n".join("\n".join(sorted(groups[key])) for key in sorted(groups))


def _cell(cell: NotebookNode, text: str, source: Source) -> NotebookNode:
    make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    made = make(text.replace("{{badges}}", _badges(source)))
    tags = _tags(cell)
    made.metadata = NotebookNode({"tags": tags} if tags else {})
    if "folded" in tags:  # JupyterLab shows the cell closed; a click opens it
        made.metadata["jupyter"] = NotebookNode({"source_hidden": True})
    return made


def _badges(source: Source) -> str:
    path = f"labs/{source.relative.as_posix()}"
    colab = f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/{path}"
    binder = f"https://mybinder.org/v2/gh/{REPOSITORY}/main?labpath={path.replace('/', '%2F')}"
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({image})]({colab}) [![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    """A notebook with cell ids that depend on nothing but the cells."""
    seen: dict[str, int] = {}
    for cell in cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = f"{digest}-{seen[digest]}"
    return nbformat.v4.new_notebook(cells=cells, metadata=NotebookNode(METADATA))


def _outputs(path: Path) -> dict[str, tuple[list, int | None]]:
    cells = notebook.cells if (notebook := _existing(path)) else ()
    return {cell.id: (cell.outputs, cell.execution_count) for cell in cells if cell.cell_type == "code"}


def _existing(path: Path) -> NotebookNode | None:
    """The notebook at `path`; None when there is none or it is damaged, so that a build replaces it."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError):
        return None
    return notebook


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _dump(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _comparable(root: Path, path: Path) -> bytes | str | None:
    """What --check compares: everything, outputs of solutions excepted; None where there is nothing to compare."""
    if path.parts[0] != "solutions":
        return (root / path).read_bytes() if (root / path).exists() else None
    notebook = _existing(root / path)
    for cell in notebook.cells if notebook else ():
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return _dump(notebook) if notebook else None


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 when a product is not what its source makes"
    )
    try:
        if parser.parse_args().check:
            wrong = check(ROOT)
            print("\n".join(wrong) if wrong else "labs, solutions and taught modules are fresh")
            return 1 if wrong else 0
        print("\n".join(str(path) for path in build(ROOT)))
    except (BuildError, lab_figures.FigureError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
