"""Run lab 0 as Colab would: the notebook alone in an empty folder, its first cell sets everything up.

usage: python tools/colab_like.py WORK [--python python3.13] [--torch-index URL]

WORK, a new folder, gets an environment with the versions that Colab shipped (tools/colab_like.txt), a copy of this
repository to clone from (what is committed), and `content`, where the notebook runs in the profile smoke. Then
it is checked that no error came, that no package which Colab ships in an admitted version has moved, and that
JupyterLab was not installed. Exit code: 0 all well, 1 not.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from tools.colab import VERSION  # noqa: E402
from workbook import NEVER_MOVED  # noqa: E402

NOTEBOOK = ROOT / "labs" / "0_start_here.ipynb"
RUN = """
import json, nbformat, sys
from nbclient import NotebookClient
notebook = nbformat.read("0_start_here.ipynb", 4)
for cell in notebook.cells:
    if "parameters" in cell.metadata.get("tags", ()):
        cell.source += '\\nPROFILE = "smoke"'
try:
    NotebookClient(notebook, timeout=3600, kernel_name="python3").execute()
finally:
    nbformat.write(notebook, "executed.ipynb")
"""


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--python", default="python3.13", help="the interpreter to make the environment with")
    parser.add_argument("--torch-index", metavar="URL", help="take torch from this package index")
    options = parser.parse_args()
    work = options.work.resolve()
    python = environment(work, options.python, options.torch_index)
    before = freeze(python)
    code = run_notebook(work, python)
    moved = {name: (before[name], now) for name, now in freeze(python).items() if before.get(name, now) != now}
    added = freeze(python).keys() - before.keys()
    print(f"\nadded: {len(added)} packages; moved: {moved or 'none'}")
    print(outputs(work / "content" / "executed.ipynb"))
    wrong = problems(moved, added)
    print("\n".join(wrong) or "as on Colab: all well" if not code else f"the notebook failed ({code})")
    return 1 if code or wrong else 0


def environment(work: Path, python: str, torch_index: str | None) -> str:
    """The Python of an environment with Colab's versions, made when it is not there yet."""
    made = work / "python" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not made.exists():
        subprocess.run([python, "-m", "venv", str(work / "python")], check=True)
    pip = [str(made), "-m", "pip", "install", "--quiet", "--progress-bar", "off"]
    if torch_index:
        subprocess.run([*pip, "--index-url", torch_index, "torch"], check=True)
    subprocess.run([*pip, "-r", str(ROOT / "tools" / "colab_like.txt")], check=True)
    return str(made)


def freeze(python: str) -> dict[str, str]:
    """Name -> version of what the environment contains."""
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True).stdout
    return {one["name"].lower().replace("_", "-"): one["version"] for one in json.loads(listed)}


def run_notebook(work: Path, python: str) -> int:
    """Run the notebook alone in work/content, which is emptied of nothing: it must be new. Returns the exit code."""
    content, origin = work / "content", work / "origin.git"
    content.mkdir()
    (content / NOTEBOOK.name).write_bytes(NOTEBOOK.read_bytes())
    git = ["git", "-c", "advice.detachedHead=false"]
    subprocess.run([*git, "clone", "--quiet", "--bare", f"file://{ROOT}", str(origin)], check=True)
    head = subprocess.run([*git, "-C", str(ROOT), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    for name in ("heads/main", f"tags/v{VERSION}"):
        subprocess.run([*git, "-C", str(origin), "update-ref", f"refs/{name}", head.stdout.strip()], check=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LLM_WORKBOOK"))}
    colab = {"COLAB_RELEASE_TAG": "release-colab-like", "LLM_WORKBOOK_URL": f"file://{origin}"}
    return subprocess.run([python, "-c", RUN], cwd=content, env={**clean, **colab}).returncode


def outputs(executed: Path) -> str:
    """What the cells said, as text; empty when nothing was executed."""
    if not executed.exists():
        return ""
    said = []
    for number, cell in enumerate(json.loads(executed.read_text(encoding="utf-8"))["cells"], start=1):
        for output in cell.get("outputs", ()):
            text = output.get("text") or output.get("data", {}).get("text/plain") or output.get("traceback", "")
            said.append(f"[{number}] " + "".join(text)[:700])
    return "\n".join(said)


def problems(moved: dict[str, tuple[str, str]], added: set[str]) -> list[str]:
    """Sentences about what the set-up must not do to Colab's packages."""
    admitted = {line.split("==")[0] for line in (ROOT / "tools" / "colab_like.txt").read_text().splitlines()}
    needed = {line.split(">")[0].split("[")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()}
    kept = (admitted & needed) | set(NEVER_MOVED)
    wrong = [f"{name} moved from {old} to {new}" for name, (old, new) in moved.items() if name in kept]
    return wrong + [f"{name} was installed: it replaces Colab's client" for name in added & {"jupyterlab", "notebook"}]


if __name__ == "__main__":
    sys.exit(main())
