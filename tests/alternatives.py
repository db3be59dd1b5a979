"""What learners write: for every exercise at least three right ways, and wrong ones beyond the named misconceptions.

RIGHT and WRONG: (room, exercise) -> functions. None of them calls the reference.
"""

import bisect
import functools
import math
import re
import runpy
from collections import Counter, OrderedDict, defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from scipy import stats

from llm_workbook.taught.lab_1_1 import covers

RIGHT: dict[tuple[str, int], list] = defaultdict(list)
WRONG: dict[tuple[str, int], list] = defaultdict(list)


def right(room, number):
    """The decorated function is right."""
    return lambda function: RIGHT[f"lab_{room}", number].append(function) or function


def wrong(room, number):
    """The decorated function is wrong, though it looks right."""
    return lambda function: WRONG[f"lab_{room}", number].append(function) or function


# ------------------------------------------------------------------ 0


@right("0", 1)
def with_a_loop(clauses):
    lines = []
    for position in range(len(clauses)):
        lines.append("[" + str(position + 1) + "] " + clauses[position])
    return "\n".join(lines)


@right("0", 1)
def with_format(clauses, start=1):
    return "\n".join(map("[{}] {}".format, range(start, start + len(clauses)), clauses))


@right("0", 1)
def with_removesuffix(clauses: list) -> str:
    text = ""
    for number, clause in zip(range(1, 1000), clauses, strict=False):
        text += f"[{number}] {clause}\n"
    return text.removesuffix("\n")


class WithACall:
    """An object that is called."""

    def __call__(self, clauses):
        return "\n".join([f"[{number}] {clause}" for number, clause in enumerate(clauses, 1)])


right("0", 1)(WithACall())


@wrong("0", 1)
def place_of_the_first_like_it(clauses):
    return "\n".join(f"[{clauses.index(clause) + 1}] {clause}" for clause in clauses)


@wrong("0", 1)
def on_one_line(clauses):
    return "\n".join(f"[{number}] {' '.join(clause.split())}" for number, clause in enumerate(clauses, 1))


# ------------------------------------------------------------------ 1.1


def _guard(evidence, k):
    if k < 1 or len(evidence) == 0:
        raise ValueError("k must be at least 1, and evidence is needed")


@right("1_1", 1)
def recall_loop(ranked, evidence, k):
    _guard(evidence, k)
    hits = 0
    for span in evidence:
        for result in ranked[:k]:
            if covers(result, span):
                hits += 1
                break
    return hits / len(evidence)


@right("1_1", 1)
def recall_float32(ranked, evidence, k):
    _guard(evidence, k)
    table = np.array([[covers(r, e) for r in ranked[:k]] + [False] for e in evidence])
    return table.any(axis=1).astype("float32").mean()


@right("1_1", 1)
def recall_fraction(ranked, evidence, k):
    _guard(evidence, k)
    found = {span for span in evidence if any(covers(result, span) for result in list(ranked)[:k])}
    return Fraction(len(found), len(evidence))


@right("1_1", 1)
def recall_torch(ranked, evidence, k):
    _guard(evidence, k)
    return torch.tensor([float(any(covers(r, e) for r in ranked[:k])) for e in evidence]).mean()


@right("1_1", 1)
def recall_by_hand(ranked, evidence, k, share=0.5):
    _guard(evidence, k)

    def shared(a, b):
        return max(0, min(a.end, b.end) - max(a.start, b.start)) if a.document == b.document else 0

    return np.mean([max((shared(r, e) / (e.end - e.start) for r in ranked[:k]), default=0) >= share for e in evidence])


@wrong("1_1", 1)
def recall_divided_by_found(ranked, evidence, k):
    _guard(evidence, k)
    return sum(any(covers(r, e) for r in ranked[:k]) for e in evidence) / min(k, len(evidence))


@wrong("1_1", 1)
def recall_off_by_one(ranked, evidence, k):
    _guard(evidence, k)
    return sum(any(covers(r, e) for r in ranked[: k - 1] or ranked[:1]) for e in evidence) / len(evidence)


@wrong("1_1", 1)
def recall_another_error(ranked, evidence, k):
    assert k > 0 and evidence
    return recall_loop(ranked, evidence, k)


def _table_of_families(values, families):
    return pd.DataFrame({"value": np.asarray(values, float), "family": list(families)}).groupby("family")["value"]


@right("1_1", 2)
def real_loop(differences, families):
    names = []
    for name in differences:
        by_family = defaultdict(list)
        for value, family in zip(differences[name], families, strict=True):
            by_family[family].append(float(value))
        means = [sum(values) / len(values) for values in by_family.values()]
        m = sum(means) / len(means)
        s = math.sqrt(sum((mean - m) ** 2 for mean in means) / (len(means) - 1))
        if m - stats.t.ppf(0.975, len(means) - 1) * s / math.sqrt(len(means)) > 0:
            names.append(name)
    return names


@right("1_1", 2)
def real_by_scipy_interval(differences, families):
    kept = []
    for name, values in differences.items():
        means = _table_of_families(values, families).mean()
        low, _high = stats.t.interval(0.95, len(means) - 1, loc=means.mean(), scale=stats.sem(means))
        if low > 0:
            kept.append(name)
    return kept


@right("1_1", 2)
def real_by_t_test(differences, families):
    tests = {
        name: stats.ttest_1samp(_table_of_families(values, families).mean(), 0) for name, values in differences.items()
    }
    return tuple(name for name, test in tests.items() if test.confidence_interval(0.95).low > 0)


@right("1_1", 2)
def real_by_p(differences, families):
    means = {name: _table_of_families(values, families).mean() for name, values in differences.items()}
    return [name for name, each in means.items() if each.mean() > 0 and stats.ttest_1samp(each, 0).pvalue < 0.05]


@right("1_1", 2)
def real_weighted(differences, families):
    """The interval of run.compare: the mean over questions, its error over families."""
    names, index = np.unique(list(families), return_inverse=True)
    real = []
    for name, values in differences.items():
        sums = np.bincount(index, weights=values - values.mean())
        error = np.sqrt(len(names) / (len(names) - 1) * (sums**2).sum()) / len(values)
        if values.mean() - stats.t.ppf(0.975, len(names) - 1) * error > 0:
            real.append(name)
    return real


def _real_by(half):
    def real(differences, families):
        means = {name: _table_of_families(values, families).mean() for name, values in differences.items()}
        return [name for name, each in means.items() if each.mean() - half(each) > 0]

    return real


def _t(df, share=0.975):
    return stats.t.ppf(share, df)


wrong("1_1", 2)(_real_by(lambda each: _t(len(each)) * each.std() / len(each) ** 0.5))
wrong("1_1", 2)(_real_by(lambda each: _t(len(each) - 2) * each.std() / len(each) ** 0.5))
wrong("1_1", 2)(_real_by(lambda each: _t(len(each) - 1) * each.std(ddof=0) / len(each) ** 0.5))
wrong("1_1", 2)(_real_by(lambda each: 2.776 * each.std() / len(each) ** 0.5))
wrong("1_1", 2)(_real_by(lambda each: _t(len(each) - 1, 0.995) * each.std() / len(each) ** 0.5))


@wrong("1_1", 2)
def real_by_bootstrap(differences, families):
    """Percentiles of resampled families: too narrow with five."""
    real, rng = [], np.random.default_rng(7)
    for name, values in differences.items():
        means = _table_of_families(values, families).mean().to_numpy()
        drawn = rng.choice(means, (10_000, len(means))).mean(axis=1)
        if np.quantile(drawn, 0.025) > 0:
            real.append(name)
    return real


@wrong("1_1", 2)
def real_large(differences, families):
    return [name for name, values in differences.items() if np.mean(values) > 0.05]


SHOTS = [
    ("Lock rules: Boats pass within twenty minutes.", "How soon do boats pass?", "within twenty minutes"),
    ("Mast store: The yearly fee is $310.", "What is the yearly fee?", "$310"),
    ("Ferry permit: The permit holder is Ada Lund.", "Who holds the permit?", "Ada Lund"),
    ("Buoy lease: The lessee paints the buoy.", "How long is the lease?", "not stated"),
]
FORM = "Clauses:\n{}\n\nQuestion: {}"
INSTRUCTION = "Copy the answer from the clauses. If it is missing, answer: not stated"


@right("1_1", 3)
def prompt_in_a_loop(clauses, question):
    messages = [("system", INSTRUCTION)]
    for shown, asked, answer in SHOTS:
        messages.append(("human", FORM.format(shown, asked)))
        messages.append(("ai", answer))
    messages.append(("human", FORM.format(clauses, question)))
    return messages


@right("1_1", 3)
def prompt_of_message_objects(clauses, question):
    turns = [SystemMessage(INSTRUCTION)]
    for shown, asked, answer in SHOTS[:3]:
        turns += [HumanMessage(f"{asked}\n\n{shown}"), AIMessage(answer)]
    return [*turns, HumanMessage(f"{question}\n\n{clauses}\n\nRemember: {question}")]


@right("1_1", 3)
def prompt_of_dicts(clauses, question):
    turns = [{"role": "system", "content": INSTRUCTION}]
    for shown, asked, answer in reversed(SHOTS):
        turns.append({"role": "user", "content": FORM.format(shown, asked)})
        turns.append({"role": "assistant", "content": answer})
    return [*turns, {"role": "user", "content": FORM.format(clauses, question)}]


@right("1_1", 3)
def prompt_without_a_system_turn(clauses, question):
    """The instruction stands in the last turn, as for models without a system role."""
    examples = [turn for c, q, a in SHOTS for turn in (("user", FORM.format(c, q)), ("assistant", a))]
    return (*examples, ("user", f"{INSTRUCTION}\n\n{FORM.format(clauses, question)}"))


@right("1_1", 3)
def prompt_by_template(clauses, question):
    examples = [(role, text) for c, q, a in SHOTS for role, text in (("human", FORM.format(c, q)), ("ai", a))]
    template = ChatPromptTemplate.from_messages(
        [("system", INSTRUCTION), *examples, ("human", FORM.format("{c}", "{q}"))]
    )
    return template.invoke({"c": clauses, "q": question})


def _with_shots(shots, instruction=INSTRUCTION, last=FORM):
    def prompt(clauses, question):
        examples = [turn for c, q, a in shots for turn in (("human", FORM.format(c, q)), ("ai", a))]
        return [("system", instruction), *examples, ("human", last.format(clauses, question))]

    return prompt


wrong("1_1", 3)(_with_shots(SHOTS[:2]))
wrong("1_1", 3)(_with_shots([*SHOTS[:2], SHOTS[1]]))  # one example twice
wrong("1_1", 3)(
    _with_shots([SHOTS[2], ("Tug: Held by Bo.", "Who?", "Bo"), ("Quay: Held by Cy.", "Who?", "Cy")])
)  # no number
wrong("1_1", 3)(_with_shots([*SHOTS[:3], ("Tug: Held by Bo.", "Who holds it?", "Bo Berg")]))  # not copied
wrong("1_1", 3)(_with_shots(SHOTS[:3], instruction="Copy the answer."))  # no refusal anywhere
wrong("1_1", 3)(_with_shots([(c * 40, q, a) for c, q, a in SHOTS]))  # too long
wrong("1_1", 3)(_with_shots(SHOTS, last="Clauses: {0:.20}\n\nQuestion: {1}"))  # cut clauses


@wrong("1_1", 3)
def prompt_that_ends_with_the_model(clauses, question):
    return [*_with_shots(SHOTS)(clauses, question), ("ai", "not stated")]


@wrong("1_1", 3)
def prompt_as_one_text(clauses, question):
    return f"{INSTRUCTION}\n\n{FORM.format(clauses, question)}"


@wrong("1_1", 3)
def prompt_template_on_documents(clauses, question):
    """Braces in a document are taken for variables of the template."""
    return ChatPromptTemplate.from_messages(_with_shots(SHOTS)(clauses, question)).invoke({})


@wrong("1_1", 3)
def prompt_with_the_question_as_example(clauses, question):
    return _with_shots([*SHOTS, (clauses, question, clauses.split()[0])])(clauses, question)


# ------------------------------------------------------------------ 1.2


@right("1_2", 1)
def header_path(metadata):
    named = f"{metadata['title']} ({metadata['code']})" if metadata.get("code") else metadata["title"]
    return " > ".join(filter(None, [named, metadata.get("heading")]))


@right("1_2", 1)
def header_sentence(metadata):
    line = f"This is from the {metadata['title']}"
    if code := metadata.get("code"):
        line += f", number {code}"
    if metadata.get("heading") not in (None, ""):
        line += f", on {metadata['heading']}"
    return line + "."


@right("1_2", 1)
def header_with_the_parties(metadata, fields=("heading", "title", "code", "parties")):
    return " | ".join(str(metadata[name]) for name in fields if metadata.get(name))


@right("1_2", 1)
def header_dashes(metadata):
    parts = []
    for name in ["code", "title", "heading"]:
        value = metadata.get(name, "")
        if value != "":
            parts.append(value)
    return " -- ".join(parts)


@wrong("1_2", 1)
def header_lines(metadata):
    return "\n".join(metadata[name] for name in ("title", "code", "heading") if metadata.get(name))


@wrong("1_2", 1)
def header_none(metadata):
    return f"{metadata.get('title')}, {metadata.get('code')}, {metadata.get('heading')}"


@wrong("1_2", 1)
def header_brackets(metadata):
    return f"{metadata['title']} ({metadata.get('code', '')}) {metadata.get('heading', '')}".strip()


@wrong("1_2", 1)
def header_without_the_number(metadata):
    return " > ".join(metadata[name] for name in ("title", "parties", "heading") if metadata.get(name))


@wrong("1_2", 1)
def header_all_or_nothing(metadata):
    return header_path(metadata) if metadata.get("heading") else ""


@wrong("1_2", 1)
def header_long(metadata):
    names = [name for name in ("title", "code", "parties", "heading") if metadata.get(name)]
    return " ".join(f"The {name} that belongs to this clause is: {metadata[name]}." for name in names)


@right("1_2", 2)
def parents_loop(hits, parents, k):
    shown, seen = [], set()
    for hit in hits:
        name = hit.metadata["parent"]
        if name not in seen:
            seen.add(name)
            shown.append(parents[name])
        if len(shown) == k:
            break
    return shown


@right("1_2", 2)
def parents_ordered(hits, parents, k):
    found = OrderedDict()
    for hit in hits:
        found.setdefault(hit.metadata["parent"], parents[hit.metadata["parent"]])
    return tuple(found.values())[:k]


@right("1_2", 2)
def parents_pandas(hits, parents, k):
    names = pd.Series([hit.metadata["parent"] for hit in hits], dtype=object).drop_duplicates().head(k)
    return [parents[name] for name in names]


@wrong("1_2", 2)
def parents_by_votes(hits, parents, k):
    return [parents[name] for name, _ in Counter(hit.metadata["parent"] for hit in hits).most_common(k)]


@wrong("1_2", 2)
def parents_neighbours(hits, parents, k):
    names = [hit.metadata["parent"] for hit in hits]
    return [parents[name] for name, before in zip(names, [None, *names], strict=False) if name != before][:k]


@wrong("1_2", 2)
def parents_names(hits, parents, k):
    return list(dict.fromkeys(hit.metadata["parent"] for hit in hits))[:k]


@right("1_2", 3)
def unread_loop(texts, tokenizer, limit=256):
    unread = []
    for text in texts:
        length = len(tokenizer(text).input_ids)
        unread.append(length - limit if length > limit else 0)
    return unread


@right("1_2", 3)
def unread_slice(texts, tokenizer, limit=256):
    return tuple(len(tokenizer(text)["input_ids"][limit:]) for text in texts)


@right("1_2", 3)
def unread_numpy(texts, tokenizer, limit=256):
    lengths = np.array([len(ids) for ids in tokenizer(list(texts))["input_ids"]])
    return np.maximum(lengths - limit, 0)


@right("1_2", 3)
def unread_without_marks(texts, tokenizer, limit=256, marks=2):
    lengths = [len(tokenizer(text, add_special_tokens=False)["input_ids"]) + marks for text in texts]
    return list(np.clip(np.array(lengths) - limit, 0, None))


@wrong("1_2", 3)
def unread_total(texts, tokenizer, limit=256):
    return sum(unread_loop(texts, tokenizer, limit))


@wrong("1_2", 3)
def unread_only_the_cut_ones(texts, tokenizer, limit=256):
    return [count for count in unread_loop(texts, tokenizer, limit) if count]


@wrong("1_2", 3)
def unread_fixed_limit(texts, tokenizer, limit=256):
    return unread_loop(texts, tokenizer, 256)


# ------------------------------------------------------------------ 2.2

SMOLLM = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>'"
    " + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@right("2_2", 1)
def template_of_the_tokenizer(messages, open_answer=True):
    import jinja2

    return jinja2.Template(SMOLLM, keep_trailing_newline=True).render(
        messages=messages, add_generation_prompt=open_answer
    )


@right("2_2", 1)
def template_loop(messages, open_answer=True, role="assistant"):
    text = ""
    for message in messages:
        text += "<|im_start|>" + message["role"] + "\n"
        text += message["content"] + "<|im_end|>\n"
    if open_answer:
        text += f"<|im_start|>{role}\n"
    return text


@right("2_2", 1)
def template_join(messages, open_answer=True):
    turns = ["{role}\n{content}<|im_end|>\n".format(**message) for message in messages]
    return "<|im_start|>".join(["", *turns, *(["assistant\n"] if open_answer else [])])


@wrong("2_2", 1)
def template_stripped(messages, open_answer=True):
    return template_loop(messages, open_answer).strip()


@wrong("2_2", 1)
def template_opened_after_a_question_only(messages, open_answer=True):
    return template_loop(messages, open_answer and messages[-1]["role"] == "user")


@wrong("2_2", 1)
def template_with_two_system_turns(messages, open_answer=True):
    return "<|im_start|>system\nBe brief.<|im_end|>\n" + template_loop(messages, open_answer)


@right("2_2", 2)
def mask_list_of_two(prompt, answer, end):
    ids = [*prompt, *answer, end]
    labels = [-100 if place < len(prompt) else token for place, token in enumerate(ids)]
    return [ids, labels]


@right("2_2", 2)
def mask_extend(prompt, answer, end):
    ids = list(prompt)
    ids.extend(answer)
    ids.append(end)
    labels = ids.copy()
    labels[: len(prompt)] = [-100] * len(prompt)
    return ids, labels


@right("2_2", 2)
def mask_numpy(prompt, answer, end, ignore_index=-100):
    ids = np.array([*prompt, *answer, end])
    return list(ids), list(np.where(np.arange(len(ids)) < len(prompt), ignore_index, ids))


@right("2_2", 2)
def mask_torch(prompt, answer, end):
    ids = torch.tensor(prompt + answer + [end])
    labels = ids.clone()
    labels[: len(prompt)] = -100
    return ids.tolist(), labels.tolist()


@wrong("2_2", 2)
def mask_short_labels(prompt, answer, end):
    return prompt + answer + [end], [*answer, end]


@wrong("2_2", 2)
def mask_turned_round(prompt, answer, end):
    return prompt + answer + [end], prompt + [-100] * (len(answer) + 1)


@wrong("2_2", 2)
def mask_by_value(prompt, answer, end):
    ids = prompt + answer + [end]
    return ids, [-100 if token in prompt else token for token in ids]


@wrong("2_2", 2)
def mask_arrays(prompt, answer, end):
    return tuple(np.array(part) for part in mask_extend(prompt, answer, end))  # padding cannot be added to them


def _lora(draw, cast=True):
    class Layer(torch.nn.Module):
        def __init__(self, linear, rank, alpha):
            super().__init__()
            self.base, self.scaling = linear, alpha / rank
            for weight in self.base.parameters():
                weight.requires_grad = False
            self.a = torch.nn.Parameter(draw(rank, linear.in_features))
            self.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank))

        def forward(self, x):
            out = self.base(x)
            low = torch.nn.functional.linear(x.to(self.a.dtype) if cast else x, self.a)
            return out + self.scaling * torch.nn.functional.linear(low, self.b)

    return Layer


def _kaiming(rank, inputs):
    weight = torch.empty(rank, inputs)
    torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5))  # as peft and Microsoft's loralib
    return weight


def _xavier(rank, inputs):
    return torch.nn.init.xavier_normal_(torch.empty(rank, inputs))


right("2_2", 3)(_lora(_kaiming))
right("2_2", 3)(_lora(lambda rank, inputs: torch.randn(rank, inputs) * 0.02))
right("2_2", 3)(_lora(lambda rank, inputs: torch.randn(rank, inputs) / rank))  # peft's "gaussian"
right("2_2", 3)(_lora(_xavier))
right("2_2", 3)(_lora(_kaiming, cast=False))


@right("2_2", 3)
def lora_in_the_type_of_the_layer(linear, rank, alpha, dropout=0.0):
    class Layer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.base = linear
            self.base.requires_grad_(False)
            like = {"dtype": linear.weight.dtype, "device": linear.weight.device}
            self.a = torch.nn.Parameter(torch.randn(rank, linear.in_features, **like) * 0.01)
            self.b = torch.nn.Parameter(torch.zeros((linear.out_features, rank), **like))
            self.dropout = torch.nn.Dropout(dropout)

        def forward(self, x):
            return self.base(x) + torch.einsum("...i,ri,or->...o", self.dropout(x), self.a, self.b) * (alpha / rank)

    return Layer()


wrong("2_2", 3)(_lora(torch.ones))
wrong("2_2", 3)(_lora(torch.randn))  # 20 times too large where there are 400 inputs
wrong("2_2", 3)(_lora(torch.rand))


@wrong("2_2", 3)
def lora_without_the_base(linear, rank, alpha):
    layer = _lora(_kaiming)(linear, rank, alpha)
    layer.forward = lambda x: alpha / rank * (x @ layer.a.T @ layer.b.T)
    return layer


@wrong("2_2", 3)
def lora_merged_into_the_weights(linear, rank, alpha):
    layer = _lora(_kaiming)(linear, rank, alpha)
    layer.forward = lambda x: torch.nn.functional.linear(x, layer.base.weight + alpha / rank * layer.b @ layer.a)
    return layer  # the bias is lost


@wrong("2_2", 3)
def lora_one_draw(linear, rank, alpha):
    torch.manual_seed(0)
    return _lora(_kaiming)(linear, rank, alpha)


@right("2_2", 4)
def seeds_by_scipy(a, b):
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    return low, high


@right("2_2", 4)
def seeds_by_hand(a, b):
    differences = [one - other for one, other in zip(a, b, strict=True)]
    n = len(differences)
    mean = sum(differences) / n
    variance = sum((one - mean) ** 2 for one in differences) / (n - 1)
    half = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}[n - 1] * math.sqrt(variance / n)
    return [mean - half, mean + half]


@right("2_2", 4)
def seeds_by_pandas(a, b, confidence=0.95):
    differences = pd.Series(a) - pd.Series(b)
    return stats.t.interval(confidence, len(differences) - 1, differences.mean(), differences.sem())


@right("2_2", 4)
def seeds_as_an_array(a, b):
    differences = np.array(a) - np.array(b)
    factor = stats.t(df=differences.size - 1).isf(0.025)
    return differences.mean() + np.array([-1, 1]) * factor * stats.sem(differences)


@wrong("2_2", 4)
def seeds_range(a, b):
    differences = np.subtract(a, b)
    return differences.min(), differences.max()


@wrong("2_2", 4)
def seeds_b_minus_a(a, b):
    return seeds_by_hand(b, a)


@wrong("2_2", 4)
def seeds_three_only(a, b):
    differences = np.subtract(a, b)
    half = 4.303 * differences.std(ddof=1) / 3**0.5
    return differences.mean() - half, differences.mean() + half


# ------------------------------------------------------------------ 3.1


@right("3_1", 1)
def swaps_numpy(printed, stored):
    labels, table = list(stored), np.array(list(stored.values()), np.float32)
    owners = {label: labels[np.abs(table - np.array(row)).sum(1).argmin()] for label, row in printed.items()}
    return {label: owner for label, owner in owners.items() if owner != label}


@right("3_1", 1)
def swaps_pandas(printed, stored):
    table, swaps = pd.DataFrame(stored), {}
    for label, row in reversed(printed.items()):
        owner = table.sub(row, axis=0).abs().sum().idxmin()
        if owner != label:
            swaps[label] = owner
    return swaps


@right("3_1", 1)
def swaps_loop(printed, stored):
    swaps = OrderedDict()
    for label in printed:
        best, nearest = None, float("inf")
        for other in stored:
            distance = 0
            for a, b in zip(printed[label], stored[other], strict=False):
                distance += abs(a - b)
            if distance < nearest:
                best, nearest = other, distance
        if best != label:
            swaps[label] = best
    return swaps


@wrong("3_1", 1)
def swaps_both_ways(printed, stored):
    found = swaps_loop(printed, stored)
    return found | {owner: label for label, owner in found.items()}


@wrong("3_1", 1)
def swaps_by_mean(printed, stored):
    owners = {x: min(stored, key=lambda o: abs(np.mean(printed[x]) - np.mean(stored[o]))) for x in printed}
    return {label: owner for label, owner in owners.items() if owner != label}


@wrong("3_1", 1)
def swaps_pairs(printed, stored):
    return list(swaps_loop(printed, stored).items())


def _worth(families, per_family, alike):
    return families * per_family / (1 + (per_family - 1) * alike)


@right("3_1", 2)
def families_while(power_at, per_family, alike, wanted=0.8, most=1000):
    families = 1
    while power_at(_worth(families, per_family, alike)) < wanted:
        families += 1
        if families > most:
            raise ValueError(f"not even {most}")
    return families


@right("3_1", 2)
def families_bisect(power_at, per_family, alike, wanted=0.8, most=1000):
    each = per_family / (1 - alike + per_family * alike)
    place = bisect.bisect_left(range(1, most + 1), wanted, key=lambda families: power_at(families * each))
    if place == most:
        raise ValueError("out of reach")
    return place + 1


@right("3_1", 2)
def families_numpy(power_at, per_family, alike, wanted=0.8, most=1000):
    families = np.arange(1, most + 1)
    enough = np.flatnonzero(power_at(_worth(families, per_family, alike)) >= wanted)
    if not len(enough):
        raise ValueError("none")
    return families[enough[0]]


@right("3_1", 2)
def families_next(power_at, per_family, alike, wanted=0.8, most=1000):
    sizes = range(1, most + 1)
    found = next((g for g in sizes if power_at(_worth(g, per_family, alike)) >= wanted), None)
    if found is None:
        raise ValueError
    return found


@wrong("3_1", 2)
def families_one_less(power_at, per_family, alike, wanted=0.8, most=1000):
    sizes = range(1, most)
    return next((g for g in sizes if power_at(_worth(g, per_family, alike)) >= wanted), None) or _out_of_reach()


@wrong("3_1", 2)
def families_most_when_none(power_at, per_family, alike, wanted=0.8, most=1000):
    return next((g for g in range(1, most + 1) if power_at(_worth(g, per_family, alike)) >= wanted), most)


@wrong("3_1", 2)
def families_rounded_down(power_at, per_family, alike, wanted=0.8, most=1000):
    alone = next((n for n in range(1, 100_000) if power_at(n) >= wanted), None) or _out_of_reach()
    return int(alone * (1 + (per_family - 1) * alike) / per_family) or 1


@wrong("3_1", 2)
def families_as_float(power_at, per_family, alike, wanted=0.8, most=1000):
    return float(families_next(power_at, per_family, alike, wanted, most))


def _out_of_reach():
    raise ValueError("out of reach")


@right("3_1", 3)
def ask_loop(task, items, system, kept):
    missing = []
    for item in items:
        key = (task.id, system.spec.id, item.id, system.seed)
        if key not in kept:
            missing.append(item)
    return missing


@right("3_1", 3)
def ask_by_rows(task, items, system, kept):
    own = (task.id, system.spec.id, system.seed)
    known = {row.item for row in kept.values() if (row.task, row.system, row.seed) == own}
    return [item for item in items if item.id not in known]


@right("3_1", 3)
def ask_filter(task, items, system, kept):
    return tuple(filter(lambda item: kept.get((task.id, system.spec.id, item.id, system.seed)) is None, items))


@right("3_1", 3)
def ask_by_difference(task, items, system, kept):
    by_key = {(task.id, system.spec.id, item.id, system.seed): item for item in items}
    return [by_key[key] for key in by_key if key not in kept]


@wrong("3_1", 3)
def ask_ids(task, items, system, kept):
    return [item.id for item in ask_loop(task, items, system, kept)]


@wrong("3_1", 3)
def ask_sorted(task, items, system, kept):
    return sorted(ask_loop(task, items, system, kept), key=lambda item: item.id)


@wrong("3_1", 3)
def ask_by_name(task, items, system, kept):
    known = {(row.task, row.item, row.seed) for row in kept.values()}
    return [item for item in items if (task.id, item.id, system.seed) not in known]


@wrong("3_1", 3)
def ask_until_the_first_gap(task, items, system, kept):
    for place, item in enumerate(items):
        if (task.id, system.spec.id, item.id, system.seed) not in kept:
            return items[place:]
    return []


# ------------------------------------------------------------------ 3.3


@right("3_3", 1)
def look_in_a_loop(question, found, read, refuses, k=4):
    answer = None
    for first in (0, k):
        shown = found[first : first + k]
        if answer is not None and (not shown or not refuses(answer)):
            break
        answer = read(question, shown)
    return answer


@right("3_3", 1)
def look_by_slices(question, found, read, refuses, k=4):
    first, further = list(found)[:k], list(found)[k:][:k]
    said = read(question, tuple(first))
    return said if len(further) == 0 or not refuses(said) else read(question, tuple(further))


@right("3_3", 1)
def look_with_early_returns(question, found, read, refuses, k=4):
    answer = read(question, [*found][slice(0, k)])
    if not refuses(answer):
        return answer
    if len(found) <= k:
        return answer
    return read(question, [found[place] for place in range(k, min(2 * k, len(found)))])


@wrong("3_3", 1)
def look_twice_always(question, found, read, refuses, k=4):
    answers = [read(question, found[:k]), read(question, found[k : 2 * k])]
    return next((answer for answer in answers if not refuses(answer)), answers[0])


@wrong("3_3", 1)
def look_at_eight(question, found, read, refuses, k=4):
    return read(question, found[: 2 * k])


@wrong("3_3", 1)
def look_by_the_exact_words(question, found, read, refuses, k=4):
    answer = read(question, found[:k])
    return read(question, found[k : 2 * k]) if answer == "not stated." and found[k:] else answer


@wrong("3_3", 1)
def look_at_four_whatever_k(question, found, read, refuses, k=4):
    answer = read(question, found[:4])
    return read(question, found[4:8]) if refuses(answer) and found[4:] else answer


@right("3_3", 2)
def gain_by_merging(new, old):
    if not set(new["question_id"]) ^ set(old["question_id"]) == set():
        raise ValueError("other questions")
    both = new.merge(old[["question_id", "correct"]], on="question_id", suffixes=("", "_old"))
    both["gain"] = both["correct"] - both["correct_old"]
    return both.pivot_table(index="question_id", columns="seed", values="gain")


@right("3_3", 2)
def gain_by_loops(new, old):
    before = dict(zip(old["question_id"], old["correct"], strict=True))
    if sorted(before) != sorted(new["question_id"].unique()):
        raise ValueError(f"{len(before)} questions")
    columns = {}
    for seed, rows in new.groupby("seed"):
        columns[seed] = {row.question_id: row.correct - before[row.question_id] for row in rows.itertuples()}
    return pd.DataFrame(columns)


@right("3_3", 2)
def gain_by_unstacking(new, old):
    wide = new.set_index(["question_id", "seed"])["correct"].unstack()
    other = old.set_index("question_id")["correct"]
    if len(wide) != len(other) or not wide.index.isin(other.index).all():
        raise ValueError("other questions")
    return wide.apply(lambda column: column - other)


@wrong("3_3", 2)
def gain_of_shared_questions(new, old):
    wide = new.pivot(index="question_id", columns="seed", values="correct")
    return wide.sub(old.set_index("question_id")["correct"], axis=0).dropna()


@wrong("3_3", 2)
def gain_of_sizes(new, old):
    if new["question_id"].nunique() != len(old):
        raise ValueError("other questions")
    return gain_of_shared_questions(new, old).abs()


@wrong("3_3", 2)
def gain_of_the_first_seed(new, old):
    return gain_by_loops(new[new["seed"] == new["seed"].min()], old)


@right("3_3", 3)
def objections_one_by_one(claim):
    found = []
    if not claim.low > 0:
        found.append("interval")
    if not claim.right > claim.guess:
        found.append("guess")
    if claim.families <= 14:
        found.append("families")
    if claim.needless > 10:
        found.append("needless")
    return found[::-1]


@right("3_3", 3)
def objections_as_a_set(claim):
    return {
        *(["interval"] if claim.low <= 0 else []),
        *(["guess"] if claim.right - claim.guess <= 0 else []),
        *(["families"] if claim.families < 15 else []),
        *(["needless"] if claim.needless > 10 else []),
    }


@right("3_3", 3)
def objections_by_table(claim, least=15, most=10):
    rules = [
        (claim.low <= 0, "interval"), (claim.guess >= claim.right, "guess"), (claim.families < least, "families"),
        (claim.needless > most, "needless"),
    ]  # fmt: skip
    return tuple(name for broken, name in rules if broken)


@wrong("3_3", 3)
def objections_with_fifteen_too_few(claim):
    return objections_one_by_one(claim._replace(families=claim.families - 1))


@wrong("3_3", 3)
def objections_with_ten_too_many(claim):
    return objections_one_by_one(claim._replace(needless=claim.needless + 1e-6))


@wrong("3_3", 3)
def objections_as_yes_or_no(claim):
    return not objections_one_by_one(claim)


@wrong("3_3", 3)
def objections_only_when_all_hold(claim):
    found = objections_one_by_one(claim)
    return found if len(found) != 1 else []


@right("3_3", 4)
def least_by_reduce(systems, gain):
    return functools.reduce(lambda chosen, system: system if gain(system, chosen)[1] > 0 else chosen, systems)


@right("3_3", 4)
def least_by_places(systems, gain):
    best = 0
    for place in range(1, len(systems)):
        _difference, low, _high = gain(systems[place], systems[best])
        best = place if low > 0 else best
    return systems[best]


@right("3_3", 4)
def least_by_iterator(systems, gain, least=0.0):
    rest = iter(systems)
    chosen = next(rest)
    while (system := next(rest, None)) is not None:
        if min(gain(system, chosen)) > least:
            chosen = system
    return chosen


@wrong("3_3", 4)
def least_when_not_worse(systems, gain):
    return functools.reduce(lambda chosen, system: system if gain(system, chosen)[2] > 0 else chosen, systems)


@wrong("3_3", 4)
def least_with_zero_included(systems, gain):
    return functools.reduce(lambda chosen, system: system if gain(system, chosen)[1] >= 0 else chosen, systems)


@wrong("3_3", 4)
def least_over_the_neighbour(systems, gain):
    chosen = systems[0]
    for place, new in enumerate(systems[1:]):
        old = systems[place]
        chosen = new if gain(new, old)[1] > 0 else chosen
    return chosen


@wrong("3_3", 4)
def least_from_above(systems, gain):
    return next((one for one in reversed(systems) if gain(one, systems[0])[1] > 0), systems[0])


# ------------------------------------------------------------------ 3.4


@right("3_4", 1)
def cost_regex(quantity, value, unit):
    match = re.fullmatch(r"USD per (?:(\d+) )?(\S.*)", unit)
    if match is None or value < 0:
        raise ValueError(f"no price: {value} {unit}")
    return quantity * value / int(match.group(1) or 1)


@right("3_4", 1)
def cost_words(quantity, value, unit):
    words = unit.split()
    if words[:2] != ["USD", "per"] or value < 0:
        raise ValueError("no price")
    try:
        size = float(words[2])
    except ValueError:
        size = 1
    return np.float64(value) / size * quantity


@right("3_4", 1)
def cost_prefix(quantity, value, unit, prefix="USD per "):
    if not unit.startswith(prefix) or value < 0:
        raise ValueError(unit)
    head, _, _thing = unit.removeprefix(prefix).partition(" ")
    return (quantity / int(head) if head.isnumeric() else quantity) * value


@wrong("3_4", 1)
def cost_usd_only(quantity, value, unit):
    if not unit.startswith("USD") or value < 0:
        raise ValueError("no price")
    size = next((int(word) for word in unit.split() if word.isdigit()), 1)
    return quantity * value / size


@wrong("3_4", 1)
def cost_somewhere_in_it(quantity, value, unit):
    if "USD" not in unit or "per" not in unit or value < 0:
        raise ValueError("no price")
    size = next((int(word) for word in unit.split() if word.isdigit()), 1)
    return quantity * value / size


@wrong("3_4", 1)
def cost_thousand_or_one(quantity, value, unit):
    if not unit.startswith("USD per ") or value < 0:
        raise ValueError("no price")
    return quantity * value / (1000 if "1000" in unit else 1)


@wrong("3_4", 1)
def cost_whole_sizes(quantity, value, unit):
    if not unit.startswith("USD per ") or value < 0:
        raise ValueError("no price")
    size = unit.split()[2]
    return math.ceil(quantity / (int(size) if size.isdigit() else 1)) * value


@wrong("3_4", 1)
def cost_nothing_is_no_price(quantity, value, unit):
    if not unit.startswith("USD per ") or value <= 0:
        raise ValueError("no price")
    size = unit.split()[2]
    return quantity * value / (int(size) if size.isdigit() else 1)


@right("3_4", 2)
def pass_by_outcome(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    if right == 0:
        return float("inf")
    refused = 1 - right - wrong
    total = machine_usd + right * check_usd + wrong * (check_usd + believed * error_usd) + refused * refusal_usd
    return total / right


@right("3_4", 2)
def pass_dot(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    shares = np.array([right, wrong, 1 - right - wrong])
    spent = np.array([check_usd, check_usd + believed * error_usd, refusal_usd]) + machine_usd
    return np.float64(shares @ spent) / right if right else np.inf


@right("3_4", 2)
def pass_for_a_thousand(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    n = 1000
    spent = n * machine_usd + n * (right + wrong) * check_usd
    spent += n * (1 - (right + wrong)) * refusal_usd + n * wrong * believed * error_usd
    try:
        return spent / (n * right)
    except ZeroDivisionError:
        return math.inf


@wrong("3_4", 2)
def pass_checks_everything(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    if right == 0:
        return math.inf
    refused = 1 - right - wrong
    return (machine_usd + check_usd + refused * refusal_usd + wrong * believed * error_usd) / right


@wrong("3_4", 2)
def pass_machine_after(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    if right == 0:
        return math.inf
    refused = 1 - right - wrong
    return machine_usd + ((right + wrong) * check_usd + refused * refusal_usd + wrong * believed * error_usd) / right


@wrong("3_4", 2)
def pass_believed_share_of_all(right, wrong, believed, machine_usd, check_usd, refusal_usd, error_usd):
    if right == 0:
        return math.inf
    refused = 1 - right - wrong
    return (machine_usd + (right + wrong) * check_usd + refused * refusal_usd + believed * error_usd) / right


@right("3_4", 3)
def accuracy_from_the_gap(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    gap = right_usd - wrong_usd
    if gap <= 0:
        raise ValueError("no gap")
    with_all_wrong = (1 - refused) * wrong_usd + refused * refused_usd
    return (cost_usd - with_all_wrong) / gap


@right("3_4", 3)
def accuracy_from_two_points(cost_usd, right_usd, wrong_usd, refused_usd=0, refused=0):
    if not right_usd > wrong_usd:
        raise ValueError(f"{right_usd} <= {wrong_usd}")

    def net(share):
        return share * right_usd + (1 - refused - share) * wrong_usd + refused * refused_usd - cost_usd

    return -net(0.0) / (net(1.0) - net(0.0))


@right("3_4", 3)
def accuracy_matrix(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    if right_usd <= wrong_usd:
        raise ValueError("right must be worth more than wrong")
    sums = np.array([[right_usd, wrong_usd], [1.0, 1.0]])
    return np.linalg.solve(sums, [cost_usd - refused * refused_usd, 1 - refused])[0]


@wrong("3_4", 3)
def accuracy_nothing_raised(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    gap = right_usd - wrong_usd
    return (cost_usd - (1 - refused) * wrong_usd - refused * refused_usd) / gap if gap else math.inf


@wrong("3_4", 3)
def accuracy_refusals_as_wrong(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    if right_usd <= wrong_usd:
        raise ValueError("right must be worth more than wrong")
    return (cost_usd - wrong_usd - refused * refused_usd) / (right_usd - wrong_usd)


@wrong("3_4", 3)
def accuracy_wrong_added(cost_usd, right_usd, wrong_usd, refused_usd=0.0, refused=0.0):
    if right_usd <= wrong_usd:
        raise ValueError("right must be worth more than wrong")
    return (cost_usd - refused * refused_usd - (1 - refused) * wrong_usd) / (right_usd + wrong_usd)


@right("3_4", 4)
def even_cases(fixed_a, per_query_a, fixed_b, per_query_b):
    if per_query_b > per_query_a:
        return float("inf")
    if fixed_b <= fixed_a:
        return 0
    if per_query_b == per_query_a:
        return np.inf
    return (fixed_b - fixed_a) / (per_query_a - per_query_b)


@right("3_4", 4)
def even_numpy(fixed_a, per_query_a, fixed_b, per_query_b):
    extra, saving = np.float64(fixed_b - fixed_a), np.float64(per_query_a - per_query_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.inf if saving < 0 else np.nan_to_num(max(np.float64(0), extra / saving), nan=0.0, posinf=np.inf)


@right("3_4", 4)
def even_max(fixed_a, per_query_a, fixed_b, per_query_b):
    if per_query_a < per_query_b:
        return math.inf
    if per_query_a == per_query_b:
        return 0.0 if fixed_a >= fixed_b else math.inf
    return max(0.0, (fixed_a - fixed_b) / (per_query_b - per_query_a))


@wrong("3_4", 4)
def even_first_cheaper(fixed_a, per_query_a, fixed_b, per_query_b):
    return 0.0 if fixed_b < fixed_a else even_cases(fixed_a, per_query_a, fixed_b, per_query_b)


@wrong("3_4", 4)
def even_rounded(fixed_a, per_query_a, fixed_b, per_query_b):
    volume = even_cases(fixed_a, per_query_a, fixed_b, per_query_b)
    return volume if volume == math.inf else math.floor(volume / 1000) * 1000


@wrong("3_4", 4)
def even_equal_lines_never(fixed_a, per_query_a, fixed_b, per_query_b):
    return math.inf if per_query_a <= per_query_b else max(0.0, (fixed_b - fixed_a) / (per_query_a - per_query_b))


for _path in sorted((Path(__file__).parent / "labs").glob("lab_*/ways_*.py")):  # of labs made by tools/new_lab.py
    _ways = runpy.run_path(str(_path))
    for _number in _ways["RIGHT"]:
        RIGHT[_path.parent.name, _number] += _ways["RIGHT"][_number]
        WRONG[_path.parent.name, _number] += _ways["WRONG"][_number]
