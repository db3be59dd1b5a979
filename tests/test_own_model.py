"""A model of one's own: shards, missing parts, odd templates; its answers are kept under what it consists of."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from tiny import CHATML, SHAPES, tiny_folder, tiny_model, tiny_tokenizer

from llm_workbook.models import shape
from llm_workbook.models.cache import cache_key
from llm_workbook.models.chat import LocalChat, load_chat_model
from llm_workbook.models.embeddings import CachedEmbeddings
from llm_workbook.models.folder import folder_sha256, weights_sha256
from llm_workbook.models.offline import EMBEDDER, ModelError
from llm_workbook.models.template import chat_prompt
from llm_workbook.training.fit import Recipe, prepare, train

torch.set_num_threads(1)
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 269060552\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LLM_WORKBOOK_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("whole") / "model")


@pytest.fixture
def folder(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "model"))


@pytest.fixture
def sharded(tmp_path):
    return Path(tiny_folder(tmp_path / "sharded", max_shard_size="40KB"))


def ask(folder, prompt="Why?"):
    return load_chat_model(str(folder), 4).invoke(prompt)


# ------------------------------------------------------------------ answers are kept under what the model consists of


def flip(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_other_weights_in_the_same_folder_give_new_answers(folder):
    first, again = ask(folder), ask(folder)
    tiny_model(seed=2).save_pretrained(folder)
    other = ask(folder)
    assert [reply.response_metadata["cached"] for reply in (first, again, other)] == [False, True, False]
    assert first.text == again.text != other.text


def test_a_copy_elsewhere_has_the_same_answers(folder, tmp_path):
    ask(folder)
    shutil.copytree(folder, tmp_path / "copy")
    assert ask(tmp_path / "copy").response_metadata["cached"]


@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "tokenizer.json", "chat_template.jinja"])
def test_every_file_that_decides_an_answer_is_part_of_the_name(folder, name):
    before = folder_sha256(folder)
    path = folder / name
    path.write_text(path.read_text() + "\n")
    assert folder_sha256(folder) != before


def test_what_decides_no_answer_is_no_part_of_the_name(folder):
    before = folder_sha256(folder)
    (folder / "README.md").write_text("about")
    (folder / ".gitattributes").write_text("x")
    assert folder_sha256(folder) == before


@pytest.mark.parametrize("place", [0, -1])
def test_every_shard_is_part_of_the_name_and_of_the_base(sharded, place):
    shards = sorted(sharded.glob("*.safetensors"))
    assert len(shards) > 2
    before = folder_sha256(sharded), weights_sha256(sharded)
    flip(shards[place])
    assert folder_sha256(sharded) != before[0] and weights_sha256(sharded) != before[1]


@pytest.mark.parametrize(
    "habits",
    [
        {"do_sample": True, "temperature": 9.0},
        {"num_beams": 3},
        {"repetition_penalty": 5.0},
        {"no_repeat_ngram_size": 1},
        {"stop_strings": ["a"]},
        {"min_new_tokens": 7, "forced_eos_token_id": 65},
    ],
    ids=str,
)
def test_answers_are_greedy_whatever_the_generation_config_says(folder, habits):
    """A penalty for repetition would also count the padding, and so the other prompts of a batch."""
    prompts = ["Why?", "How long is the notice?", "Is the rent due in May?"]
    plain = [reply.text for reply in load_chat_model(str(folder), 8).batch(prompts)]
    path = Path(folder, "generation_config.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | habits))
    assert [reply.text for reply in load_chat_model(str(folder), 8).batch(prompts)] == plain


def test_pytorch_weights_are_part_of_the_name_and_are_read(folder):
    model = tiny_model()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert ask(folder).usage_metadata["output_tokens"] > 0
    before = folder_sha256(folder), weights_sha256(folder)
    flip(folder / "pytorch_model.bin")
    assert folder_sha256(folder) != before[0] and weights_sha256(folder) != before[1]


def test_shards_answer_like_the_whole(sharded, folder):
    assert ask(sharded).text == ask(folder).text


def test_a_hub_model_is_known_by_its_commit(folder, tmp_path):
    """A snapshot folder as the hub's client lays it, read without a network."""
    home, commits = tmp_path / "hub" / "models--someone--tiny", ("a" * 40, "b" * 40)
    for commit, seed in zip(commits, (1, 2), strict=True):
        shutil.copytree(folder, home / "snapshots" / commit)
        tiny_model(seed=seed).save_pretrained(home / "snapshots" / commit)
    (home / "refs").mkdir()
    script = (
        "import sys; from pathlib import Path; from llm_workbook.models.chat import load_chat_model\n"
        "from llm_workbook.training.adapters import base_sha256\n"
        "for commit in sys.argv[2:]:\n"
        "    Path(sys.argv[1]).write_text(commit)\n"
        "    chat = load_chat_model('someone/tiny', 4)\n"
        "    reply = chat.invoke('Why?')\n"
        "    print(chat.identity, reply.response_metadata['cached'], base_sha256('someone/tiny')[:8])"
    )
    command = [sys.executable, "-c", script, str(home / "refs" / "main"), *commits, commits[0]]
    environment = {**os.environ, "HF_HUB_CACHE": str(home.parent), "HF_HUB_OFFLINE": "1"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[1] for line in lines] == [*commits, commits[0]], done.stderr
    assert [line[-2] for line in lines] == ["False", "False", "True"]
    assert lines[0][-1] == lines[2][-1] != lines[1][-1]


def test_a_hub_model_that_cannot_be_had_is_a_sentence(monkeypatch):
    with pytest.raises(ModelError, match="'someone/no-such-model' could not be loaded"):
        load_chat_model("someone/no-such-model")


# ------------------------------------------------------------------ folders that are not whole: one sentence each


def drop(*names):
    return lambda folder: [path.unlink() for name in names for path in folder.glob(name)]


def write(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def cut(name, size):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def edit(name, **changes):
    return lambda folder: (folder / name).write_text(json.dumps(json.loads((folder / name).read_text()) | changes))


def only_gguf(folder):
    drop("*")(folder)
    (folder / "model.gguf").write_bytes(b"GGUF")


def only_adapter(folder):
    drop("*")(folder)
    (folder / "adapter_config.json").write_text("{}")


def half_of_the_weights(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file({k: v for k, v in weights.items() if "layers.1" not in k}, folder / "model.safetensors", {"format": "pt"})


def encoder(folder):
    from transformers import BertConfig, BertModel

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=260, **sizes)).save_pretrained(folder)


def masked(folder):
    from transformers import BertConfig, BertForMaskedLM

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForMaskedLM(BertConfig(vocab_size=260, **sizes)).save_pretrained(folder)


def translator(folder):
    from transformers import T5Config, T5ForConditionalGeneration

    T5ForConditionalGeneration(
        T5Config(vocab_size=260, d_model=16, d_ff=16, d_kv=8, num_layers=1, num_heads=2)
    ).save_pretrained(folder)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (drop("*"), r"has no config\.json"),
        (drop("config.json"), r"has no config\.json\. A model folder has"),
        (only_gguf, "GGUF file alone is not read"),
        (only_adapter, "LoRA adapter.*merge_and_unload"),
        (write("config.json", b"{"), r"config\.json is damaged"),
        (write("config.json", b"[]"), r"config\.json is damaged"),
        (write("config.json", b"[" * 100_000), r"config\.json is damaged"),
        (edit("config.json", model_type="no-such-type"), "could not be loaded"),
        (edit("config.json", num_hidden_layers="two"), "could not be loaded"),
        (edit("config.json", num_hidden_layers=3), "is not whole: its files do not give 9 of its weights"),
        (edit("config.json", vocab_size=100), "could not be loaded"),
        (drop("model.safetensors"), "has no weights"),
        (write("model.safetensors", b""), "damaged: it is empty"),
        (write("model.safetensors", POINTER.encode()), "git-lfs pointer.*git lfs pull"),
        (write("tokenizer.json", POINTER.encode()), "git-lfs pointer.*git lfs pull"),
        (write("config.json", POINTER.encode()), "git-lfs pointer.*git lfs pull"),
        (cut("model.safetensors", 5000), "weights .* are damaged"),
        (cut("model.safetensors", 4), "weights .* are damaged"),
        (write("model.safetensors", b"no weights at all, only text" * 9), "weights .* are damaged"),
        (half_of_the_weights, "is not whole"),
        (drop("tokenizer*"), "has no tokenizer"),
        (write("tokenizer.json", b"{"), "could not be loaded"),
        (write("tokenizer.json", b""), "could not be loaded"),
        (encoder, "is no model that writes text"),
        (masked, "is no model that writes text"),
        (translator, "could not be loaded"),
    ],
)  # fmt: skip
def test_a_folder_that_is_not_whole_is_one_sentence(folder, damage, sentence):
    damage(folder)
    with pytest.raises(ModelError, match=sentence) as raised:
        load_chat_model(str(folder))
    assert "\n" not in str(raised.value) and str(folder) in str(raised.value)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: sorted(folder.glob("*.safetensors"))[1].unlink(), "1 of .* shards of .* are missing"),
        (write("model.safetensors.index.json", b"{"), "index of the weights .* is damaged"),
        (write("model.safetensors.index.json", b'{"weight_map": {"a": "../x"}}'), "index of the weights .* is damaged"),
        (lambda folder: flip_size(sorted(folder.glob("*.safetensors"))[1]), "are damaged"),
    ],
)
def test_shards_that_are_not_whole_are_one_sentence(sharded, damage, sentence):
    damage(sharded)
    with pytest.raises(ModelError, match=sentence):
        load_chat_model(str(sharded))


def flip_size(path):
    path.write_bytes(path.read_bytes()[:-100])


def test_pytorch_weights_that_are_cut_off_are_a_sentence(folder):
    torch.save(tiny_model().state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    cut("pytorch_model.bin", 3000)(folder)
    with pytest.raises(ModelError, match="could not be loaded"):
        load_chat_model(str(folder))


def test_a_home_folder_may_be_written_short(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    assert load_chat_model("~/model", 4).identity == load_chat_model(str(folder), 4).identity


# ------------------------------------------------------------------ prompts

MESSAGES = [SystemMessage("Be brief."), HumanMessage("Q1"), AIMessage("A1"), HumanMessage("Q2")]
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
ALTERNATE = (
    NO_SYSTEM + "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}"
)
DROPS = CHATML.replace("{% for m in messages %}", "{% for m in messages if m['role'] != 'system' %}")


@pytest.mark.parametrize("template", [NO_SYSTEM + CHATML, ALTERNATE + CHATML, DROPS])
def test_without_a_system_role_its_text_goes_into_the_first_user_turn(template):
    text = chat_prompt(tiny_tokenizer(template), MESSAGES)
    assert text == "<s>user\nBe brief.\n\nQ1</s>\n<s>assistant\nA1</s>\n<s>user\nQ2</s>\n<s>assistant\n"
    alone = chat_prompt(tiny_tokenizer(template), MESSAGES[:1])
    assert alone == "<s>user\nBe brief.</s>\n<s>assistant\n"


def test_a_template_with_a_system_role_is_used_as_it_is():
    text = chat_prompt(tiny_tokenizer(CHATML), MESSAGES)
    assert text.startswith("<s>system\nBe brief.</s>\n<s>user\nQ1</s>\n")


def test_turns_that_do_not_alternate_are_joined_where_the_template_wants_it():
    text = chat_prompt(tiny_tokenizer(ALTERNATE + CHATML), [HumanMessage("a"), HumanMessage("b")])
    assert text == "<s>user\na\n\nb</s>\n<s>assistant\n"


def test_without_a_template_the_prompt_is_plain_and_ends_at_the_next_turn():
    tokenizer = tiny_tokenizer(None)
    assert chat_prompt(tokenizer, MESSAGES) == "Be brief.\n\nUser: Q1\n\nAssistant: A1\n\nUser: Q2\n\nAssistant:"
    chat = LocalChat(model=tiny_model(), tokenizer=tokenizer, identity="base", max_new_tokens=4)
    chat._cache.put_many({})
    assert chat.invoke("Why?").usage_metadata["output_tokens"] > 0
    entry = {"text": "30 days\n\nUser: and", "input_tokens": 1, "output_tokens": 9, "seconds": 0.1}
    chat._complete = lambda prompts: iter([dict.fromkeys(prompts, entry)])
    object.__setattr__(chat, "use_cache", False)
    assert chat.invoke("Why?").text == "30 days"


@pytest.mark.parametrize("template", ["{% for", "{{ raise_exception('never') }}", "{{ messages.nothing.there }}"])
def test_a_template_that_fails_is_a_sentence(template):
    with pytest.raises(ModelError, match=r"chat template .* Correct chat_template\.jinja"):
        chat_prompt(tiny_tokenizer(template), MESSAGES)


# ------------------------------------------------------------------ configurations


@pytest.mark.parametrize("kind", ["GPT-2", "MPT", "Bloom", "Mamba"])
def test_the_length_is_found_under_any_name_and_may_be_missing(kind):
    chat = LocalChat(model=tiny_model(kind), tokenizer=tiny_tokenizer(), identity="x", max_new_tokens=2)
    chat.use_cache = False
    assert chat.invoke("Why?").usage_metadata["output_tokens"] > 0
    if "n_positions" in SHAPES[kind][1]:
        with pytest.raises(ValueError, match="this model reads 512"):
            chat.invoke("x" * 600)


def test_training_finds_the_length_too(monkeypatch):
    monkeypatch.setattr(shape, "LENGTHS", ("no_such_name", "vocab_size"))
    with pytest.raises(ValueError, match="has 300 tokens, but the model reads 260"):
        train(prepare(tiny_model(), Recipe(rank=2)), [([1] * 300, [1] * 300)], Recipe(rank=2, steps=1, batch=1))


def test_a_model_that_lora_cannot_be_put_on_is_a_sentence():
    with pytest.raises(ModelError, match="LoRA .* q_proj.* GPT2LMHeadModel"):
        prepare(tiny_model("GPT-2"), Recipe(rank=2))


def test_a_model_without_output_embeddings_loads(folder, monkeypatch):
    from transformers import LlamaForCausalLM

    monkeypatch.setattr(LlamaForCausalLM, "get_output_embeddings", lambda self: None)
    assert ask(folder).usage_metadata["output_tokens"] > 0


# ------------------------------------------------------------------ stop, callbacks, other arguments


@pytest.fixture
def chat(folder):
    return load_chat_model(str(folder), 6)


def test_stop_cuts_an_answer_and_the_whole_one_stays_in_the_cache(chat):
    whole = chat.invoke("Why?").text
    stop = whole[len(whole) // 2]
    assert chat.invoke("Why?", stop=[stop]).text == chat.invoke("Why?", stop=stop).text == whole.split(stop)[0].strip()
    assert chat.batch(["Why?", "Who?"], stop=["", "no such text"])[0].text == whole
    assert [reply.text for reply in chat.batch(["Why?"] * 2, stop=[stop])] == [whole.split(stop)[0].strip()] * 2
    assert chat.bind(stop=[stop]).invoke("Why?").text == whole.split(stop)[0].strip()


class Watcher(BaseCallbackHandler):
    def __init__(self):
        self.started, self.ended, self.failed = [], [], []

    def on_chat_model_start(self, serialized, messages, **kwargs):
        self.started.append(messages[0][-1].content)

    def on_llm_end(self, response, **kwargs):
        self.ended.append(response.generations[0][0].text)

    def on_llm_error(self, error, **kwargs):
        self.failed.append(error)


@pytest.mark.parametrize("one_each", [False, True])
def test_callbacks_see_every_answer_of_a_batch(chat, one_each):
    watchers = [Watcher(), Watcher()]
    config = [{"callbacks": [one]} for one in watchers] if one_each else {"callbacks": watchers[:1]}
    replies = chat.batch(["Why?", "Who?"], config=config)
    assert [*watchers[0].started, *watchers[1].started] == ["Why?", "Who?"]
    assert [*watchers[0].ended, *watchers[1].ended] == [reply.text for reply in replies]
    with pytest.raises(ValueError, match="too long"):
        chat.batch(["x" * 600, "Who?"], config=config)
    assert len(watchers[0].failed) + len(watchers[1].failed) == 2


def test_callbacks_of_a_chain_and_of_invoke_are_called_once(chat):
    watcher = Watcher()
    chain = ChatPromptTemplate.from_messages([("human", "{q}")]) | chat
    chain.batch([{"q": "Why?"}, {"q": "Who?"}], config={"callbacks": [watcher]})
    chat.invoke("When?", config={"callbacks": [watcher]})
    assert (watcher.started, len(watcher.ended)) == (["Why?", "Who?", "When?"], 3)


def test_arguments_that_a_local_model_does_not_know_are_refused(chat):
    for use in (lambda: chat.invoke("Why?", temperature=1), lambda: chat.batch(["Why?"], top_p=0.5)):
        with pytest.raises(ValueError, match="takes no argument (temperature|top_p)"):
            use()


def test_a_damaged_entry_of_the_cache_is_asked_again(chat):
    first = chat.invoke("Why?")
    chat._cache._try(lambda connection: connection.execute("UPDATE entries SET value = ?", [b'{"text": "x']))
    again = chat.invoke("Why?")
    assert (again.text, again.response_metadata["cached"]) == (first.text, False)


# ------------------------------------------------------------------ sentence encoders


@pytest.fixture
def encoder_folder(tmp_path):
    """A sentence-transformers model with random weights, in its usual layout."""
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    torch.manual_seed(1)
    BertModel(BertConfig(vocab_size=260, **sizes)).save_pretrained(tmp_path / "bert")
    tiny_tokenizer(pad_token="<pad>").save_pretrained(tmp_path / "bert")
    parts = models.Transformer(str(tmp_path / "bert")), models.Pooling(16)
    SentenceTransformer(modules=list(parts), device="cpu").save(str(tmp_path / "encoder"))
    return tmp_path / "encoder"


def test_an_encoder_is_known_by_all_its_files(encoder_folder):
    first = CachedEmbeddings(str(encoder_folder))
    vector = first.embed_query("Rent is due.")
    pooling = next(encoder_folder.glob("1_*/config.json"))
    for path in (encoder_folder / "model.safetensors", encoder_folder / "tokenizer.json", pooling):
        before = CachedEmbeddings(str(encoder_folder)).identity
        if path.suffix == ".json":
            path.write_text(path.read_text() + "\n")
        else:
            flip(path)
        assert CachedEmbeddings(str(encoder_folder)).identity != before, path.name
    other = CachedEmbeddings(str(encoder_folder))
    assert other.cache.get_many([cache_key(model=other.identity, text="Rent is due.")]) == {}
    assert CachedEmbeddings().identity == EMBEDDER.sha256
    assert len(vector) == 16


def test_sharded_weights_of_an_encoder_are_part_of_its_name(encoder_folder):
    from transformers import AutoModel

    AutoModel.from_pretrained(encoder_folder).save_pretrained(encoder_folder, max_shard_size="5KB")
    shards = sorted(encoder_folder.glob("model-*.safetensors"))
    assert len(shards) > 1
    before = CachedEmbeddings(str(encoder_folder)).identity
    flip(shards[-1])
    assert CachedEmbeddings(str(encoder_folder)).identity != before


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (write("model.safetensors", POINTER.encode()), "git-lfs pointer"),
        (cut("model.safetensors", 5000), "are damaged"),
        (write("config.json", b"{"), "could not be loaded"),
        (drop("*.json"), "could not be loaded"),
    ],
)
def test_an_encoder_that_is_not_whole_is_one_sentence(encoder_folder, damage, sentence):
    damage(encoder_folder)
    with pytest.raises(ModelError, match=sentence) as raised:
        CachedEmbeddings(str(encoder_folder)).embed_query("Rent")
    assert "\n" not in str(raised.value)


def test_a_damaged_vector_of_the_cache_is_computed_again(encoder_folder):
    embeddings = CachedEmbeddings(str(encoder_folder))
    right = embeddings.embed_query("Rent is due.")
    for value in (b"", b"abc", bytes(64), b"\xff" * 64, bytes(60)):
        embeddings.cache.put_many({cache_key(model=embeddings.identity, text="Rent is due."): value})
        assert embeddings.embed_documents(["Other", "Rent is due."])[1] == right
