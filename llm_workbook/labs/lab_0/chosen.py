"""Which questions lab 0 shows, how they were chosen, and what the assistant does over many."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...benchmark.ladder import ladder
from ...benchmark.ledger import LedgerError
from ...benchmark.reading import of_one_clause
from ...benchmark.systems import Traits
from ...corpus.load import load_questions
from ...corpus.records import Question
from ...measure.answers import score_answers
from ...show.text import Text, literal
from .assistant import NAIVE_K, RUNG, Assistant, K, Reply, naive_rag

if TYPE_CHECKING:
    from pandas import DataFrame

    from ...run import Run

SYSTEMS = {  # of the exam
    "assistant": Traits("domain reader", "retrieved", index=f"clauses, domain encoder, k = {K}"),
    "naive RAG": Traits("none", "retrieved", index=f"chunks, plain encoder, k = {NAIVE_K}"),
}


def three_questions(run: "Run", assistant: Assistant) -> list[Question]:
    """Three questions of different families that the assistant answers right and cites right, and naive RAG answers at
    most one of; the last is that one. They are picked from the recorded exam, which `full` takes first.

    Where nothing is recorded, and of another corpus: the first ones of different families, whatever becomes of them.
    """
    if run.settings.corpus != "authored":
        return _of_different_families(question for question in run.questions() if question.answerable)
    if run.settings.profile == "full":
        take_exam(run, assistant)
    asked = of_one_clause(load_questions())
    if (exam := _exam(run)) is None:
        return _of_different_families(asked)
    good = set(exam[exam["good"]]["question_id"])
    easy = set(exam[exam["naive"]]["question_id"])
    last = [question for question in asked if question.id in good & easy][:1]
    hard = (question for question in asked if question.id in good - easy)
    return [*_of_different_families([*last, *hard])[len(last) :], *last]


def _of_different_families(questions: Iterable[Question]) -> list[Question]:
    """The first question of each family, at most three."""
    first: dict[str, Question] = {}
    for question in questions:
        first.setdefault(question.family, question)
    return list(first.values())[:3]


def question_without_answer(run: "Run") -> str:
    """The first question of the test split that no contract answers; where there is none, one about something else."""
    asked = load_questions(run.settings.corpus)
    return next((one.question for one in asked if not one.answerable), "Who designed the Eiffel Tower?")


def how_chosen(run: "Run") -> Text:
    """How the three questions were chosen, in numbers, and what the assistant does over many."""
    exam = _exam(run) if run.settings.corpus == "authored" else None
    if exam is None:
        return Text("Nobody chose these: they are the first questions of different families.")
    choice = (
        f"**These three were chosen because they work**: they are three of the {int(exam['good'].sum())} that the"
        f" assistant answered right with the right clause cited, of {len(exam)} questions about"
        f" {exam['family'].nunique()} families of contracts. Neither of its models was trained on those families."
    )
    return Text(f"{choice} {share(RUNG, 'the assistant')}")


def over_the_exam(run: "Run") -> str:
    """What both systems answer right of the questions that the three were chosen from; "" when that is not known."""
    if run.settings.corpus != "authored" or (exam := _exam(run)) is None:
        return ""
    naive, ours = (100 * exam[column].mean() for column in ("naive", "correct"))
    return (
        f" The three were chosen so that naive RAG answers at most one. Of all {len(exam)} questions that they come"
        f" from it answers {naive:.0f} % right, and the assistant {ours:.0f} %"
    )


def take_exam(run: "Run", assistant: Assistant) -> None:
    """Ask both systems all one-clause questions of the test split, and keep their scores, with `cited`: is the clause
    right that the answer names?"""
    questions = of_one_clause(load_questions())
    replies = assistant.ask_all([question.question for question in questions])
    scores = score_answers(
        questions, [one.answer for one in replies], [[clause.text for clause in one.read] for one in replies]
    )
    cited = [cites_right(question, reply) for question, reply in zip(questions, replies, strict=True)]
    answers, shown = naive_rag(run, questions)
    tables = scores.assign(cited=cited), score_answers(questions, answers, shown)
    for (name, traits), table in zip(SYSTEMS.items(), tables, strict=True):
        run.ledger.append(name, table, traits=traits)


def cites_right(question: Question, reply: Reply) -> bool:
    """Does the cited clause contain the evidence, at least half of it?"""
    clause = reply.clause
    return bool(clause) and any(2 * clause.span.overlap(span) >= len(span) for span in question.evidence)


def _exam(run: "Run") -> "DataFrame | None":
    """One row for each question of the exam: question_id, family, correct, good (right and cited right), naive (right
    by naive RAG); None where no exam was taken."""
    try:
        ours, other = (run.ledger.load(name) for name in SYSTEMS)
    except LedgerError:
        return None
    right = ours["correct"].astype(bool)
    naive = other.set_index("question_id")["correct"].astype(bool).reindex(ours["question_id"]).to_numpy()
    return ours[["question_id", "family"]].assign(correct=right, good=right & ours["cited"].astype(bool), naive=naive)


def share(rung: str, name: str) -> str:
    """What a rung of the ladder answers right over many families; a sentence without numbers when none are recorded."""
    row = _rung(rung)
    if row is None:
        return f"How {name} does over many questions is not recorded yet."
    return (
        f"Over {row['n']} questions of {row['families']} other families {name} answers {row['all']:.0f} % right; of"
        f" those that one clause answers, {row['one_clause']:.0f} %"
        f" (95 % confidence interval {row['one_low']:.0f} to {row['one_high']:.0f})."
    )


def declined(reply: Reply) -> Text:
    """What the assistant did with a question that no contract answers, and how often it does right."""
    from ...measure.answers import is_refusal

    did = (
        "It declined, which is right."
        if is_refusal(reply.answer)
        else f"It answered “{literal(reply.answer)}”, which is wrong: no contract states it."
    )
    row = _rung(RUNG)
    often = "" if row is None else f" Over many such questions it declines {row['right_refusals']:.0f} %."
    return Text(did + often)


def beside(questions: Sequence[Question], replies: Sequence[Reply], naive: Sequence[str]) -> Text:
    """A table: each question, what the contract says, and both answers with ✔ or ✘."""
    rows = ["| question | the contract says | naive RAG | the assistant |", "|---|---|---|---|"]
    marks = [_marks(questions, answers) for answers in (naive, [reply.answer for reply in replies])]
    for number, question in enumerate(questions):
        answers = (naive[number], replies[number].answer)
        cells = [f"{marks[system][number]} {literal(answer)}" for system, answer in enumerate(answers)]
        rows.append(f"| {literal(question.question)} | {literal(question.answers[0])} | {' | '.join(cells)} |")
    return Text("\n".join(rows))


def count_right(questions: Sequence[Question], answers: Sequence[str]) -> int:
    """How many answers are right."""
    return _marks(questions, answers).count("✔")


def _marks(questions: Sequence[Question], answers: Sequence[str]) -> list[str]:
    right = score_answers(questions, answers, [[] for _ in questions])["correct"]
    return ["✔" if one else "✘" for one in right]


def _rung(name: str) -> "dict | None":
    """A row of the recorded ladder; None when it has no such rung."""
    table: DataFrame = ladder()
    rows = table[table["rung"] == name].to_dict("records") if len(table) else []
    return rows[0] if rows else None
