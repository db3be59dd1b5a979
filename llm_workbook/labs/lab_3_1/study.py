"""The audited study: its stored scores, and the comparisons that are made of them (sources: data/README.md)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...measure.statistics import Verdict, compare
from ...settings import DATA

METRICS = ("cosine_similarity", "token_overlap_recall", "rouge_l_recall")
ADVANCED = ("sentence_window", "hypothetical_questions", "query_decomposition", "both")
PAIRS = (  # (old, new); the last is our own pairing: both on reworded questions
    *(("naive_rag", name) for name in (*ADVANCED, "sft_seen_questions")),
    ("naive_rag_paraphrased", "sft_paraphrased"),
)
RAG = [0.513913, 0.281088, 0.304527]  # means of METRICS, printed where the last notebook computes those of RAG
UNDER_THE_CHART = {"SFT": RAG, "RAG": [0.521381, 0.269091, 0.332956]}  # as the same notebook prints them later
AGAIN = dict(zip(METRICS, (0.5397, 0.3039, 0.3099), strict=True))  # naive RAG run again: same code, same 32 prompts
SOURCE = (
    "KDD 2024 tutorial 'Domain-Driven LLM Development: Insights into RAG and Fine-Tuning Practices' (dos Santos Junior,"
    " Hu, Song, Bai); scores of goldmermaid/kdd-2024-rag-vs-finetuning at commit d407b22"
)
Look = tuple[str, str]  # (new system, metric)


def read_scores() -> pd.DataFrame:
    """One row a question, one column for each (metric, system); scores from 0 to 1."""
    return pd.read_csv(DATA / "kdd2024_scores.csv").pivot(index="question_index", columns="system", values=[*METRICS])


def mean_scores() -> pd.DataFrame:
    """One row a system: the means of its scores and of the words in its prompts, and the words of its longest answer."""
    by_system = pd.read_csv(DATA / "kdd2024_scores.csv").groupby("system", sort=False)
    table = by_system[[*METRICS]].mean().round(3)
    words = by_system["prompt_words"].mean().round().astype(int)
    return table.assign(prompt_words=words, longest_answer_words=by_system["answer_words"].max())


def computed_means(scores: pd.DataFrame) -> dict[str, list[float]]:
    """label -> its means of METRICS: of the fine-tuned model from the stored scores, of RAG as the notebook computes
    them."""
    return {"SFT": [float(scores[metric]["sft_paraphrased"].mean()) for metric in METRICS], "RAG": RAG}


def all_looks(scores: pd.DataFrame) -> dict[Look, Verdict]:
    """The 18 comparisons, paired by question, as if each question were independent."""
    alone = {question: str(question) for question in scores.index}
    return {
        (new, metric): compare(scores[metric][new], scores[metric][old], alone, new, old)
        for old, new in PAIRS
        for metric in METRICS
    }


def cosine_table(scores: pd.DataFrame, looks: Mapping[Look, Verdict]) -> pd.DataFrame:
    """The six comparisons of cosines in points, with the correlation of the two systems' scores."""
    cosine = scores[METRICS[0]]
    rows = []
    for old, new in PAIRS:
        look = looks[new, METRICS[0]]
        rows.append((new, old, look.difference, look.low, look.high, cosine[old].corr(cosine[new])))
    columns = ["system", "against", "difference", "low", "high", "correlation"]
    return pd.DataFrame(rows, columns=columns).round(2)


def differences(scores: pd.DataFrame) -> np.ndarray:
    """new - old for each question and look, shape (questions, 18), in the order of `all_looks`."""
    return np.array([scores[metric][new] - scores[metric][old] for old, new in PAIRS for metric in METRICS]).T


def two_runs_apart(scores: pd.DataFrame) -> dict[str, float]:
    """metric -> distance, in points, between the means of the two runs of naive RAG."""
    return {metric: abs(100 * (float(scores[metric]["naive_rag"].mean()) - AGAIN[metric])) for metric in METRICS}
