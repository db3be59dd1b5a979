"""What learners write in lab 3.2: number of the exercise -> right ways, and wrong ones beyond the misconceptions."""


def with_a_loop(found):
    hits = 0
    for one in found:
        if one:
            hits += 1
    return hits / len(found) if len(found) > 0 else 0.0


def with_count(found):
    return 0.0 if found == [] else list(found).count(True) / len(found)


def with_numpy(found):
    import numpy as np

    return float(np.mean(found)) if len(found) else 0.0


def of_those_not_found(found):
    return 1 - sum(found) / len(found) if found else 0.0


def whole_division(found):
    return sum(found) // len(found) if found else 0.0


RIGHT = {1: [with_a_loop, with_count, with_numpy]}
WRONG = {1: [of_those_not_found, whole_division]}
