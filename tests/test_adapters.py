"""The adapter registry: what is kept, what is refused, and that answers of different adapters never mix."""

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from test_files import BAD_NAMES
from test_training import RECIPE, tiny_model
from tiny import tiny_offline

from llm_workbook.models.cache import DiskCache
from llm_workbook.models.chat import load_chat_model
from llm_workbook.models.offline import LLM, ModelError, ready_folder
from llm_workbook.run import Run
from llm_workbook.settings import Settings
from llm_workbook.taught.lab_2_2 import encode
from llm_workbook.training import adapters as module
from llm_workbook.training.adapters import Adapter, Adapters, base_sha256, load_quantised, merged
from llm_workbook.training.fit import Recipe, fit, prepare


def _base(folder, seed):
    """A tiny model with the tokenizer of the offline one."""
    tiny_offline(seed).save_pretrained(folder)
    for path in ready_folder(LLM).glob("*token*"):
        shutil.copy(path, folder)
    shutil.copy(ready_folder(LLM) / "chat_template.jinja", folder)
    return str(folder)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    return [_base(tmp_path_factory.mktemp("base"), seed) for seed in (1, 2)]


def tuned(base, value=0.1):
    """The base with adapters that are not zero."""
    model = prepare(load_chat_model(base).model, RECIPE)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.fill_(value)
    return model


@pytest.fixture
def registry(tmp_path, bases):
    found = Adapters(tmp_path / "adapters")
    found.keep("first", tuned(bases[0]), vars(RECIPE), "d" * 64, base=bases[0])
    return found


def test_a_record_holds_where_an_adapter_comes_from(registry, bases):
    record = registry.read("first")
    assert (record.name, record.base, record.base_sha256) == ("first", bases[0], base_sha256(bases[0]))
    assert (record.data_sha256, record.recipe, record.parent, record.decision) == ("d" * 64, vars(RECIPE), "", "")
    assert len(record.weights_sha256) == 64
    assert record.created.startswith("20")
    decided = registry.decide("first", "hold", {"among others": 0.5})
    assert (decided.decision, decided.exam) == ("hold", {"among others": 0.5})
    assert registry.read("first") == decided
    table = registry.table()
    assert table.loc[0, "data_sha256"] == "d" * 8
    assert registry.names() == ["first"]


def test_the_loaded_model_is_the_kept_one_and_answers_under_its_own_name(registry, bases):
    ids = torch.tensor([[5, 6, 7, 8]])
    base, chat = load_chat_model(bases[0], 4), registry.chat("first", bases[0], 4)
    expected = tuned(bases[0])(ids).logits
    assert torch.allclose(chat.model(ids).logits, expected, atol=1e-3)
    assert not torch.allclose(base.model(ids).logits, expected, atol=1e-3)
    assert chat.identity.startswith(base.identity)
    assert registry.read("first").weights_sha256[:16] in chat.identity
    registry.keep("second", tuned(bases[0], 0.3), vars(RECIPE), "d" * 64, base=bases[0], parent="first")
    assert registry.chat("second", bases[0]).identity != chat.identity
    assert registry.read("second").parent == "first"


def test_the_answer_cache_never_mixes_adapters(registry, bases, tmp_path):
    cache = DiskCache(tmp_path / "answers.sqlite")
    base, chat = load_chat_model(bases[0], 4), registry.chat("first", bases[0], 4)
    base._cache = chat._cache = cache
    replies = [one.invoke("Say yes.") for one in (base, chat, base, chat)]
    assert [reply.response_metadata["cached"] for reply in replies] == [False, False, True, True]
    assert [reply.text for reply in replies[:2]] == [reply.text for reply in replies[2:]]


def test_an_adapter_on_the_wrong_base_is_refused(registry, bases):
    with pytest.raises(
        ModelError, match=r"'first' was trained on .* but this base is .* On another base its numbers mean nothing"
    ):
        registry.chat("first", bases[1])
    with pytest.raises(ModelError, match="but this base is offline"):
        registry.chat("first")


def test_damaged_weights_and_records_are_sentences(registry, bases):
    weights = registry.folder / "first" / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match="are damaged: their sha256 is not the one in the record. Train 'first' again"):
        registry.chat("first", bases[0])
    (registry.folder / "first" / "record.json").write_text("{")
    with pytest.raises(ModelError, match=r"record\.json is damaged"):
        registry.read("first")


def test_a_missing_adapter_names_those_that_are_there(registry):
    with pytest.raises(ModelError, match="no adapter 'other' in .*; there are: first"):
        registry.read("other")
    with pytest.raises(ModelError, match="there are: none yet"):
        Adapters(registry.folder / "empty").read("other")


def test_nothing_of_this_machine_and_no_code_is_kept(registry):
    config = json.loads((registry.folder / "first" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == registry.read("first").base
    kinds = {path.suffix for path in (registry.folder / "first").iterdir()}
    assert kinds <= {".json", ".safetensors", ".md"}


def test_a_full_disk_leaves_the_earlier_adapter(registry, bases, monkeypatch):
    before = registry.read("first")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_write_record", full)
    with pytest.raises(ModelError, match="could not be kept .*No space left on device.*Free some space"):
        registry.keep("first", tuned(bases[0], 0.5), vars(RECIPE), "e" * 64, base=bases[0])
    assert registry.read("first") == before
    assert [path.name for path in registry.folder.iterdir()] == ["first"]


def test_a_whole_model_is_kept_and_loaded_too(tmp_path, bases):
    registry = Adapters(tmp_path)
    model = load_chat_model(bases[0]).model
    with torch.no_grad():
        model.model.norm.weight.fill_(0.5)
    registry.keep("whole", model, {"rank": 0}, "d" * 64, base=bases[0])
    loaded = registry.chat("whole", bases[0]).model
    assert float(loaded.model.norm.weight[0]) == 0.5
    ids = torch.tensor([[5, 6, 7]])
    assert torch.allclose(loaded(ids).logits.float(), model(ids).logits.float(), atol=0.05)  # kept in bf16


def test_fit_trains_once_registers_and_loads(tmp_path, bases, capsys):
    registry, recipe = Adapters(tmp_path), Recipe(rank=2, steps=3, batch=2)
    tokenizer = load_chat_model(bases[0]).tokenizer
    examples = [encode(tokenizer, [{"role": "user", "content": f"Number {n}?"}], str(n)) for n in range(6)]
    first = fit(registry, "mine", recipe, examples, bases[0])
    assert "3 steps done" in capsys.readouterr().out
    assert fit(registry, "mine", recipe, examples, bases[0]).identity == first.identity
    assert capsys.readouterr().out == ""
    assert fit(registry, "mine", recipe, examples[1:], bases[0]).identity != first.identity  # other data: trained anew
    assert not list(tmp_path.glob("*.checkpoint"))


def test_fit_goes_on_from_a_parent_and_keeps_the_lineage(tmp_path, bases):
    registry, short = Adapters(tmp_path / "adapters"), Recipe(rank=2, steps=6, batch=2, layers="all")
    examples, others = lessons(bases[0]), lessons(bases[0])[::-1]
    first = fit(registry, "first", short, examples, bases[0])
    still = Recipe(**{**vars(short), "steps": 1, "learning_rate": 0.0})
    same = fit(registry, "same", still, others, bases[0], parent="first")
    ids = torch.tensor([[5, 6, 7, 8]])
    assert torch.allclose(same.model(ids).logits, first.model(ids).logits, atol=1e-3)
    record = registry.read("same")
    assert (record.parent, record.recipe["parent"]) == ("first", registry.identity("first"))
    assert registry.read("first").recipe == vars(short)
    more = fit(registry, "more", short, others, bases[0], parent="first")
    assert not torch.allclose(more.model(ids).logits, first.model(ids).logits, atol=1e-3)
    written = registry.read("more").created, registry.read("more").weights_sha256
    fit(registry, "more", short, others, bases[0], parent="first")
    assert (registry.read("more").created, registry.read("more").weights_sha256) == written  # not trained again


@pytest.mark.parametrize("change", [{"rank": 4}, {"layers": "top half"}])
def test_a_parent_of_another_shape_is_a_sentence(tmp_path, bases, change):
    registry, short = Adapters(tmp_path / "adapters"), Recipe(rank=2, steps=1, batch=1, layers="all")
    fit(registry, "first", short, lessons(bases[0]), bases[0])
    with pytest.raises(ModelError, match="does not fit|has other layers than this recipe"):
        fit(registry, "second", Recipe(**{**vars(short), **change}), lessons(bases[0]), bases[0], parent="first")
    with pytest.raises(ModelError, match="There is no adapter 'nobody'"):
        fit(registry, "second", short, lessons(bases[0]), bases[0], parent="nobody")
    assert registry.names() == ["first"]


def test_a_merged_model_answers_alike_under_another_name(registry, bases):
    ids, chat = torch.tensor([[5, 6, 7, 8]]), registry.chat("first", bases[0], 4)
    expected = chat.model(ids).logits.detach().clone()
    whole = merged(chat)
    rounding = 1e-3 if expected.dtype == torch.float32 else 0.01  # bf16 keeps three digits
    assert torch.allclose(whole.model(ids).logits, expected, atol=rounding)
    assert not any("lora" in name for name, _ in whole.model.named_parameters())
    assert whole.identity == f"{chat.identity} merged"


def lessons(base):
    tokenizer = load_chat_model(base).tokenizer
    return [encode(tokenizer, [{"role": "user", "content": f"Say {n}."}], f"number {n}") for n in range(6)]


def test_fit_keeps_the_checkpoint_of_an_interrupted_run_and_goes_on(tmp_path, bases, capsys):
    registry, recipe = Adapters(tmp_path), Recipe(rank=2, steps=12, batch=2)
    tokenizer = load_chat_model(bases[0]).tokenizer
    examples = [encode(tokenizer, [{"role": "user", "content": f"Number {n}?"}], str(n)) for n in range(6)]

    def interrupt(chat, losses):
        if len(losses) == 9:
            raise KeyboardInterrupt

    fit(registry, "mine", recipe, examples, bases[0], interrupt)
    assert "interrupted after step 9" in registry.read("mine").recipe["ended"]
    steps = []
    fit(registry, "mine", recipe, examples, bases[0], lambda chat, losses: bool(steps.append(len(losses))))
    assert steps == [9, 10, 11, 12]
    assert registry.read("mine").recipe == vars(recipe)
    assert not list(tmp_path.glob("*.checkpoint"))


def test_a_run_opens_its_adapters_by_name(registry, bases):
    run = Run(Settings("2.2", "smoke", model=bases[0], results_dir=registry.folder.parent))
    assert run.chat(4, adapter="first").identity == registry.chat("first", bases[0]).identity


def test_qlora_without_a_gpu_or_without_bitsandbytes_is_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="QLoRA needs a CUDA GPU, and there is none here"):
        load_quantised("some/model")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setitem(__import__("sys").modules, "bitsandbytes", None)
    with pytest.raises(ModelError, match="pip install bitsandbytes"):
        load_quantised("some/model")


def test_a_hosted_model_cannot_be_tuned():
    with pytest.raises(ModelError, match=r"'ollama:llama3.2' is a hosted model.*Set MODEL = None"):
        base_sha256("ollama:llama3.2")


def test_the_record_is_plain():
    assert Adapter("a", "offline", "b", "c", "d", {}).exam == {}
    assert tiny_model().config.vocab_size == 99


# ------------------------------------------------------------------ names, records and folders that are damaged

PLAIN = Adapter("", "offline", LLM.sha256, "d" * 64, "w" * 64, {"rank": 4}, created="2026-01-01T00:00:00+00:00")


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def light(folder, *names):
    """A registry with records and a few bytes as weights; nothing is loaded from it."""
    for number, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        (folder / name / "adapter_model.safetensors").write_bytes(b"w")
        entries = vars(PLAIN) | {"name": name, "created": f"2026-01-0{number + 1}T00:00:00+00:00"}
        (folder / name / "record.json").write_text(json.dumps(entries))
    return Adapters(folder)


@pytest.fixture
def quick(monkeypatch):
    """Weights are a few bytes."""

    def write(model, folder, base):
        folder.mkdir()
        (folder / module.WEIGHTS[0]).write_bytes(b"new weights")

    monkeypatch.setattr(module, "_write_weights", write)
    monkeypatch.setattr(module, "base_sha256", lambda base: "0" * 64)


@pytest.mark.parametrize("name", [name for name in BAD_NAMES if name != "a\x00b"], ids=repr)
def test_a_name_that_is_no_plain_name_touches_nothing(tmp_path, quick, name):
    """Every path that such a name could mean is below this test's own folder."""
    home = tmp_path / "one" / "two"
    registry = light(home / "registry", "good")
    (home / "victim").mkdir()
    (home / "victim" / "thesis.txt").write_text("mine")
    name = str(home / "victim") if name == "/tmp/x" else name
    before = tree(tmp_path)
    for use in (
        lambda: registry.keep(name, None, {}, "d"),
        lambda: registry.read(name),
        lambda: registry.decide(name, "promote", {}),
        lambda: registry.chat(name),
        lambda: fit(registry, name, RECIPE, [([1, 2], [1, 2])]),
    ):
        with pytest.raises(ModelError, match="cannot name"):
            use()
    assert tree(tmp_path) == before


def test_an_adapter_that_is_a_link_is_not_followed_out_of_the_registry(tmp_path, quick, capsys):
    registry = light(tmp_path / "registry", "good")
    light(tmp_path / "elsewhere", "theirs")
    (registry.folder / "link").symlink_to(tmp_path / "elsewhere" / "theirs")
    before = tree(tmp_path / "elsewhere")
    for use in (
        lambda: registry.keep("link", None, {}, "d"),
        lambda: registry.read("link"),
        lambda: registry.decide("link", "promote", {}),
        lambda: registry.chat("link"),
    ):
        with pytest.raises(ModelError, match="'link' .* is a link .*elsewhere"):
            use()
    assert tree(tmp_path / "elsewhere") == before
    assert registry.names() == ["good"]
    assert "'link'" in capsys.readouterr().out


def test_a_registry_that_is_itself_a_link_works(tmp_path, quick):
    light(tmp_path / "disk", "good")
    (tmp_path / "adapters").symlink_to(tmp_path / "disk")
    registry = Adapters(tmp_path / "adapters")
    registry.keep("more", None, {}, "d")
    assert registry.names() == ["good", "more"]


def test_keeping_moves_aside_swaps_and_then_deletes(tmp_path, quick, monkeypatch):
    registry = light(tmp_path / "registry", "first")
    before = tree(registry.folder)
    rename = Path.rename

    def refuse(self, target):
        if self.name == "done":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ModelError, match="could not be kept .*Permission denied"):
        registry.keep("first", None, {}, "d")
    assert tree(registry.folder) == before
    monkeypatch.undo()


DAMAGED = [
    b"", b"{", b"[]", b"null", b"[" * 100_000, b'"text"', b"\xff\xfe\x00", b"{}", b'{"name": "x"}',
    json.dumps(vars(PLAIN) | {"created": None}).encode(), json.dumps(vars(PLAIN) | {"created": 5}).encode(),
    json.dumps(vars(PLAIN) | {"recipe": "rank 4"}).encode(), json.dumps(vars(PLAIN) | {"exam": [1]}).encode(),
    json.dumps(vars(PLAIN) | {"weights_sha256": None}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_record_is_named_and_the_good_ones_are_used(tmp_path, quick, capsys, content):
    registry = light(tmp_path / "registry", "first", "bad", "last")
    (registry.folder / "bad" / "record.json").write_bytes(content)
    assert registry.names() == ["first", "last"]
    assert list(registry.table()["name"]) == ["first", "last"]
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "bad" in said and "damaged" in said
    with pytest.raises(ModelError, match="damaged"):
        registry.read("bad")
    with pytest.raises(ModelError, match="there are: first, last"):
        registry.read("other")
    registry.keep("bad", None, {}, "d")  # training again replaces it
    assert registry.names() == ["first", "last", "bad"]


def test_a_damaged_record_of_that_name_is_trained_anew(tmp_path, bases, capsys):
    registry, recipe = Adapters(tmp_path), Recipe(rank=2, steps=2, batch=2)
    tokenizer = load_chat_model(bases[0]).tokenizer
    examples = [encode(tokenizer, [{"role": "user", "content": f"Number {n}?"}], str(n)) for n in range(4)]
    fit(registry, "mine", recipe, examples, bases[0])
    (tmp_path / "mine" / "record.json").write_text("{")
    fit(registry, "mine", recipe, examples, bases[0])
    assert "2 steps done" in capsys.readouterr().out
    assert registry.names() == ["mine"]


def test_what_is_half_written_is_no_adapter(tmp_path):
    registry = light(tmp_path / "registry", "good", ".tmpabc", ".aside-x")
    (registry.folder / "half").mkdir()
    (registry.folder / "half" / "adapter_model.safetensors").write_bytes(b"w")
    (registry.folder / "run.checkpoint").write_bytes(b"x")
    (registry.folder / "odd").mkdir()
    (registry.folder / "odd" / "record.json").mkdir()
    assert registry.names() == ["good"]
    with pytest.raises(ModelError, match="no adapter 'half'"):
        registry.read("half")


def test_a_record_of_a_newer_version_is_read_and_keeps_what_it_does_not_know(tmp_path):
    registry = light(tmp_path / "registry", "first")
    path = registry.folder / "first" / "record.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 7, "region": "north"}))
    assert registry.read("first").name == "first"
    assert registry.decide("first", "hold", {"a": np.float32(0.5), "b": np.int64(2)}).decision == "hold"
    stored = json.loads(path.read_text())
    assert (stored["region"], stored["decision"], stored["exam"]) == ("north", "hold", {"a": 0.5, "b": 2})
    assert not [file for file in path.parent.iterdir() if file.suffix == ".new"]


def test_missing_weights_and_a_missing_configuration_are_sentences(registry, bases):
    (registry.folder / "first" / "adapter_config.json").unlink()
    with pytest.raises(ModelError, match=r"has no adapter_config\.json.*Train 'first' again"):
        registry.chat("first", bases[0])
    (registry.folder / "first" / "adapter_model.safetensors").unlink()
    assert registry.names() == ["first"]
    with pytest.raises(ModelError, match="has no weights.*Train 'first' again"):
        registry.chat("first", bases[0])


def test_another_configuration_beside_the_same_weights_gives_new_answers(registry, bases):
    before = registry.chat("first", bases[0]).identity
    path = registry.folder / "first" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"lora_alpha": 1}))
    assert registry.chat("first", bases[0]).identity != before


def test_a_full_disk_seen_by_safetensors_is_the_same_sentence(registry, bases, monkeypatch):
    def full(*_):
        raise SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr(module, "_write_weights", full)
    with pytest.raises(ModelError, match="could not be kept .*No space left"):
        registry.keep("first", None, {}, "d", base=bases[0])
    assert registry.names() == ["first"]


def test_answers_given_during_training_are_never_remembered(tmp_path, bases, monkeypatch):
    """The weights change with each step, their name does not."""
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))
    recipe, cached = Recipe(rank=2, steps=2, batch=2), []
    tokenizer = load_chat_model(bases[0]).tokenizer
    examples = [encode(tokenizer, [{"role": "user", "content": f"Number {n}?"}], str(n)) for n in range(4)]

    def watch(chat, losses):
        cached.append(chat.invoke("Say yes.").response_metadata["cached"])
        return False

    fit(Adapters(tmp_path / "a"), "mine", recipe, examples, bases[0], watch)
    assert cached == [False, False]


def test_an_adapter_on_a_sharded_base(tmp_path, bases):
    base = str(tmp_path / "sharded")
    whole = load_chat_model(bases[0])
    whole.model.save_pretrained(base, max_shard_size="500KB")
    whole.tokenizer.save_pretrained(base)
    assert len(list(Path(base).glob("*.safetensors"))) > 1
    registry = Adapters(tmp_path / "adapters")
    registry.keep("first", tuned(base), vars(RECIPE), "d" * 64, base=base)
    assert registry.chat("first", base, 4).invoke("Say yes.").usage_metadata["output_tokens"] > 0
    before = base_sha256(base)
    shard = sorted(Path(base).glob("*.safetensors"))[-1]
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    assert base_sha256(base) != before
    with pytest.raises(ModelError, match="but this base is"):
        registry.chat("first", base)
