"""The audited study: its stored scores, and the comparisons that are made of them (sources: data/README.md)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp

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
Comparison = tuple[str, str]  # (new system, metric)
CHOICES = ("none", "1 to 3", "4 to 9", "10 or more")


def read_scores() -> pd.DataFrame:
    """One row a question, one column for each (metric, system); scores from 0 to 1."""
    return pd.read_csv(DATA / "kdd2024_scores.csv").pivot(index="question_index", columns="system", values=[*METRICS])


def mean_scores() -> pd.DataFrame:
    """One row for each system that is compared: the means of its scores and of the words in its prompts, and the words
    of its longest answer."""
    rows = pd.read_csv(DATA / "kdd2024_scores.csv")
    compared = {name for pair in PAIRS for name in pair}
    by_system = rows[rows["system"].isin(compared)].groupby("system", sort=False)
    table = by_system[[*METRICS]].mean().round(3)
    words = by_system["prompt_words"].mean().round().astype(int)
    return table.assign(prompt_words=words, longest_answer_words=by_system["answer_words"].max())


def computed_means(scores: pd.DataFrame) -> dict[str, list[float]]:
    """label -> its means of METRICS: of the fine-tuned model from the stored scores, of RAG as the notebook computes
    them."""
    return {"SFT": [float(scores[metric]["sft_paraphrased"].mean()) for metric in METRICS], "RAG": RAG}


def choice_of(count: int) -> str:
    """The one of CHOICES that contains `count`, a number of differences."""
    if count == 0:
        return CHOICES[0]
    return CHOICES[1] if count <= 3 else CHOICES[2] if count <= 9 else CHOICES[3]


def all_comparisons(scores: pd.DataFrame) -> dict[Comparison, Verdict]:
    """The 18 comparisons, paired by question, as if each question were independent."""
    alone = {question: str(question) for question in scores.index}
    return {
        (new, metric): compare(scores[metric][new], scores[metric][old], alone, new, old)
        for old, new in PAIRS
        for metric in METRICS
    }


def cosine_table(scores: pd.DataFrame, comparisons: Mapping[Comparison, Verdict]) -> pd.DataFrame:
    """The six comparisons of cosines in points, one row for each new system, with the correlation of the two systems'
    scores."""
    cosine = scores[METRICS[0]]
    rows = {}
    for old, new in PAIRS:
        verdict = comparisons[new, METRICS[0]]
        rows[new] = (old, verdict.difference, verdict.low, verdict.high, cosine[old].corr(cosine[new]))
    columns = ["against", "difference", "low", "high", "correlation"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).round(2).rename_axis("system")


def differences(scores: pd.DataFrame) -> np.ndarray:
    """new - old for each question and comparison, shape (questions, 18), in the order of `all_comparisons`."""
    return np.array([scores[metric][new] - scores[metric][old] for old, new in PAIRS for metric in METRICS]).T


def false_alarms(scores: pd.DataFrame, seed: int, studies: int = 2000) -> float:
    """Share of studies without any true difference in which at least one of the 18 comparisons has p < 0.05.

    A sign flip test: in each study every question keeps its sizes, and one random sign counts for all its comparisons,
    so that what depends on each other in the data does so here.
    """
    table = differences(scores)
    signs = np.random.default_rng(seed).choice([-1, 1], size=(studies, len(table), 1))  # study, question, all 18 alike
    p_by_chance = np.asarray(ttest_1samp(signs * table, 0, axis=1)[1])  # shape (studies, 18)
    return float((p_by_chance.min(axis=1) < 0.05).mean())


def two_runs_apart(scores: pd.DataFrame) -> dict[str, float]:
    """metric -> difference, in points, between the means of the two runs of naive RAG."""
    return {metric: abs(100 * (float(scores[metric]["naive_rag"].mean()) - AGAIN[metric])) for metric in METRICS}


def beside_two_runs(scores: pd.DataFrame, comparisons: Mapping[Comparison, Verdict]) -> pd.DataFrame:
    """The 12 differences between an advanced RAG and naive RAG beside those of two runs of naive RAG, in points."""
    apart = two_runs_apart(scores)
    rows = [
        (system, metric, verdict.difference, apart[metric], abs(verdict.difference) > apart[metric])
        for (system, metric), verdict in comparisons.items()
        if system in ADVANCED
    ]
    return pd.DataFrame(rows, columns=["system", "metric", "difference", "two runs", "larger"])
