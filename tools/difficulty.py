"""How hard is a corpus? One table, made from real runs of the offline models.

  python tools/difficulty.py [--corpus authored|cuad] [--items 144] [--tokens 100000] [--write]

Rows: the base model closed book, with the gold clauses, with what a naive index finds, and with gold among two distractors; a small
LoRA trained on gold-among-distractors examples (RAFT, arXiv:2403.10131) of the train families, 100,000 training tokens (about
three and a half minutes on two cores with bfloat16); the same trained on half of the clause wordings, on test clauses in those wordings
and in the others; and recall at 10 of keywords and of vectors by question type. Bands are over contract families. Each row is kept in
build/difficulty/ and not computed twice; --write puts the table into data/README.md.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.corpus.load import load_contracts, load_facts, load_questions  # noqa: E402
from llm_workbook.corpus.records import Question, Span  # noqa: E402
from llm_workbook.measure.answers import score_answers  # noqa: E402
from llm_workbook.measure.retrieval import score_rankings  # noqa: E402
from llm_workbook.measure.statistics import compare, mean_band  # noqa: E402

SYSTEM = "Answer in a few words, copied from the clauses. If they do not state it, answer: not stated"
ASK = "Clauses:\n{clauses}\n\nQuestion: {question}"
WORKED = """Mooring licence: Dues are payable in advance on the first of the month.

Boat shed lease: The lessee shall give the lessor seventeen (17) days' notice of any alteration.

Slipway rules: No vessel may be left on the slipway overnight."""
EXAMPLE = [("human", ASK.format(clauses=WORKED, question="How much notice of an alteration is due?")), ("ai", "seventeen (17) days")]
K, CHUNK, OVERLAP, RECALL_AT = 3, 300, 45, 10
SEVERAL = ("pointer", "bridge", "comparison", "aggregate", "superseded", "conflict")  # types whose evidence is more than one clause
TURNS, BATCH = 5, 4
Contexts = Callable[[Question], list[str]]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="authored", choices=["authored", "cuad"])
    parser.add_argument("--items", type=int, default=144, help="questions that the model reads, in the order of the test split")
    parser.add_argument("--tokens", type=int, default=100_000, help="tokens to train on")
    parser.add_argument("--write", action="store_true", help="put the table into data/README.md")
    options = parser.parse_args()
    table = Difficulty(options.corpus, options.items, options.tokens).table()
    print(table)
    if options.write:
        write(options.corpus, table)
    return 0


class Difficulty:
    """The rows of one corpus; each is computed when it is not yet kept."""

    def __init__(self, corpus: str, items: int, tokens: int) -> None:
        self.corpus, self.tokens = corpus, tokens
        self.contracts = {contract.id: contract for contract in load_contracts(corpus)}
        self.test = load_questions(corpus, "test")
        self.read = [question for question in self.test if question.answerable][:items]
        self.train = [q for q in load_questions(corpus, "train") if 0 < len(q.evidence) <= 3 or not q.answerable]
        state = json.dumps([corpus, items, tokens, [question.id for question in self.read], [c.text for c in self.contracts.values()]])
        self.adapters: dict[str, object] = {}
        self.folder = ROOT / "build" / "difficulty" / f"{corpus}-{hashlib.sha256(state.encode()).hexdigest()[:10]}"

    def table(self) -> str:
        """The table in Markdown."""
        base = base_chat()
        rows = {
            "base model, closed book": lambda: self.answers(base, lambda q: []),
            "base model, gold clauses": lambda: self.answers(base, self.gold),
            f"base model, the {K} chunks that a naive index finds": lambda: self.answers(base, self.retrieved),
            "base model, gold and two distractors": lambda: self.answers(base, self.among_others),
        }
        for group, questions in self.groups().items():
            label = f"LoRA trained so on {self.tokens // 1000:,} thousand tokens of the train families; {group}"
            rows[label] = lambda questions=questions: self.tuned("whole", questions)
        lines = [f"| {name} | {self.row(name, make)} |" for name, make in rows.items()]
        if self.corpus == "authored":
            lines += self.half_of_the_wordings()
        lines += self.retrieval()
        return "\n".join(["| | correct, % [95 % band over families] |", "|---|---|", *lines])

    def groups(self) -> dict[str, list[Question]]:
        """The reading questions: those that one clause answers, and those that need several; a group without questions is left out."""
        several = [question for question in self.read if question.type in SEVERAL]
        one = [question for question in self.read if question.type not in SEVERAL]
        return {name: found for name, found in (("one clause answers", one), ("several clauses do", several)) if found}

    def row(self, name: str, make: Callable[[], dict]) -> str:
        """What `make` gives, from disk when it was made before."""
        path = self.folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.json"
        if not path.exists():
            started = time.perf_counter()
            made = {**make(), "seconds": 0.0}
            made["seconds"] = round(time.perf_counter() - started, 1)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".part").write_text(json.dumps(made), encoding="utf-8")
            path.with_suffix(".part").replace(path)
        made = json.loads(path.read_text(encoding="utf-8"))
        print(f"{name}: {made}", file=sys.stderr, flush=True)
        return made["text"]

    def answers(self, chat, contexts: Contexts, questions: Sequence[Question] | None = None, example: bool = True) -> dict:
        """The share of right answers on the reading questions, as "52.1 [44, 60], n = 96"."""
        questions = self.read if questions is None else questions
        shown = [contexts(question) for question in questions]
        prompts = [conversation(texts, question.question, example) for texts, question in zip(shown, questions, strict=True)]
        scores = score_answers(questions, [reply.text for reply in chat.batch(prompts)], shown)
        mean, low, high = (100 * value for value in mean_band(scores["correct"], scores["family"]))
        by_type = scores.groupby("type")["correct"].mean().round(3).to_dict()
        return {"text": f"{mean:.1f} [{low:.0f}, {high:.0f}], n = {len(scores)}", "by_type": by_type}

    def clause(self, span: Span) -> str:
        """A clause as a reader sees it: title, heading and text; 600 characters round the span where the contract has no sections."""
        contract = self.contracts[span.document]
        if not contract.sections:
            spare = max(0, 600 - len(span)) // 2
            return f"{contract.title}: {' '.join(contract.text[max(0, span.start - spare) : span.end + spare].split())[:900]}"
        heading = next((f", {part.title}" for part in contract.sections[1:] if part.start <= span.start < part.end), "")
        return f"{contract.title}{heading}: {' '.join(contract.text_of(span).split())[:900]}"

    def gold(self, question: Question) -> list[str]:
        """The evidence alone."""
        return [self.clause(span) for span in question.evidence]

    def copied(self, question: Question) -> str:
        """The answer to train on: the one of its forms that stands in the evidence, as it is written there; else the canonical form."""
        text = "\n".join(self.gold(question))
        places = [re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text, re.IGNORECASE) for answer in question.answers]
        return next((place[0] for place in places if place), question.answers[0])

    def among_others(self, question: Question) -> list[str]:
        """The evidence and two clauses of other kinds from contracts of the same split, in an order without meaning."""
        return [self.clause(span) for span in self.shown(question)]

    def shown(self, question: Question) -> list[Span]:
        """The clauses of `among_others`; where nothing answers, the text that tempts one to answer stands for the evidence."""
        rng = random.Random(question.id)
        mine = set(question.documents) | {span.document for span in question.evidence}
        spans = list(question.evidence or question.nearby[:1])
        pool = [span for span in self.pools[question.split] if span not in spans]
        near = [span for span in pool if span.document in mine]
        spans += [rng.choice(near or pool), rng.choice(pool)]
        return rng.sample(spans, len(spans))

    def lesson(self, seed: Question, questions: Sequence[Question]) -> tuple[list[str], list[Question]]:
        """Clauses, and up to five of `questions` about them: they are read once and answered several times."""
        spans, rng = self.shown(seed), random.Random(f"lesson {seed.id}")
        about = [q for q in questions if q.evidence and set(q.evidence) <= set(spans) and q.facts != seed.facts]
        facts = {q.facts or q.id: q for q in rng.sample(about, len(about))}
        absent = [q for q in questions if not q.answerable and q.documents == seed.documents and q is not seed]
        turns = [seed, *list(facts.values())[: TURNS - 1], *rng.sample(absent, min(len(absent), rng.random() < 0.35))]
        return [self.clause(span) for span in spans], rng.sample(turns, len(turns))

    @cached_property
    def pools(self) -> dict[str, list[Span]]:
        """The evidence of every question, by split."""
        questions = {split: load_questions(self.corpus, split) for split in ("train", "test")}
        return {split: list(dict.fromkeys(span for q in those for span in q.evidence)) for split, those in questions.items()}

    def tuned(self, name: str, questions: Sequence[Question], keep: Callable = lambda question: True) -> dict:
        """The row of a LoRA trained on the train questions that `keep` lets through."""
        if name not in self.adapters:
            kept = [question for question in self.train if keep(question)]
            identity = f"{self.folder.name} {name}"
            self.adapters = {name: train_lora(self.lessons(kept), self.tokens, identity)}  # one at a time: memory
        return self.answers(self.adapters[name], self.among_others, questions, example=False)

    def lessons(self, questions: list[Question]) -> Callable:
        """chat -> its endless examples: (token ids, which of them are answers), in an order without meaning, again and again."""

        def examples(chat) -> Iterator[tuple[list[int], list[bool]]]:
            for epoch in count():
                for seed in random.Random(f"order {epoch}").sample(questions, len(questions)):
                    clauses, turns = self.lesson(seed, questions)
                    yield encode(chat, clauses, [(question.question, self.copied(question)) for question in turns])

        return examples

    def half_of_the_wordings(self) -> list[str]:
        """Two rows: trained on half of the clause wordings, read in those wordings and in the others."""
        wordings = {fact.span: f"{fact.type} {fact.wording}" for fact in load_facts() if fact.span and fact.wording}
        sides = {wording: int(hashlib.sha256(wording.encode()).hexdigest(), 16) % 2 for wording in set(wordings.values())}

        def side(question: Question) -> int | None:
            found = {sides.get(wordings.get(span, "")) for span in question.evidence}
            return found.pop() if len(found) == 1 else None

        def first_half(question: Question) -> bool:
            return side(question) == 0

        answerable = [question for question in self.test if question.answerable]
        lines = []
        for label, number in (("these wordings", 0), ("the other wordings", 1)):
            questions = [question for question in answerable if side(question) == number][: len(self.read) // 2]
            name = f"LoRA trained on half of the clause wordings, test clauses in {label}"
            lines.append(f"| {name} | {self.row(name, lambda questions=questions: self.tuned('half', questions, first_half))} |")
        return lines

    def retrieved(self, question: Question) -> list[str]:
        """The first K chunks of a naive index."""
        return [f"{chunk.metadata['title']}: {chunk.page_content}" for chunk in self.naive[question.id][:K]]

    @cached_property
    def chunks(self) -> list:
        """Every contract in pieces of CHUNK characters."""
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        documents = [Document(c.text, metadata={"document": c.id, "title": c.title}) for c in self.contracts.values()]
        return RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP, add_start_index=True).split_documents(documents)

    @cached_property
    def titled(self) -> list[str]:
        """The chunks' texts with the contract's title in front, without which neither leg can tell the contracts apart."""
        return [f"{chunk.metadata['title']}\n{chunk.page_content}" for chunk in self.chunks]

    @cached_property
    def naive(self) -> dict[str, list]:
        """Ranked chunks of every test question, by the vectors of their bare text."""
        return self.by_vectors([chunk.page_content for chunk in self.chunks])

    def by_vectors(self, texts: list[str]) -> dict[str, list]:
        """The 20 nearest chunks of every test question, by cosine."""
        import numpy as np

        from llm_workbook.models.embeddings import CachedEmbeddings

        embeddings = CachedEmbeddings()
        stored, asked = (np.array(embeddings.embed_documents(one)) for one in (texts, [q.question for q in self.test]))
        best = np.argsort(-(asked @ stored.T), axis=1)[:, :20]
        return {q.id: [self.chunks[n] for n in row] for q, row in zip(self.test, best, strict=True)}

    def by_keywords(self, texts: list[str]) -> dict[str, list]:
        """The 20 best chunks of every test question, by BM25."""
        import bm25s

        stored, asked = (bm25s.tokenize(one, stopwords="en", show_progress=False) for one in (texts, [q.question for q in self.test]))
        index = bm25s.BM25()
        index.index(stored, show_progress=False)
        hits, _ = index.retrieve(asked, k=20, show_progress=False)
        return {q.id: [self.chunks[n] for n in row] for q, row in zip(self.test, hits, strict=True)}

    def retrieval(self) -> list[str]:
        """Recall by type: vectors, keywords, and who wins where the band leaves zero out."""
        name = "retrieval"
        path = self.folder / f"{name}.md"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(self._retrieval()), encoding="utf-8")
        return path.read_text(encoding="utf-8").splitlines()

    def _retrieval(self) -> list[str]:
        def spans(chunks: list) -> list[Span]:
            starts = [(chunk.metadata["document"], chunk.metadata["start_index"], len(chunk.page_content)) for chunk in chunks]
            return [Span(document, start, start + length) for document, start, length in starts]

        legs = {"vectors": self.by_vectors(self.titled), "keywords": self.by_keywords(self.titled)}
        ranked = {leg: {q: spans(chunks) for q, chunks in hits.items()} for leg, hits in legs.items()}
        scores = {leg: score_rankings(rankings, self.test, RECALL_AT) for leg, rankings in ranked.items()}
        what = f"recall at {RECALL_AT}, chunks of {CHUNK} characters with their title"
        head = f"| {what} | vectors | keywords (BM25) | difference, points | wins |"
        lines = ["", head, "|---|---|---|---|---|"]
        for kind in ["all", *sorted(set(scores["vectors"]["type"]))]:
            a, b = (s if kind == "all" else s[s["type"] == kind] for s in (scores["keywords"], scores["vectors"]))
            families = dict(zip(a["question_id"], a["family"], strict=True))
            verdict = compare(a.set_index("question_id")["recall"], b.set_index("question_id")["recall"], families)
            winner = {"better": "keywords", "worse": "vectors"}.get(verdict.label, "")
            band = f"{verdict.difference:+.1f} [{verdict.low:.1f}, {verdict.high:.1f}]"
            lines.append(f"| {kind} (n = {len(a)}) | {100 * b['recall'].mean():.1f} | {100 * a['recall'].mean():.1f} | {band} | {winner} |")
        return lines


def conversation(clauses: Sequence[str], question: str, example: bool) -> list[tuple[str, str]]:
    """The messages of one prompt; the worked example is for the base model only."""
    ask = ASK.format(clauses="\n\n".join(clauses) or "(none)", question=question)
    return [("system", SYSTEM), *(EXAMPLE if example else []), ("human", ask)]


def base_chat():
    """The offline model."""
    from llm_workbook.models.chat import load_chat_model

    return load_chat_model(None, 24)


def train_lora(examples: Callable, tokens: int, identity: str, seed: int = 7):
    """The offline model with a LoRA (rank 16, linear layers of the upper half); loss on the answers' tokens only."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    chat = base_chat()
    layers = chat.model.config.num_hidden_layers
    linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    upper = list(range(layers // 2, layers))
    model = get_peft_model(chat.model, LoraConfig(r=16, lora_alpha=32, target_modules=linear, layers_to_transform=upper))
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.0)
    batches = budget(examples(chat), tokens)
    model.train()
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 5, (len(batches) - step) / (len(batches) * 0.5))
        answers, loss_sum = sum(sum(labelled) for _, labelled in batch), 0.0
        for part in (batch[: BATCH // 2], batch[BATCH // 2 :]):
            loss = answer_loss(model, part, chat.tokenizer.pad_token_id) / answers
            loss.backward()
            loss_sum += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        print(f"step {step + 1} of {len(batches)}: loss {loss_sum:.3f}", file=sys.stderr, flush=True)
    chat.model = model.eval()
    chat.identity = f"{chat.identity} lora {identity}"
    return chat


def budget(examples: Iterator, tokens: int) -> list[list]:
    """Batches of examples of similar length together, until they hold so many tokens."""
    batches, used = [], 0
    while used < tokens:
        batches.append(sorted((next(examples) for _ in range(BATCH)), key=lambda example: len(example[0])))
        used += sum(len(ids) for ids, _ in batches[-1])
    return batches


def encode(chat, clauses: Sequence[str], turns: Sequence[tuple[str, str]]) -> tuple[list[int], list[bool]]:
    """(token ids of the whole conversation, which of them belong to answers). turns: questions with their answers."""
    history, text, ids, labelled = conversation(clauses, turns[0][0], example=False), "", [], []
    for number, (question, answer) in enumerate(turns):
        history += [("human", f"Question: {question}")] if number else []
        prompt = chat.prompt(chat._convert_input(history).to_messages())
        for piece, is_answer in ((prompt[len(text) :], False), (answer + chat.tokenizer.eos_token, True)):
            found = chat.tokenizer(piece, add_special_tokens=False)["input_ids"]
            ids, labelled = ids + found, labelled + [is_answer] * len(found)
        text, history = prompt + answer + chat.tokenizer.eos_token, [*history, ("ai", answer)]
    return ids, labelled


def answer_loss(model, batch: list[tuple[list[int], list[bool]]], pad: int):
    """Summed cross-entropy of the answers' tokens; the head is computed on those alone."""
    import torch

    longest = max(len(ids) for ids, _ in batch)
    tokens = torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in batch])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in batch])
    answers = torch.tensor([labelled + [False] * (longest - len(labelled)) for _, labelled in batch])[:, 1:]
    base = model.get_base_model()
    hidden = base.model(input_ids=tokens, attention_mask=mask).last_hidden_state[:, :-1]
    return torch.nn.functional.cross_entropy(base.lm_head(hidden[answers]).float(), tokens[:, 1:][answers], reduction="sum")


def write(corpus: str, table: str) -> None:
    """Put the table of a corpus between its marks in data/README.md."""
    path = ROOT / "data" / "README.md"
    begin, end = f"<!-- DIFFICULTY {corpus}: made by tools/difficulty.py -->", f"<!-- END {corpus} -->"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, mark, tail = rest.partition(end)
    if not mark:
        raise SystemExit(f"data/README.md has no place for the table: {begin} ... {end}")
    path.write_text(f"{head}{begin}\n{table}\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
