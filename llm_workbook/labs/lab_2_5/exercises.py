"""Exercises of lab 2.5."""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import torch

from ...exercises.checks import NotYet, compare, must_raise, number
from ...exercises.engine import Exercise, Misconception
from ...taught import lab_2_5 as taught

# ------------------------------------------------------------------ 1 · the loss of DPO

Four = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, float]


def _four(seed: int) -> Four:
    generator = torch.Generator().manual_seed(seed)
    chosen, rejected, chosen_start, rejected_start = -20 * torch.rand((4, 1 + seed % 5), generator=generator)
    return chosen, rejected, chosen_start, rejected_start, (0.1, 0.5, 0.02)[seed % 3]


def _of(*rows: Sequence[float], beta: float = 0.1) -> Four:
    chosen, rejected, chosen_start, rejected_start = (torch.tensor(row) for row in rows)
    return chosen, rejected, chosen_start, rejected_start, beta


FOURS: list[Four] = [
    _of([0.0], [0.0], [0.0], [0.0]),
    _of([-3.0], [-9.0], [-3.0], [-9.0]),
    _of([-2.0], [-9.0], [-3.0], [-9.0], beta=1.0),
    _of([-3.0], [-10.0], [-3.0], [-9.0], beta=1.0),
    _of([-4.0], [-9.0], [-3.0], [-9.0], beta=1.0),
    _of([-2.0, -5.0], [-9.0, -1.0], [-3.0, -5.5], [-8.0, -2.0], beta=0.5),
    _of([-500.0], [0.0], [0.0], [0.0], beta=2.0),
    *map(_four, range(60)),
]
PARTS = ("chosen", "rejected", "chosen_start", "rejected_start", "beta")


def check_dpo(candidate: Callable) -> None:
    """Nothing learned yet, one side moved, several pairs, a pair that is very wrong, and pairs at random; a gradient."""
    compare(candidate, taught.dpo_loss, FOURS, PARTS, "this is another loss", _loss, _near)
    chosen, *others = _of([-2.0, -4.0], [-3.0, -1.0], [-2.5, -4.0], [-3.0, -2.0])
    leaf = chosen.clone().requires_grad_()
    loss = candidate(leaf, *others)
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
        raise NotYet("the loss has no gradient: keep to torch (no float(), no .item(), no numpy), and return a tensor")


def _loss(got: Any) -> float:
    if isinstance(got, torch.Tensor) and got.numel() != 1:
        raise NotYet(f"the loss is one number, the mean over the pairs; yours has the shape {tuple(got.shape)}")
    return number(got.detach().double() if isinstance(got, torch.Tensor) else got)


def _near(a: float, b: float) -> bool:
    """Equal but for the rounding of fp32."""
    return math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-6)


def _dpo(chosen_start: float = 1.0, sign: float = 1.0, total: str = "mean", scaled: bool = True) -> Callable:
    """The loss with one mistake."""

    def loss(chosen, rejected, chosen_before, rejected_before, beta):
        gains = chosen - rejected - chosen_start * (chosen_before - rejected_before)
        each = -torch.nn.functional.logsigmoid(sign * (beta if scaled else 1.0) * gains)
        return getattr(each, total)()

    return loss


# ------------------------------------------------------------------ 2 · the true share

SHARES = [
    (0.6, 0.9, 0.7),
    (0.9, 0.9, 0.9),
    (0.1, 0.9, 0.9),
    (0.05, 0.9, 0.9),
    (0.97, 0.9, 0.9),
    (0.5, 1.0, 1.0),
    (0.3, 0.6, 0.5),
    (0.5, 0.5, 0.75),
    *((observed / 10, sensitivity, specificity) for observed in range(11) for sensitivity in (0.7, 0.95) for specificity in (0.4, 0.8)),
]  # fmt: skip
COINS = [(0.5, 0.5, 0.5), (0.5, 0.25, 0.75), (0.5, 0.3, 0.6), (0.2, 1.0, 0.0)]
NAMES = ("observed", "sensitivity", "specificity")


def check_share(candidate: Callable) -> None:
    """Good and poor judges, shares that come out below 0 and above 1, and judges that know nothing."""
    compare(candidate, taught.true_share, SHARES, NAMES, "this is another share", number)
    must_raise(candidate, COINS, NAMES, "a judge with sensitivity + specificity of 1 or less must raise a ValueError")


def _unclipped(observed, sensitivity, specificity):
    if sensitivity + specificity <= 1:
        raise ValueError
    return (observed + specificity - 1) / (sensitivity + specificity - 1)


def _by_sensitivity(observed, sensitivity, specificity):
    if sensitivity + specificity <= 1:
        raise ValueError
    return min(1.0, observed / sensitivity)


# ------------------------------------------------------------------ 3 · a reward that is hard to game

FACTS = ("right", "refused", "cites", "miscites", "stated")
CASES: list[dict[str, bool]] = [
    dict(zip(FACTS, values, strict=True))
    for values in product((False, True), repeat=5)
    if not (values[1] and (values[0] or values[2] or values[3]))  # a refusal is not right, and cites nothing
    and not (values[2] and values[3])
    and (values[4] or not (values[0] or values[2]))
]


def _case(right: bool = False, refused: bool = False, heading: str = "", stated: bool = True) -> dict[str, bool]:
    return {
        "right": right, "refused": refused, "cites": heading == "right", "miscites": heading == "another",
        "stated": stated,
    }  # fmt: skip


NEEDLESS, CORRECT = _case(refused=True), _case(refused=True, stated=False)
RULES = [  # (a case, one that must earn less, why)
    (_case(True, heading="right"), _case(True), "a right answer with its clause earns more than without"),
    (_case(True), _case(True, heading="another"), "a right answer with a wrong heading earns less than without one"),
    (_case(True, heading="another"), NEEDLESS, "a right answer, however it is cited, earns more than a needless refusal"),
    *(
        (NEEDLESS, _case(heading=name), "a needless refusal earns more than a wrong answer, whatever that cites")
        for name in ("", "right", "another")
    ),
]  # fmt: skip
PINNED = [  # (a case, what it earns, why)
    (_case(True, heading="right"), 1.0, "a right answer with its clause earns 1"),
    (CORRECT, 0.5, "a right refusal earns 0.5"),
    *(
        (_case(heading=name, stated=stated), -1.0, "a wrong answer, and any answer where nothing is stated, earns -1")
        for stated, name in ((True, ""), (True, "right"), (True, "another"), (False, ""), (False, "another"))
    ),
]  # fmt: skip


def check_reward(candidate: Callable) -> None:
    """The rules of the task, in all cases that exist."""
    earned = {tuple(case.values()): _points(candidate, case) for case in CASES}
    for case, points, why in PINNED:
        if abs(earned[tuple(case.values())] - points) > 1e-6:
            raise NotYet(why, given=_told(case), got=earned[tuple(case.values())], expected=points)
    for case, less, why in RULES:
        more_points, fewer = earned[tuple(case.values())], earned[tuple(less.values())]
        if not more_points > fewer:
            raise NotYet(why, given={"this": _told(case), "and this": _told(less)}, got=[more_points, fewer])
    if not earned[tuple(NEEDLESS.values())] < -0.5:
        needless = earned[tuple(NEEDLESS.values())]
        raise NotYet(
            "a needless refusal earns less than -0.5, or refusing always pays", given=_told(NEEDLESS), got=needless
        )
    for case in CASES:
        if not -1 <= earned[tuple(case.values())] <= 1:
            raise NotYet("a reward is from -1 to 1", given=_told(case), got=earned[tuple(case.values())])


def _points(candidate: Callable, case: dict[str, bool]) -> float:
    got = candidate(*case.values())
    try:
        return number(got)
    except NotYet as problem:
        problem.example.update({"given": _told(case), "you returned": got})
        raise


def _told(case: dict[str, bool]) -> str:
    return (
        ", ".join(name for name, holds in case.items() if holds) or "nothing holds: a wrong answer where none is stated"
    )


def _any_citation(right, refused, cites, miscites, stated):
    return 1.0 if cites or miscites else 0.5 if refused and not stated else -1.0


def _refusing_pays(right, refused, cites, miscites, stated):
    return 0.3 if refused and stated else taught.reward(right, refused, cites, miscites, stated)


def _citing_pays(right, refused, cites, miscites, stated):
    return -0.4 if cites and not right and stated else taught.reward(right, refused, cites, miscites, stated)


EXERCISES = [
    Exercise(
        number=1,
        title="The loss of DPO",
        reference=taught.dpo_loss,
        check=check_dpo,
        probes=[FOURS[number] for number in (2, 3, 5, 8)],
        hints=(
            "How far has the preferred answer risen since the start, in nats? `chosen - chosen_start`. And the other?",
            "The gain is the rise of the one less the rise of the other. The loss of a pair is -log(sigmoid(beta · gain)).",
            "`torch.nn.functional.logsigmoid` is exact where `torch.log(torch.sigmoid(...))` is minus infinity. Take the"
            " mean over the pairs.",
        ),
        misconceptions=(
            Misconception(
                "without the start",
                _dpo(chosen_start=0.0),
                "Your loss compares the two answers only. It must compare how far each has *moved* from the start: an"
                " answer that was improbable from the beginning needs no push.",
            ),
            Misconception(
                "the other way round",
                _dpo(sign=-1.0),
                "Your loss falls when the rejected answer becomes more probable. Swap the two gains.",
            ),
            Misconception(
                "the sum over the pairs",
                _dpo(total="sum"),
                "You add the pairs up. Take their mean, or a larger batch means larger steps.",
            ),
            Misconception(
                "without beta",
                _dpo(scaled=False),
                "Beta is missing: the gain is multiplied by it before the sigmoid.",
            ),
        ),
    ),
    Exercise(
        number=2,
        title="The true share",
        reference=taught.true_share,
        check=check_share,
        probes=[*SHARES[:5], (0.3, 0.6, 0.5)],
        hints=(
            "The judge calls two kinds good: good answers (share · sensitivity) and bad ones"
            " ((1 - share) · (1 - specificity)). Their sum is what you observe.",
            "Solve for the share: (observed + specificity - 1) / (sensitivity + specificity - 1). Raise the error first.",
            "The result of a small sample can lie outside of 0 to 1: `min(1.0, max(0.0, share))`.",
        ),
        misconceptions=(
            Misconception(
                "not cut at 0 and 1",
                _unclipped,
                "Your share can be below 0 or above 1. No share is: cut it with `min` and `max`.",
            ),
            Misconception(
                "sensitivity alone",
                _by_sensitivity,
                "You correct for good answers that the judge missed. It also calls some bad answers good: use the"
                " specificity, too.",
            ),
            Misconception(
                "as observed",
                lambda observed, sensitivity, specificity: observed,
                "You return what the judge says, without a correction.",
            ),
        ),
    ),
    Exercise(
        number=3,
        title="A reward that is hard to game",
        reference=taught.reward,
        check=check_reward,
        probes=[tuple(case.values()) for case in CASES],
        hints=(
            "Begin with the questions without an answer: `if not stated: return 0.5 if refused else -1.0`.",
            "Then the needless refusal (a number between -1 and -0.5), then the wrong answer: -1, whatever it cites.",
            "Three cases are left, all right: with its clause 1, with no heading less, with another heading least, but"
            " more than the needless refusal.",
        ),
        misconceptions=(
            Misconception(
                "any heading earns",
                _any_citation,
                "Your reward pays for brackets. A reader soon learns to put any heading behind anything.",
            ),
            Misconception(
                "refusing pays",
                _refusing_pays,
                "A needless refusal earns more than 0 with you. Then refusing always is safe, and the reader learns it.",
            ),
            Misconception(
                "a wrong answer is paid for its heading",
                _citing_pays,
                "A wrong answer with the right heading is worth more to you than without, or than a refusal. It is still"
                " wrong, and it looks more trustworthy.",
            ),
        ),
    ),
]
