"""How the reader trades needless refusals against right ones on the dev families, beside `bias_for`, which chooses.

usage: python -m tools.domain bias [--seed 1] [--act first] [--per-family 15]

Every question is answered once without a refusal. Where the margin of the token that begins "not stated" and a bias
together are above 0, the reader would have refused; so one run gives the rates of all biases.
"""

import argparse
import sys
from collections.abc import Sequence

import pandas as pd

from llm_workbook.benchmark.prompt import conversation
from llm_workbook.benchmark.reading import SEVERAL
from llm_workbook.corpus.load import EVIDENCE, load_questions
from llm_workbook.labs.lab_2_2.live import refusal_margins
from llm_workbook.models.chat import LocalChat
from llm_workbook.training.adapters import Adapters
from llm_workbook.training.domain import refusing

from .exams import sample
from .ladder import MOST_TOKENS, RUNGS, Rung, ask, context
from .reader import BUILD, first_act_of, name_of

BIASES = (-6.0, -5.0, -4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
NEVER = -100.0
MORE = 16  # further questions without an answer of each corpus: a sample has few of them


def main() -> int:
    """Answer, then print one table with the right clause among others and one end to end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--act", choices=("first", "second"), default="second")
    parser.add_argument("--per-family", type=int, default=15)
    options = parser.parse_args(sys.argv[2:])
    name = (first_act_of if options.act == "first" else name_of)(options.seed)
    for rung in (RUNGS["right"], RUNGS["encoder"]):
        chat = Adapters(BUILD / "adapters").chat(name, None, MOST_TOKENS)
        answers = pd.concat([answered(chat, rung, corpus, options.per_family) for corpus in EVIDENCE])
        print(f"{name}: {rung.name}", rates(answers, BIASES).to_string(index=False), sep="\n", flush=True)
    return 0


def answered(chat: LocalChat, rung: Rung, corpus: str, per_family: int) -> pd.DataFrame:
    """The scored answers of one corpus's dev questions without a refusal, each with its margin."""
    questions = sample(corpus, "dev", per_family)
    absent = [one for one in sample(corpus, "dev", len(load_questions(corpus, "dev"))) if not one.answerable]
    questions += [one for one in absent if one not in questions][:MORE]
    shown = context(rung, corpus, questions)
    texts = [[entry.page_content for entry in entries] for entries in shown]
    prompts = [conversation(clauses, one.question) for clauses, one in zip(texts, questions, strict=True)]
    margins = refusal_margins(chat, prompts)
    return ask(refusing(chat, NEVER), questions, shown).assign(margin=margins)


def rates(answers: pd.DataFrame, biases: Sequence[float]) -> pd.DataFrame:
    """One row for each bias, in %: right answers of one clause and of all types, needless refusals where the right
    clause was shown, right refusals; n answerable and n_none other questions."""
    rows = []
    for bias in biases:
        refused = (answers["margin"] + bias > 0) | answers["refused"].astype(bool)
        table = answers.assign(refused=refused, right=(answers["correct"] > 0) & ~refused)
        known, none = table[table["answerable"]], table[~table["answerable"]]
        shares = {
            "one clause": known[~known["type"].isin(SEVERAL)]["right"],
            "all types": known["right"],
            "needless": known[known["shown"]]["refused"],
            "right refusals": none["refused"],
        }
        shown = {name: round(100 * float(values.mean()), 1) for name, values in shares.items()}
        rows.append({"bias": bias, **shown, "n": len(known), "n_none": len(none)})
    return pd.DataFrame(rows)
