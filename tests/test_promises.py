"""Every badge, link, command and parameter that README, CONTRIBUTING and the labs name is one of this tree."""

import argparse
import functools
import importlib.util
import re
import runpy
import shlex
import subprocess
import sys
import urllib.parse
from pathlib import Path

import nbformat
import pytest
import yaml

import workbook
from tools.build_labs import PARAMETERS
from tools.colab import ADDRESS, REPOSITORY

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data" / "README.md"]
NOTEBOOKS = [
    path
    for folder in ("labs", "solutions")
    for path in sorted((ROOT / folder).rglob("*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts  # JupyterLab's copies of what was open
]
WORKFLOW = ROOT / ".github" / "workflows" / "test.yml"
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|(?:src|href)=\"([^\"]+)\"")
OURS = r"(?:\S*workbook\.py|(?:\S*/)?tools/\w+\.py|-m (?:llm_workbook|pytest)\S*)"
COMMAND = re.compile(rf"(?:^|[\s`(])(?:\S*python[\d.]*)[ ]+({OURS}[^\n`#;|]*)")
HOSTED = r"https://(?:colab\.research\.google\.com/github|github\.com)/([^/]+/[^/]+?)(?:\.git)?(?:/blob/main/(.+))?$"
BINDER = r"https://mybinder\.org/v2/gh/([^/]+/[^/]+)/main(?:\?labpath=(.+))?$"
MADE_LATER = (".venv", ".cache", "results")


@functools.cache
def text(path: Path) -> str:
    """A page, or the text cells of a notebook and the comments in its code."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells)


def prose(path: Path) -> str:
    if path.suffix != ".ipynb":
        return text(path)
    return "\n\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")


def problems_of_links(page: str, at: Path, root: Path = ROOT) -> list[str]:
    """What is wrong with the links of a page that lies in the folder `at`."""
    found = (one or other for one, other in LINK.findall(page))
    return [f"{target}: {problem}" for target in found if (problem := problem_of(target, page, at, root))]


def problem_of(target: str, page: str, at: Path, root: Path) -> str:
    if target.startswith("#"):
        return "" if urllib.parse.unquote(target[1:]) in anchors(page) else "no such heading"
    if ours := re.match(HOSTED, target) or re.match(BINDER, target):
        return problem_of_address(ours[1], ours[2], root)
    if "colab.research.google.com/github" in target or "mybinder.org/v2" in target:
        return "no badge of the known form"
    if re.match(r"[a-z]+:", target):
        return ""  # another place: not looked at without network
    path, _, anchor = target.partition("#")
    there = at / urllib.parse.unquote(path)
    if not there.exists() or root not in there.resolve().parents:
        return "no such file"
    return "" if not anchor or anchor in anchors(text(there)) else "no such heading"


def problem_of_address(repository: str, path: str | None, root: Path) -> str:
    if repository != REPOSITORY:
        return "" if path is None else f"another repository than {REPOSITORY}"
    return "" if path is None or (root / urllib.parse.unquote(path)).is_file() else "no such file"


def anchors(page: str) -> set[str]:
    """The anchors that GitHub makes of the headings of a page."""
    heads = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head) for head in re.findall(r"(?m)^#{1,6} (.+?)\s*$", page))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


class Parsed(BaseException):
    """The command line was understood; nothing was run."""


def problem_of_command(command: str, monkeypatch) -> str:
    """What is wrong with a command of ours, "" when its own argparse takes it. Nothing is run."""
    words = shlex.split(command.strip().rstrip(".,:)"))
    if words[0] == "-m":
        module = words[1]
        if module == "pytest":
            missing = [word for word in words[2:] if "/" in word and not (ROOT / word.split("::")[0]).exists()]
            return f"no such file: {missing}" if missing else ""
        if importlib.util.find_spec(module) is None:
            return "no such module"
        run = functools.partial(runpy.run_module, module, run_name="__main__")
        return parse(run, module, words[2:], monkeypatch) if module == "llm_workbook" else ""
    script = ROOT / words[0].split("domain-llm-workbook/")[-1]
    if not script.is_file():
        return "no such file"
    if script.name == "workbook.py":
        return problem_of_workbook(words[1:], monkeypatch)
    source = script.read_text(encoding="utf-8")
    if "argparse" not in source:  # its arguments are names of its functions
        unknown = [word for word in words[1:] if f"def {word}(" not in source]
        return f"{script.name} has no {unknown}" if unknown else ""
    return parse(lambda: runpy.run_path(str(script), run_name="__main__"), script.name, words[1:], monkeypatch)


def problem_of_workbook(words: list[str], monkeypatch) -> str:
    words = ["fetch" if word in ("<command>", "...") else word for word in words]
    try:
        options, more = workbook.parse(words)
    except SystemExit:
        return "workbook.py does not know it"
    return problem_of_command(shlex.join(["tools/run_labs.py", *more]), monkeypatch) if options.command == "run" else ""


def parse(run, name: str, arguments: list[str], monkeypatch) -> str:
    real = argparse.ArgumentParser.parse_args

    def parse_args(parser, given=None, namespace=None):
        real(parser, given, namespace)
        raise Parsed

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
        patch.setattr(sys, "argv", [name, *arguments])
        try:
            run()
        except Parsed:
            return ""
        except SystemExit as left:
            return f"{name} does not know it ({left.code})"
    return f"{name} ran without looking at its arguments"


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=short)
def test_every_link_and_badge_leads_somewhere(path):
    assert problems_of_links(prose(path), path.parent) == []


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=short)
def test_every_command_is_understood(path, monkeypatch):
    found = COMMAND.findall(text(path))
    assert found or path not in PAGES[:2]
    wrong = {command: problem for command in found if (problem := problem_of_command(command, monkeypatch))}
    assert wrong == {}


@pytest.mark.parametrize(
    "broken",
    [
        "[a](labs/9_nothing.ipynb)", "[a](#no-such-heading)", "[a](README.md#no-such-heading)", "![a](docs/none.png)",
        "[a](../../etc/hosts)", '<img src="docs/none.png">',
        f"[a](https://colab.research.google.com/github/{REPOSITORY}/blob/main/labs/0_start.ipynb)",
        f"[a](https://colab.research.google.com/github/{REPOSITORY}/blob/master/labs/0_start_here.ipynb)",
        "[a](https://colab.research.google.com/github/someone/else/blob/main/labs/0_start_here.ipynb)",
        f"[a](https://mybinder.org/v2/gh/{REPOSITORY}/main?labpath=labs%2F0_start.ipynb)",
        "[a](https://mybinder.org/v2/gh/x/y/main?labpath=a)",
    ],
)  # fmt: skip
def test_a_broken_link_is_noticed(broken):
    assert (
        len(problems_of_links(f"# A page\n\n{broken} and [fine](#a-page) and [README](README.md#the-labs)", ROOT)) == 1
    )


@pytest.mark.parametrize(
    "broken",
    [
        "python3 workbook.py labs", "python3 workbook.py fetch --cud", "python workbook.py run --lab 1 --no-such",
        "python tools/build_lab.py", "python tools/build_labs.py --chek", "python -m llm_workbook docter",
        "python -m llm_workbook corpus show --htm_", "python -m llm_workbook.none", "python tools/bench.py answer",
        ".venv/bin/python -m pytest tests/test_none.py", "python3.12 workbook.py",
    ],
)  # fmt: skip
def test_a_broken_command_is_noticed(broken, monkeypatch, capsys):
    (command,) = COMMAND.findall(f"Run `{broken}` now.")
    assert problem_of_command(command, monkeypatch)


@pytest.mark.parametrize("path", PAGES[:2], ids=short)
def test_every_path_in_a_code_span_is_there(path):
    spans = [span for span in re.findall(r"`([^`\n]+)`", text(path)) if re.fullmatch(r"[\w.<>-]+(/[\w.<>-]*)+", span)]
    ours = [span for span in spans if span.split("/")[0] not in MADE_LATER]
    assert ours
    assert [span for span in ours if not any(ROOT.glob(re.sub(r"<\w+>|X_Y", "*", span.rstrip("/"))))] == []


def test_every_parameter_that_is_named_exists():
    page = text(ROOT / "README.md")
    table = page.split("| parameter | values |")[1].split("\n\n")[0]
    assert {*re.findall(r"(?m)^\| `(\w+)` \|", table)} <= {*PARAMETERS}
    for path in PAGES[:2]:
        named = {*re.findall(r"-p ([A-Z_]+)", text(path)), *re.findall(r"`([A-Z_]+) = ", text(path))}
        assert named <= {*PARAMETERS, "NAME"}, path
    capitals = {*re.findall(r"`([A-Z][A-Z_]{3,})(?:=\w+)?`", page)} - {*PARAMETERS}
    sources = [*ROOT.glob("*.py"), *(ROOT / "llm_workbook").rglob("*.py")]
    tracked = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert [name for name in capitals if name not in tracked and not name.startswith("PIP_")] == []


def test_the_repository_has_one_name_in_one_place():
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    written = {".py", ".toml", ".md", ".yml", ".cff", ".txt", ".sh", ""}
    naming = [
        name
        for name in files.splitlines()
        if Path(name).suffix in written
        and (ROOT / name).is_file()
        and REPOSITORY in (ROOT / name).read_text(encoding="utf-8")
    ]
    assert sorted(naming) == ["README.md", "pyproject.toml"]
    assert f"https://github.com/{REPOSITORY}" == ADDRESS
    version = re.search(r"(?m)^version: (\S+)", (ROOT / "CITATION.cff").read_text())[1]
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text()


# ------------------------------------------------------------------ the workflow file


@pytest.fixture(scope="module")
def jobs() -> dict:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]


def runs(job: dict) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_the_workflow_has_the_jobs_that_are_promised(jobs):
    assert jobs["systems"]["strategy"]["matrix"] == {
        "os": ["ubuntu-latest", "macos-latest", "windows-latest"], "python": ["3.11", "3.13"],
    }  # fmt: skip
    assert "--labs 0 1.1" in "\n".join(runs(jobs["systems"])) and "test --fast" in "\n".join(runs(jobs["systems"]))
    assert runs(jobs["everything"]) == ["python3 workbook.py test --torch-index cpu"]
    assert jobs["everything"]["steps"][0]["with"]["fetch-depth"] == 0
    assert any("--all" in command for command in runs(jobs["all-labs-three-ways"]))
    assert not any("constraints" in command for command in runs(jobs["newest-releases"]))
    assert any("tools/colab_like.py" in command for command in runs(jobs["colab-like"]))
    times = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))[True]["schedule"]  # `on` is True in YAML 1.1
    for time in (time["cron"] for time in times):
        assert any(f"github.event.schedule == '{time}'" in job.get("if", "") for job in jobs.values())


def test_every_command_of_the_workflow_is_of_this_tree(jobs, monkeypatch):
    for name, job in jobs.items():
        assert job["timeout-minutes"] <= 180 and job["steps"][0]["uses"].startswith("actions/checkout@"), name
        for command in runs(job):
            plain = re.sub(r"\$\{\{.*?\}\}", "", command)
            ours = COMMAND.findall(plain)
            assert ours or plain.startswith("python -m pip "), command
            assert [
                problem_of_command(one, monkeypatch) for one in ours if problem_of_command(one, monkeypatch)
            ] == [], command
            for file in re.findall(r"-r (\S+)", plain):
                assert (ROOT / file).is_file(), command
    for pattern in re.findall(r"hashFiles\('([^']+)'\)", WORKFLOW.read_text(encoding="utf-8")):
        assert any(ROOT.glob(pattern))
