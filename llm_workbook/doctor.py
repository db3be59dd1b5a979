"""What this machine has and what the workbook needs: one line for each, with the one line that mends it."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .corpus.load import data_status
from .models.offline import MEND, status
from .settings import ROOT, cache_dir
from .show.text import Text
from .show.widgets import interactive

MEMORY_GB, DISK_GB = 2.0, 1.0
PLACES = {
    "COLAB_RELEASE_TAG": "Colab",
    "BINDER_SERVICE_HOST": "Binder",
    "BINDER_REF_URL": "Binder",
    "JPY_SESSION_NAME": "JupyterLab",
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. mend: the one line that helps when it is not ok."""

    name: str
    ok: bool
    sentence: str
    mend: str = ""


@dataclass(frozen=True, repr=False)
class Diagnosis(Text):
    """All checks in order, and as text one line for each. ok: True when there is no problem."""

    checks: tuple[Check, ...] = ()
    ok: bool = True


def doctor() -> Diagnosis:
    """Look at everything the labs rely on; about a second. Never raises: what cannot be looked at is a problem."""
    checks = [check for name, look in CHECKS.items() for check in _looked_at(name, look)]
    lines = [
        f"- {'✔' if c.ok else '✘'} **{c.name}**: {c.sentence}" + f". Mend: `{c.mend}`" * (not c.ok) for c in checks
    ]
    problems = sum(not check.ok for check in checks)
    end = (
        f"{problems} problem{'s' * (problems > 1)}. Mend from the top, then look again."
        if problems
        else "Everything is in order."
    )
    return Diagnosis("\n".join([*lines, "", f"**{end}**"]), tuple(checks), not problems)


def _looked_at(name: str, look: Callable) -> list[Check]:
    """The checks of one `look`; paths in the project made relative, those in the learner's home folder made to start
    with ~."""
    try:
        found = [(name, *one)[-4:] for one in look()]
    except Exception as error:  # a missing package, a strange file: whatever it is, the other checks go on
        found = [(name, False, f"could not be checked ({type(error).__name__}: {error})", MEND)]
    here, home = f"{ROOT}{os.sep}", os.path.expanduser("~") + os.sep
    return [
        Check(str(title), bool(ok), *(text.replace(here, "").replace(home, f"~{os.sep}") for text in texts))
        for title, ok, *texts in found
    ]


def _surroundings() -> Iterator[tuple]:
    ok = tuple(map(int, (version := platform.python_version()).split(".")[:2])) >= (3, 11)
    yield "Python", ok, version + ", but 3.11 or newer is needed" * (not ok), "python3.11 workbook.py fetch"
    known = next((place for variable, place in PLACES.items() if os.environ.get(variable)), "")
    yield "runs in", True, known or ("a notebook kernel" if "ipykernel" in sys.modules else "a terminal"), ""
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    hub = "asked to stay offline" if offline else "may be reached; only a MODEL from the hub needs it"
    yield "Hugging Face", True, hub, ""


def _packages() -> Iterator[tuple]:
    wanted, tested, others = _requirements("requirements.txt"), _requirements("constraints.txt"), []
    if not os.environ.get("COLAB_RELEASE_TAG"):  # Colab opens notebooks with a program of its own
        wanted |= _requirements("requirements-lab.txt")
    for name, needed in wanted.items():
        mend = MEND if Path(sys.prefix) == ROOT / ".venv" else f'pip install "{needed}"'
        version = next((found.version for found in metadata.distributions(name=name)), None)
        if version is None or not needed.specifier.contains(version, prereleases=True):
            yield f"package {name}", False, f"{version or 'missing'}, but the labs need {needed}", mend
        elif name in tested and not tested[name].specifier.contains(version, prereleases=True):
            others.append(f"{name} {version} (tested: {str(tested[name].specifier).strip('=')})")
    yield (
        True,
        f"{len(wanted)} looked at"
        + f"; in range, but not the version that was tested: {', '.join(others)}" * bool(others),
        "",
    )


def _requirements(file: str) -> dict:
    from packaging.requirements import Requirement

    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = map(Requirement, filter(None, (re.split(r"(?:^|\s)#|^-", line)[0].strip() for line in lines)))
    return {re.sub(r"[-_.]+", "-", one.name).lower(): one for one in found if not one.marker or one.marker.evaluate()}


def _room() -> Iterator[tuple]:
    there = next(folder for folder in (cache_dir(), *cache_dir().absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    why = (
        f", but {DISK_GB} GB is needed" * (free < DISK_GB)
        if os.access(there, os.W_OK)
        else ", but it cannot be written"
    )
    yield (
        "disk",
        not why,
        f"{free:.1f} GB free in {cache_dir()}{why}",
        "free some space, or let LLM_WORKBOOK_CACHE name a folder elsewhere",
    )
    import psutil

    free = (
        min(psutil.virtual_memory().available, int(os.environ.get("MEM_LIMIT") or sys.maxsize)) / 1e9
    )  # MEM_LIMIT: Binder
    why = f", but a lab may need {MEMORY_GB} GB" * (free < MEMORY_GB)
    yield (
        "memory",
        not why,
        f"{free:.1f} GB available{why}; {os.cpu_count()} cores",
        "close other notebooks and programs",
    )


def _widgets() -> Iterator[tuple]:
    version, colab = (
        metadata.version("ipywidgets"),
        os.environ.get("COLAB_RELEASE_TAG"),
    )  # Colab has a front end of its own
    shown = bool(colab) or int(metadata.version("jupyterlab-widgets")[0]) >= (3 if int(version[0]) >= 8 else 1)
    can = "sliders and buttons work" if interactive() else "no live notebook here, so figures are drawn without sliders"
    yield (
        shown,
        f"ipywidgets {version}; {can if shown else 'JupyterLab cannot show it'}",
        "pip install --upgrade jupyterlab-widgets",
    )


def _processor() -> Iterator[tuple]:
    if "torch" in sys.modules or not os.path.exists("/proc/cpuinfo") or shutil.which("nvidia-smi"):
        from .models.chat import best_dtype

        dtype, device = str(best_dtype()[0]).removeprefix("torch."), best_dtype()[1]
    else:  # the same question without importing torch, which takes seconds
        dtype, device = (
            "bfloat16" if re.search("avx512_bf16|amx_tile", Path("/proc/cpuinfo").read_text()) else "float32",
            "cpu",
        )
    yield (
        True,
        (
            f"{dtype} on the {device}, with {'fast' if '16' in dtype else 'no fast'} 16-bit arithmetic (avx512_bf16,"
            " AMX or a GPU)"
        ),
        "",
    )


CHECKS = {
    "surroundings": _surroundings, "packages": _packages, "disk and memory": _room, "widgets": _widgets,
    "processor": _processor,
    "models": lambda: ((f"model {name}", *verdict) for name, *verdict in status()), "corpus": lambda: [data_status()],
}  # fmt: skip
