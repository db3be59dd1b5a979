"""The helper package stays small, documented, quick to import and free of what runs foreign code."""

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from llm_workbook.settings import ROOT

HEAVY = (
    "torch",
    "transformers",
    "pandas",
    "matplotlib",
    "langchain_core",
    "chromadb",
    "scipy",
    "statsmodels",
    "sentence_transformers",
)
PACKAGE = sorted((ROOT / "llm_workbook").rglob("*.py"))
HELPERS = [path for path in PACKAGE if "taught" not in path.parts and path.name != "exercises.py"]
SCRIPTS = [*sorted((ROOT / "tools").rglob("*.py")), *ROOT.glob("workbook.py")]
LOADERS = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def code_lines(path: Path) -> set[int]:
    """Numbers of the lines that are neither blank nor comment nor docstring."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    lines = {line for token in tokens if token.type not in NO_CODE for line in range(token.start[0], token.end[0] + 1)}
    return lines - {line for node in ast.walk(tree(path)) for line in docstring_lines(node)}


def docstring_lines(node: ast.AST) -> range:
    if not isinstance(node, FUNCTION | ast.ClassDef | ast.Module) or ast.get_docstring(node) is None:
        return range(0)
    return range(node.body[0].lineno, node.body[0].end_lineno + 1)


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, llm_workbook; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


def test_code_lines_leaves_out_blanks_comments_and_docstrings(tmp_path):
    path = tmp_path / "module.py"
    path.write_text('"""One\n\ntwo."""\n\n# why\nx = """a\nb"""  # why\n\n\ndef f():\n    """Three."""\n    return x\n')
    assert code_lines(path) == {6, 7, 10, 12}


LINES = {  # of code, at most: each shared folder; each room without its exercises.py
    "top": 675, "corpus": 1215, "models": 910, "training": 595, "measure": 475, "benchmark": 940, "exercises": 615,
    "show": 470, "regions": 290, "late": 60, "assistant": 335, "feedback": 540, "room": 595,
}  # fmt: skip


def test_the_package_stays_small():
    """Counted by folder, without a list of exceptions."""
    counts: Counter[str] = Counter()
    for path in HELPERS:
        folder, *rest = path.relative_to(ROOT / "llm_workbook").parts
        counts[f"room {rest[0]}" if folder == "labs" and rest[1:] else folder if rest else "top"] += len(
            code_lines(path)
        )
    limits = {folder: LINES[folder.split()[0]] for folder in counts if folder != "labs"}
    assert len(limits) >= len(LINES) and counts["top"] > 100, "new folder? give it a limit"
    assert {folder: count for folder, count in counts.items() if count > limits.get(folder, 0)} == {}


def test_functions_stay_short():
    lengths = {}
    for path in HELPERS:
        lines = code_lines(path)
        for node in (node for node in ast.walk(tree(path)) if isinstance(node, FUNCTION)):
            lengths[f"{short(path)}:{node.name}"] = len(lines & set(range(node.lineno, node.end_lineno + 1)))
    longest = sorted(lengths.items(), key=lambda item: -item[1])[:5]
    assert len(lengths) > 100
    assert np.median(list(lengths.values())) <= 10, longest
    assert np.quantile(list(lengths.values()), 0.9) <= 25, longest


def public(node: ast.Module | ast.ClassDef, prefix: str) -> list[tuple[str, ast.AST]]:
    """(name, node) of every public function, class and method."""
    found = []
    for child in node.body:
        if isinstance(child, FUNCTION | ast.ClassDef) and not child.name.startswith("_"):
            found.append((f"{prefix}.{child.name}", child))
            found += public(child, f"{prefix}.{child.name}") if isinstance(child, ast.ClassDef) else []
    return found


def test_everything_public_is_documented():
    named = [(name, node) for path in PACKAGE for name, node in public(tree(path), short(path))]
    assert len(named) > 80
    assert [name for name, node in named if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", [*PACKAGE, *SCRIPTS], ids=short)
def test_nothing_runs_foreign_code(path):
    imported = {alias.name for node in ast.walk(tree(path)) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} & LOADERS == set()
    assert [
        node.lineno for node in calls(path) if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    ] == []
    keywords = [keyword for node in calls(path) for keyword in node.keywords]
    assert [
        keyword.value.lineno
        for keyword in keywords
        if keyword.arg == "trust_remote_code" and not is_false(keyword.value)
    ] == []
    assert [
        keyword.value.lineno
        for keyword in keywords
        if keyword.arg in ("weights_only", "verify") and is_false(keyword.value)
    ] == []


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
