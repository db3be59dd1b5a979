"""What learners write in lab 2.5: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""

import torch
from torch.nn import functional

# ------------------------------------------------------------------ 1 · the loss of DPO


def with_softplus(chosen, rejected, chosen_start, rejected_start, beta):
    rewards = beta * (chosen - chosen_start), beta * (rejected - rejected_start)
    return functional.softplus(rewards[1] - rewards[0]).mean()


def with_cross_entropy(chosen, rejected, chosen_start, rejected_start, beta):
    scores = torch.stack([beta * (chosen - chosen_start), beta * (rejected - rejected_start)], 1)
    return functional.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.long))


def with_ratios(chosen, rejected, chosen_start, rejected_start, beta):
    policy, start = chosen - rejected, chosen_start - rejected_start
    losses = -functional.logsigmoid((policy - start) * beta)
    return losses.sum() / len(losses)


def beta_outside(chosen, rejected, chosen_start, rejected_start, beta):
    return -beta * functional.logsigmoid((chosen - chosen_start) - (rejected - rejected_start)).mean()


def without_log(chosen, rejected, chosen_start, rejected_start, beta):
    return -torch.sigmoid(beta * ((chosen - chosen_start) - (rejected - rejected_start))).mean()


def no_gradient(chosen, rejected, chosen_start, rejected_start, beta):
    return with_softplus(chosen, rejected, chosen_start, rejected_start, beta).item()


# ------------------------------------------------------------------ 2 · the true share


def with_youden(observed, sensitivity, specificity):
    youden = sensitivity - (1 - specificity)
    if youden <= 0:
        raise ValueError(f"no better than a coin: {youden}")
    share = (observed - (1 - specificity)) / youden
    return 0.0 if share < 0 else 1.0 if share > 1 else share


def with_numpy(observed, sensitivity, specificity):
    import numpy as np

    if not sensitivity + specificity > 1:
        raise ValueError("a coin")
    return np.clip((observed + specificity - 1) / (sensitivity + specificity - 1), 0, 1)


def as_an_equation(observed, sensitivity, specificity):
    import numpy as np

    if sensitivity + specificity <= 1:
        raise ValueError("a coin")
    wrong = 1 - specificity
    good, _ = np.linalg.solve([[sensitivity, wrong], [1, 1]], [observed, 1])
    return float(min(max(good, 0), 1))


def a_coin_is_returned(observed, sensitivity, specificity):
    return observed if sensitivity + specificity <= 1 else with_youden(observed, sensitivity, specificity)


def the_rates_swapped(observed, sensitivity, specificity):
    return with_youden(observed, specificity, sensitivity)


# ------------------------------------------------------------------ 3 · a reward that is hard to game


def with_other_points(right, refused, cites, miscites, stated):
    if refused:
        return -0.9 if stated else 0.5
    if not right:
        return -1
    return 1 if cites else 0.1 if not miscites else -0.1


def as_a_sum(right, refused, cites, miscites, stated):
    points = -1.0
    if right and stated:
        points += 1.5 + 0.5 * cites - 0.7 * miscites
    if refused:
        points += 0.3 if stated else 1.5
    return points


def with_a_table(right, refused, cites, miscites, stated):
    if not stated:
        return (-1.0, 0.5)[refused]
    table = {(True, "cites"): 1.0, (True, ""): 0.5, (True, "miscites"): 0.0}
    heading = "cites" if cites else "miscites" if miscites else ""
    return -0.75 if refused else table.get((right, heading), -1.0)


def headings_do_not_count(right, refused, cites, miscites, stated):
    if not stated:
        return 0.5 if refused else -1.0
    return -0.7 if refused else 1.0 if right else -1.0


def silence_is_as_bad_as_a_mistake(right, refused, cites, miscites, stated):
    points = with_other_points(right, refused, cites, miscites, stated)
    return -1.0 if refused and stated else points


def up_to_ten(right, refused, cites, miscites, stated):
    return 10 * with_other_points(right, refused, cites, miscites, stated)


RIGHT = {
    1: [with_softplus, with_cross_entropy, with_ratios],
    2: [with_youden, with_numpy, as_an_equation],
    3: [with_other_points, as_a_sum, with_a_table],
}
WRONG = {
    1: [beta_outside, without_log, no_gradient],
    2: [a_coin_is_returned, the_rates_swapped],
    3: [headings_do_not_count, silence_is_as_bad_as_a_mistake, up_to_ten],
}
