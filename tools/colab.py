"""The first cell of every learner notebook: on Colab it fetches the workbook; elsewhere it does nothing.

The address and the version of the project are in pyproject.toml alone.
LLM_WORKBOOK_URL names another place to clone from.

It is longer than a lab's cells may be, because on Colab it runs before anything of this project is there: what makes it
safe (a clone of the notebook's version, none left half-done) cannot come from the package. It is shown closed.
"""

import tomllib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

PROJECT = tomllib.loads((Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS, VERSION = PROJECT["urls"]["Repository"], PROJECT["version"]
REPOSITORY = ADDRESS.removeprefix("https://github.com/")  # owner/name
TAG = "colab"  # marks the cell: it belongs to the notebook, not to the lab

SOURCE = """\
# @title Set-up for Colab: run this cell first (about 3 minutes). Elsewhere it does nothing.
import os

if "COLAB_RELEASE_TAG" in os.environ:
    import subprocess
    import sys
    import tempfile
    from pathlib import Path

    address = os.environ.get("LLM_WORKBOOK_URL", "{address}")
    home = Path.cwd() / "{name}"
    if not (home / "workbook.py").exists():
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".clone-") as folder:
            for version in ("v{version}", "main"):
                clone = ["git", "clone", "--quiet", "--depth", "1", "--branch", version, address, f"{{folder}}/new"]
                done = subprocess.run(clone, capture_output=True, text=True)
                if done.returncode == 0:
                    break
                print(f"{{version}} could not be cloned from {{address}}: {{done.stderr.strip()}}")
            else:
                raise SystemExit("The set-up stopped, for the reason above. Then run this cell again.")
            if home.exists():  # a clone that was cut short: it is set aside
                home.rename(f"{{home}}{{Path(folder).name}}")
            Path(folder, "new").rename(home)
    sys.path.insert(0, str(home))
    import workbook

    workbook.colab()
"""


def first_cell() -> NotebookNode:
    """The cell, shown closed in JupyterLab (source_hidden) and on Colab (the form view of its title)."""
    source = SOURCE.format(address=ADDRESS, name=REPOSITORY.split("/")[1], version=VERSION).strip()
    metadata = {"tags": [TAG], "cellView": "form", "jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(source, metadata=metadata)
