"""The doctor: a healthy machine is told so, and each thing that can be wrong is named with the line that mends it."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import psutil
import pytest

from llm_workbook import __main__ as command_line
from llm_workbook import doctor as module
from llm_workbook.corpus import load
from llm_workbook.doctor import Diagnosis, doctor
from llm_workbook.models import offline
from llm_workbook.settings import DATA, ROOT

Memory, Disk, Package = namedtuple("Memory", "available"), namedtuple("Disk", "free"), namedtuple("Package", "version")
PLACES = (
    "COLAB_RELEASE_TAG",
    "BINDER_SERVICE_HOST",
    "BINDER_REF_URL",
    "JPY_SESSION_NAME",
    "MEM_LIMIT",
    "HF_HUB_OFFLINE",
)


@pytest.fixture
def healthy(tmp_path, monkeypatch):
    """A machine on which all is well: enough of everything, two small models, the real corpus, the tested packages."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))
    for model in (offline.LLM, offline.EMBEDDER):
        model.folder.mkdir(parents=True)
        (model.folder / "weights").write_bytes(b"0123456789")
        contents = {"weights": {"bytes": 10, "sha256": hashlib.sha256(b"0123456789").hexdigest()}}
        (model.folder / "complete.json").write_text(json.dumps(contents))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(5_000_000_000))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(9_000_000_000))
    project = tmp_path / "project"
    project.mkdir()
    tested = []
    for file in ("requirements.txt", "requirements-lab.txt"):
        shutil.copy(ROOT / file, project)
        tested += [f"{name}=={metadata.version(name)}" for name in module._requirements(file)]
    (project / "constraints.txt").write_text("# the tested set\n-i https://example.org/simple\n" + "\n".join(tested))
    monkeypatch.setattr(module, "ROOT", project)
    load._rows.cache_clear()
    yield tmp_path
    load._rows.cache_clear()


def problems() -> dict[str, tuple[str, str]]:
    """name -> (sentence, mend) of what is not ok; the report as a whole must agree."""
    report = doctor()
    found = {check.name: (check.sentence, check.mend) for check in report.checks if not check.ok}
    assert report.ok == (not found)
    for name, (sentence, mend) in found.items():
        assert mend
        assert "\n" not in mend
        assert f"- ✘ {name}: {sentence}. Mend: {mend}" in str(report)
    return found


def with_version(monkeypatch, package: str, version: str | None) -> None:
    """Let one package seem to have another version, or to be missing."""
    real = metadata.distributions

    def distributions(**wanted):
        return iter([Package(version)] if version else []) if wanted.get("name") == package else real(**wanted)

    monkeypatch.setattr(metadata, "distributions", distributions)


def test_a_healthy_machine_is_ok(healthy):
    assert problems() == {}
    report = doctor()
    assert report.ok
    assert len(report.checks) >= 10
    assert str(report).endswith("Everything is in order.")
    assert "✘" not in str(report) + report._repr_markdown_()
    assert "Mend" not in str(report)


def test_views_are_plain_text_and_markdown(healthy, monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(1_200_000_000))
    report = doctor()
    assert isinstance(report, Diagnosis)
    assert str(report) == repr(report)
    assert "**" not in str(report)
    assert "- ✘ **memory**: 1.2 GB available, but a lab may need 2.0 GB" in report._repr_markdown_()
    assert str(report).endswith("1 problem. Mend from the top, then look again.")


def test_old_python(healthy, monkeypatch):
    monkeypatch.setattr(platform, "python_version", lambda: "3.10.14")
    assert problems() == {"Python": ("3.10.14, but 3.11 or newer is needed", "python3.11 workbook.py fetch")}


def test_python_3_9_is_older_than_3_11(healthy, monkeypatch):
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.1")
    assert [*problems()] == ["Python"]


def test_missing_package(healthy, monkeypatch):
    with_version(monkeypatch, "rouge-score", None)
    sentence, mend = problems()["package rouge-score"]
    assert sentence.startswith("missing")
    assert mend == 'pip install "rouge-score>=0.1.2"'


def test_package_out_of_range_in_the_workbooks_own_environment(healthy, monkeypatch):
    with_version(monkeypatch, "transformers", "4.57.1")
    monkeypatch.setattr(sys, "prefix", str(module.ROOT / ".venv"))
    sentence, mend = problems()["package transformers"]
    assert sentence.startswith("4.57.1, but the labs need transformers")
    assert mend == "python3 workbook.py fetch"


def test_another_version_in_range_is_fine_and_said_in_words(healthy, monkeypatch):
    with_version(monkeypatch, "ipywidgets", "7.7.1")  # as on Colab
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-1")
    assert problems() == {}
    assert f"ipywidgets 7.7.1 (tested: {metadata.version('ipywidgets')})" in str(doctor())


def test_jupyterlab_is_needed_on_a_machine_of_ones_own_but_not_on_colab(healthy, monkeypatch):
    with_version(monkeypatch, "jupyterlab", None)
    assert problems()["package jupyterlab"][1] == 'pip install "jupyterlab<5,>=4.4"'
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-1")
    assert problems() == {}


def test_what_colab_shipped_is_in_range(healthy, monkeypatch):
    """The ranges admit the recorded versions, so that nothing of Colab's is replaced."""
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-1")
    shutil.copy(ROOT / "tools" / "colab_like.txt", module.ROOT)
    shipped = module._requirements("colab_like.txt")
    real = metadata.distributions

    def distributions(**wanted):
        name = wanted.get("name")
        version = str(shipped[name].specifier).strip("=") if name in shipped and name != "torch" else None
        return iter([Package(version)]) if version else real(**wanted)

    assert len(shipped) > 30
    monkeypatch.setattr(metadata, "distributions", distributions)
    assert problems() == {}
    assert "transformers 5.15.0 (tested: " in str(doctor())


def test_a_local_build_of_the_tested_version_is_the_tested_version(healthy, monkeypatch):
    with_version(monkeypatch, "pandas", f"{metadata.version('pandas')}+local")
    assert problems() == {}
    assert "not the version that was tested" not in str(doctor())


def test_little_memory_by_the_limit_of_a_container(healthy, monkeypatch):
    monkeypatch.setenv("MEM_LIMIT", "1073741824")
    assert problems()["memory"][0].startswith("1.1 GB available, but a lab may need 2.0 GB")


def test_little_disk(healthy, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(400_000_000))
    sentence, mend = problems()["disk"]
    assert "0.4 GB free" in sentence
    assert "1.0 GB is needed" in sentence
    assert "LLM_WORKBOOK_CACHE" in mend


def test_a_cache_folder_that_cannot_be_written(healthy, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert "cannot be written" in problems()["disk"][0]


def test_damaged_model(healthy):
    weights = offline.LLM.folder / "weights"
    weights.write_bytes(b"0123456780")
    sentence, mend = problems()[f"model {offline.LLM.name}"]
    assert sentence == "damaged: weights"
    assert mend.endswith(offline.MEND)


def test_missing_model(healthy):
    shutil.rmtree(offline.EMBEDDER.folder)
    assert problems() == {f"model {offline.EMBEDDER.name}": ("not fetched yet", offline.MEND)}


def test_damaged_corpus(healthy, monkeypatch):
    copy = healthy / "corpus"
    shutil.copytree(DATA / "corpus", copy)
    monkeypatch.setattr(load, "FOLDER", copy)
    assert problems() == {}
    load._rows.cache_clear()
    content = bytearray((copy / "facts.jsonl").read_bytes())
    content[100] ^= 1
    (copy / "facts.jsonl").write_bytes(content)
    sentence, mend = problems()["corpus"]
    assert "facts.jsonl" in sentence
    assert "damaged" in sentence
    assert mend == load.MEND


def test_jupyterlab_that_cannot_show_widgets(healthy, monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.1.1" if name == "jupyterlab-widgets" else real(name))
    assert "cannot show" in problems()["widgets"][0]
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-1")  # has a front end of its own
    assert "widgets" not in problems()


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("COLAB_RELEASE_TAG", "Colab"),
        ("BINDER_SERVICE_HOST", "Binder"),
        ("BINDER_REF_URL", "Binder"),
        ("JPY_SESSION_NAME", "JupyterLab"),
    ],
)
def test_the_place_is_recognised(healthy, monkeypatch, variable, name):
    monkeypatch.setenv(variable, "yes")
    assert f"runs in: {name}" in str(doctor())


def test_a_terminal_is_recognised(healthy, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert "runs in: a terminal" in str(doctor())


def test_offline_is_reported(healthy, monkeypatch):
    assert "Hugging Face: may be reached" in str(doctor())
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "Hugging Face: asked to stay offline" in str(doctor())


def test_the_quick_look_at_the_processor_agrees_with_the_loader(healthy, monkeypatch):
    import torch  # noqa: F401

    exact = next(check.sentence for check in doctor().checks if check.name == "processor")
    monkeypatch.delitem(sys.modules, "torch")
    quick = next(check.sentence for check in doctor().checks if check.name == "processor")
    assert "torch" not in sys.modules or not Path("/proc/cpuinfo").exists() or shutil.which("nvidia-smi")
    assert quick == exact


@pytest.mark.parametrize("package", ["psutil", "packaging.requirements"])
def test_a_check_that_cannot_be_made_is_a_problem_and_the_others_go_on(healthy, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)  # import raises
    found = problems()
    assert len(found) == 1
    name, (sentence, mend) = found.popitem()
    assert name == {"psutil": "disk and memory", "packaging.requirements": "packages"}[package]
    assert sentence.startswith("could not be checked (ModuleNotFoundError")
    assert mend == "python3 workbook.py fetch"


def test_no_private_folder_is_shown(healthy, monkeypatch):
    monkeypatch.setenv("HOME", str(healthy))
    monkeypatch.setenv("USERPROFILE", str(healthy))
    (offline.LLM.folder / "weights").write_bytes(b"0123456780")
    (module.ROOT / "constraints.txt").unlink()
    found = problems()
    assert str(healthy) not in str(doctor())
    assert f"~{os.sep}cache" in found[f"model {offline.LLM.name}"][1]
    assert "'constraints.txt'" in found["packages"][0]


def test_the_command_fails_when_something_is_wrong(healthy, monkeypatch, capsys):
    assert command_line.main(["doctor"]) == 0
    shutil.rmtree(offline.LLM.folder)
    assert command_line.main(["doctor"]) == 1
    assert f"✘ model {offline.LLM.name}: not fetched yet. Mend: {offline.MEND}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["doktor"], ["corpus"], ["corpus", "sho"]])
def test_an_unknown_command_lists_the_commands(words, capsys):
    with pytest.raises(SystemExit) as left:
        command_line.main(words)
    assert left.value.code == 2
    assert ("show" if words[:1] == ["corpus"] else "doctor") in capsys.readouterr().err


def test_it_starts_as_a_module_without_importing_anything_heavy():
    code = (
        "import sys, llm_workbook.__main__ as m; m.main(['doctor']); print(sorted({'torch', 'transformers', 'pandas'} &"
        " {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.stderr == ""
    assert shutil.which("nvidia-smi") or not Path("/proc/cpuinfo").exists() or done.stdout.splitlines()[-1] == "[]"
