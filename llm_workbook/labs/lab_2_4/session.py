"""One rater's way through some pairs. All that is known stands in the file of labels: whoever stops goes on there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...feedback.raters import Rater, label_all
from ...feedback.records import BAD, FIRST, SECOND, TIE, WITHDRAWN, Asked, Label, Pair, add_label, load_labels

EVERY = 6  # the first of each six pairs comes again
LONGEST_S = 120.0  # whoever went for a coffee did not label for an hour
REASONS = ("wrong value", "citation", "needless refusal", "length")  # keys 1 to 4
KEYS = {"a": "A", "b": "B", "t": TIE, "x": BAD}


@dataclass(frozen=True)
class Shown:
    """A pair as a rater sees it. again: a hidden repeat, with the sides swapped."""

    pair: Pair
    again: bool = False

    @property
    def sides(self) -> tuple[str, str]:
        """The answers that stand as A and as B."""
        return (self.pair.second, self.pair.first) if self.again else (self.pair.first, self.pair.second)

    def choice(self, said: str) -> str:
        """What "A", "B", a tie or "both bad" means for the pair as it is kept."""
        if said not in ("A", "B"):
            return said
        return FIRST if (said == "A") != self.again else SECOND

    def said(self, choice: str) -> str:
        """The other way round: what the rater said, for a choice as it is kept."""
        return next((side for side in ("A", "B") if self.choice(side) == choice), choice)


def queue(pairs: Sequence[Pair]) -> list[Shown]:
    """The pairs in their order; after every six the first of them once more, sides swapped. Pairs of two equal answers
    are left out: there is nothing to choose.

    >>> some = [Pair(str(n), "q", "yes", "no") for n in range(7)] + [Pair("same", "q", "no", "no")]
    >>> " ".join(shown.pair.id + ("again" if shown.again else "") for shown in queue(some))
    '0 1 2 3 4 5 0again 6'
    """
    real = [pair for pair in pairs if pair.first != pair.second]
    shown = []
    for at in range(0, len(real), EVERY):
        block = real[at : at + EVERY]
        shown += [Shown(pair) for pair in block]
        shown += [Shown(block[0], again=True)] if len(block) == EVERY else []
    return shown


class Session:
    """A rater at work on a file of labels. Nothing is kept in memory, so two processes may take turns.

    path: JSON lines, only added to. Raises: ValueError, with the line, for a damaged file.
    """

    def __init__(self, path: Path, pairs: Sequence[Pair], rater: str) -> None:
        self.path, self.rater, self.queue = path, rater, queue(pairs)

    def labels(self) -> list[Label]:
        """This rater's labels of these pairs, in the order in which they were given."""
        known = {(shown.pair.id, shown.again) for shown in self.queue}
        mine = [one for one in load_labels(self.path) if one.rater == self.rater]
        return [one for one in mine if (one.pair, one.again) in known]

    def current(self) -> Shown | None:
        """The first pair that has no label yet; None when all have one."""
        done = {(one.pair, one.again) for one in self.labels()}
        return next((shown for shown in self.queue if (shown.pair.id, shown.again) not in done), None)

    def say(self, shown: Shown, said: str, reasons: Sequence[str] = (), seconds: float = 0.0) -> Label:
        """Write down what the rater says about a pair: "A", "B", a tie or "both bad". Seconds above 120 count as 120.

        Raises: ValueError for anything else; OSError when it cannot be written.
        """
        seconds = round(min(max(seconds, 0.0), LONGEST_S), 1)
        choice = shown.choice(said)
        label = Label(shown.pair.id, choice, self.rater, tuple(reasons), seconds, _now(), shown.again)
        add_label(self.path, label)
        return label

    def undo(self) -> bool:
        """Take the last label back: a line is added that says so. False when there is none."""
        if not (labels := self.labels()):
            return False
        add_label(self.path, replace(labels[-1], choice=WITHDRAWN, reasons=(), at=_now()))
        return True


def simulate(path: Path, pairs: Sequence[Pair], asked: Mapping[str, Asked], rater: Rater, seed: int) -> list[Label]:
    """Let a simulated rater go through the pairs as a person would, repeats included, into the same kind of file.

    Its labels begin with "simulated: "; those that stand in the file already are kept.
    """
    session = Session(path, pairs, f"simulated: {rater.name}")
    done = {(one.pair, one.again) for one in session.labels()}
    for shown in session.queue:
        if (shown.pair.id, shown.again) not in done:
            (label,) = label_all(rater, [shown.pair], asked, seed + 1000 * shown.again)
            add_label(path, replace(label, at=_now(), again=shown.again))
    return session.labels()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
