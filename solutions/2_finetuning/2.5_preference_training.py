# %% [markdown]
# # 2.5 · Preference training: from labels to another behaviour
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | train a reader on preferences with DPO and GRPO, test the judge before you use its labels, and notice when a reader collapses or games its reward |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 2.4 (labels) and lab 2.2 (LoRA); some PyTorch |
#
# In lab 2.4 labels chose among six answers, for every question anew. Here the reader learns from the labels once, and then answers well at the first try. You write the loss, train for two minutes, and measure what the reader **does** before and after. Then you ask whether a program can give the labels.

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # the samples are recorded: another corpus changes nothing here

# %%
from collections.abc import Sequence

import torch

from llm_workbook import Lab, start

run = start("2.5", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)


# %% tags=["taught", "exercise"]
def dpo_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, chosen_start: torch.Tensor, rejected_start: torch.Tensor, beta: float
) -> torch.Tensor:
    """The loss of direct preference optimization (Rafailov et al. 2023, arXiv:2305.18290), one number.

    chosen, rejected: log probabilities (nats) of the preferred answers and of the others under the model that learns,
    shape (n,); chosen_start, rejected_start: the same under the model before training. beta: above 0.
    Taught in: lab 2.5.

    >>> zero = torch.zeros(3)
    >>> round(float(dpo_loss(zero, zero, zero, zero, beta=0.1)), 4)
    0.6931
    """
    ### BEGIN SOLUTION
    gains = (chosen - chosen_start) - (rejected - rejected_start)
    return -torch.nn.functional.logsigmoid(beta * gains).mean()
    ### END SOLUTION


# %%
dpo_loss = lab.use(1, dpo_loss)


# %% tags=["taught", "exercise"]
def true_share(observed: float, sensitivity: float, specificity: float) -> float:
    """The share of good answers, from the share that a judge calls good (Rogan and Gladen 1978), between 0 and 1.

    sensitivity: the share of good answers that the judge calls good. specificity: the share of bad answers that it
    calls bad. Taught in: lab 2.5.
    Raises: ValueError where the judge knows no more than a coin: sensitivity + specificity is 1 or less.

    >>> round(true_share(0.60, sensitivity=0.9, specificity=0.7), 3)
    0.5
    """
    ### BEGIN SOLUTION
    if sensitivity + specificity <= 1:
        raise ValueError("this judge knows no more than a coin: sensitivity + specificity must be above 1")
    share = (observed + specificity - 1) / (sensitivity + specificity - 1)
    return min(1.0, max(0.0, share))
    ### END SOLUTION


# %%
true_share = lab.use(2, true_share)


# %% tags=["taught"]
def advantages(rewards: Sequence[float]) -> list[float]:
    """How much better each answer of a group did than the group, in units of its spread (arXiv:2402.03300).

    Taught in: lab 2.5.

    >>> [round(one, 2) for one in advantages([1.0, 0.0, 0.0, 1.0])], advantages([2.0, 2.0])
    ([1.0, -1.0, -1.0, 1.0], [0.0, 0.0])
    """
    mean = sum(rewards) / len(rewards)
    spread = (sum((one - mean) ** 2 for one in rewards) / len(rewards)) ** 0.5
    return [(one - mean) / (spread + 1e-4) if spread else 0.0 for one in rewards]


# %% tags=["taught", "exercise"]
def reward(right: bool, refused: bool, cites: bool, miscites: bool, stated: bool) -> float:
    """What an answer earns, from -1 to 1. Taught in: lab 2.5.

    >>> reward(right=True, refused=False, cites=True, miscites=False, stated=True)
    1.0
    """
    ### BEGIN SOLUTION
    if not stated:
        return 1.0 if refused else -1.0
    if refused:
        return -0.5
    if not right:
        return -1.0
    return 1.0 if cites else 0.2 if miscites else 0.6
    ### END SOLUTION


# %%
reward = lab.use(3, reward)
lab.progress()

# %% [markdown]
# ## What to take home
