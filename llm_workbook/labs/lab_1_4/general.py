"""What an encoder still knows of plain English: a question about each of the workbook's thirty general sentences."""

import numpy as np
from langchain_core.embeddings import Embeddings

from ...settings import DATA

QUESTIONS = (
    "Why was there a scent of fresh bread outside?", "What do streams transport besides water?",
    "What did a pupil say about the colour overhead?", "How do I know that my blade has become dull?",
    "How often did the old beekeeper suffer stings?", "How did we spend the delay at the station?",
    "Why do they put salt on streets in winter?", "What happened to the message after it was read?",
    "When do pets like to occupy my seat?", "How should garlic cloves be set in the earth?",
    "Is a trip to the little gallery worthwhile?", "Why do birds sing all the time near the pole in June?",
    "At what age did he learn to keep himself above water?", "Which tune stays in people's memory?",
    "What should a baker do about tacky dough?", "What makes the tide come and go?",
    "How do people on our street describe the way?", "What does a chart of a country assure us of?",
    "Which timepiece runs fast?", "How do young people and grown-ups differ in what they ask first?",
    "What was the weather like on our vacation?", "Why does metal become brown and crumbly?",
    "When was it completely quiet at the concert?", "How can one find out how old an oak is?",
    "Who directed cars here in earlier times?", "What did they do while dinner cooled?",
    "Which animals come back to their nest every year?", "What carries a runner over the last part of the race?",
    "Is the beacon on the coast still working?", "How did the family pass the blackout?",
)  # fmt: skip


def general(embeddings: Embeddings) -> dict[str, float]:
    """% of the questions whose sentence is the nearest of all, and the mean cosine of the right sentence minus that of
    the nearest wrong one."""
    sentences = (DATA / "general.txt").read_text(encoding="utf-8").splitlines()
    asked = np.array(embeddings.embed_documents(list(QUESTIONS)))
    cosines = asked @ np.array(embeddings.embed_documents(sentences)).T
    right = np.diag(cosines)
    wrong = np.where(np.eye(len(cosines), dtype=bool), -np.inf, cosines).max(axis=1)
    return {
        "% nearest": round(100 * float(np.mean(right > wrong)), 1),
        "margin": round(float(np.mean(right - wrong)), 3),
        "n": len(QUESTIONS),
    }
