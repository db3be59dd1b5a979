"""From scored answers to a decision: what was measured of each system, every way to host it, what flips the choice, and the memo."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from pandas import DataFrame
from scipy.stats import norm, t

from ...benchmark.ledger import Ledger
from ...measure.statistics import cluster_bootstrap
from ...run import Run
from ...taught import lab_3_4 as taught
from .memo import Memo
from .plans import cash_flows, needed_share

FEW_ANSWERS = 30
SCORED = {"correct", "refused"}
CHUNKS = {"none": 0, "prompt": 0, "oracle": 1}  # shown to a reader; else 3
MOVED = (
    "error_usd",
    "minutes_saved",
    "queries_per_month",
    "months",
    "label_usd",
    "setup_hours",
    "nova_micro_input",
    "vectors_s3",
    "laptop",
)


@dataclass(frozen=True)
class System:
    """What a benchmark says of one system, as means per question.

    correct, wrong, refused: shares that add up to 1; "refused" is a needless refusal, a rightful one is correct.
    is_for_sale: False for a ceiling, such as the oracle, which nobody can build.
    """

    name: str
    input_tokens: float
    output_tokens: float
    seconds: float
    correct: float
    wrong: float
    refused: float
    uses_index: bool
    is_tuned: bool
    is_for_sale: bool = True

    @property
    def label(self) -> str:
        """The name, and whether it is a ceiling."""
        return self.name if self.is_for_sale else f"{self.name} (ceiling)"

    def with_context(self, more_tokens: float) -> "System":
        """The same system with a longer prompt; its seconds grow with its tokens."""
        tokens = self.input_tokens + self.output_tokens
        return replace(
            self, input_tokens=self.input_tokens + more_tokens, seconds=self.seconds * (tokens + more_tokens) / tokens
        )


def scored_answers(ledgers: Iterable[Ledger]) -> dict[str, DataFrame]:
    """system -> its scored answers, all of one source: your own runs where there are any, else the recorded ones.

    Of a source, the first ledger alone when it has any, else all the others. A table's attrs say whose it is. A name that
    two labs use gets its lab behind it. What cannot be priced is left out with a sentence. Raises: ValueError when there are none.
    """
    first, *others = ledgers
    for source in ("yours", "recorded"):
        if found := _priceable([first], source) or _priceable(others, source):
            return found
    raise ValueError("no lab has scored answers for this corpus yet: run lab 1.1 with the same CORPUS, then this one")


def _priceable(ledgers: Sequence[Ledger], source: str) -> dict[str, DataFrame]:
    """system -> its scored answers of one source, where a bill has all that it needs."""
    found: dict[str, DataFrame] = {}
    for ledger in ledgers:
        tables = {name: ledger.load(name, source) for name in ledger.systems(source)}
        scored = {name: rows for name, rows in tables.items() if set(rows) >= SCORED}
        whole = {name: rows.dropna(subset=[*SCORED, "seconds"]) for name, rows in scored.items() if "seconds" in rows}
        whole = {name: rows for name, rows in whole.items() if len(rows)}
        known = {name: rows for name, rows in whole.items() if rows.attrs["training"] is not None}
        _say_left_out(ledger.lab, "nobody wrote down what they are", whole.keys() - known.keys())
        _say_left_out(ledger.lab, "they have no seconds", scored.keys() - whole.keys())
        found |= {(f"{name} (lab {ledger.lab})" if name in found else name): rows for name, rows in known.items()}
    return found


def _say_left_out(lab: str, why: str, names: Iterable[str]) -> None:
    if names := sorted(names):
        print(f"Left out, because {why} (run lab {lab} again): {', '.join(names)}.")


def measured_system(name: str, rows: DataFrame, run: Run) -> System:
    """The record of one system. What it is, its traits say (`rows.attrs`, from the ledger); its name says nothing.

    Tokens: the columns input_tokens and output_tokens where the lab kept them, else an estimate with the offline tokenizer.
    """
    traits = rows.attrs
    shares = outcomes(rows).mean(axis=0)
    return System(
        name,
        *_tokens(traits["context"], rows, run),
        rows["seconds"].mean(),
        *shares,
        uses_index=traits["uses_index"],
        is_tuned=traits["is_tuned"],
        is_for_sale=not traits["is_ceiling"],
    )


def outcomes(rows: DataFrame) -> np.ndarray:
    """How far an answer was correct, wrong, a needless refusal; shape (n, 3), each row adds up to 1."""
    correct = rows["correct"].to_numpy(float)
    refused = rows["refused"].to_numpy(float) * (1 - correct)
    return np.column_stack([correct, 1 - correct - refused, refused])


def resampled_shares(rows: DataFrame, n_resamples: int = 2000) -> np.ndarray:
    """Shares of right, wrong and needlessly refused answers in resamples of whole families; shape (n_resamples, 3).

    Spread out where families are few (Hesterberg 2015, arXiv:1411.5279, section 5.3), near to the t interval over families. Fewer than 30 answers, or one family, say nothing
    about others: then every share is possible.
    """
    families = rows["family"].nunique()
    if families < 2 or len(rows) < FEW_ANSWERS:
        return np.eye(3)[np.arange(n_resamples) % 3]
    shares, columns = outcomes(rows).mean(axis=0), outcomes(rows).T
    draws = np.column_stack([cluster_bootstrap(column, list(rows["family"]), n_resamples) for column in columns])
    widening = np.sqrt(families / (families - 1)) * t.ppf(0.975, families - 1) / norm.ppf(0.975)
    return shares + widening * (draws - shares)


def options(systems: Iterable[System], scenario: Any, price: Mapping, draws: Mapping[str, np.ndarray]) -> DataFrame:
    """Every system for sale under every hosting, best first: option, system, hosting, npv, low, high (USD, 95 % band), payback_month."""
    rows = []
    for system in (system for system in systems if system.is_for_sale):
        ends = np.quantile(draws[system.name] @ taught.worth(scenario), [0.025, 0.975])
        for hosting in taught.HOSTING:
            flows = [
                cash_flows(system, hosting, scenario, price, value)
                for value in (taught.answer_value_usd(system, scenario), *ends)
            ]
            values = [taught.npv(one, scenario.yearly_discount) for one in flows]
            rows.append([f"{system.name}, {hosting}", system, hosting, *values, taught.payback_month(flows[0])])
    names = ["option", "system", "hosting", "npv", "low", "high", "payback_month"]
    return DataFrame(rows, columns=names).sort_values("npv", ascending=False, ignore_index=True)


def varied(scenario: Any, price: Mapping, name: str, factor: float) -> tuple[Any, Mapping]:
    """Scenario and prices with one number of either multiplied."""
    if name in price:
        return scenario, {**price, name: replace(price[name], value=price[name].value * factor)}
    return replace(scenario, **{name: getattr(scenario, name) * factor}), price


def flips(
    name: str, systems: Sequence[System], scenario: Any, price: Mapping, draws: Mapping
) -> list[tuple[float, str]]:
    """The nearest factors below and above 1, to a thousandfold, that change the recommendation; each with the new one."""

    def said(exponent: float) -> str:
        return taught.recommend(options(systems, *varied(scenario, price, name, 10**exponent), draws))

    found, now = [], said(0)
    for sign in (-1, 1):
        first = next((step for step in np.linspace(0.1, 3, 30) if said(sign * step) != now), None)
        if first is not None:
            low, high = first - 0.1, first
            for _ in range(8):
                middle = (low + high) / 2
                low, high = (middle, high) if said(sign * middle) == now else (low, middle)
            found.append((10 ** (sign * high), said(sign * high)))
    return found


def decision_memo(
    systems: Sequence[System], scenario: Any, price: Mapping, answers: Mapping[str, DataFrame], old: Sequence[Any] = ()
) -> Memo:
    """One page: recommendation, by how much, what would flip it, what was measured (and whose), what was assumed."""
    draws = {system.name: resampled_shares(answers[system.name]) for system in systems}
    table = options(systems, scenario, price, draws)
    gains = [f"{row.option}: {_band(row)}" for row in table.itertuples()]
    lead = (
        f"Recommendation: {taught.recommend(table)}. Best option: {gains[0]} in {scenario.months:.0f} months; as today:"
        " 0 USD."
    )
    sections = {
        "By how much (net present value, 95 % band)": [*gains[:3], "as today: 0 USD"],
        "What would flip it": _flip_lines(
            table.iloc[0], systems, scenario, price, {name: shares[:400] for name, shares in draws.items()}
        ),
        "What was measured": [_measured(system, answers[system.name].attrs) for system in systems],
        "What was assumed": _assumed(scenario, old),
    }
    return Memo("Which system should answer questions about our contracts?", lead, sections)


def _band(row: Any) -> str:
    return f"{row.npv:,.0f} USD [{row.low:,.0f} to {row.high:,.0f}]"


def _flip_lines(top: Any, systems: Sequence[System], scenario: Any, price: Mapping, draws: Mapping) -> list[str]:
    right, wrong, _ = taught.worth(scenario)
    share = needed_share(top.system, top.hosting, scenario, price)
    pays = f"from {share:.0%} on (with no refusals)" if share <= 1 else "never, even without an error"
    lines = [f"right answers, now {top.system.correct:.1%}: {top.option} earns its cost {pays}"]
    ten_more = f"{scenario.queries_per_month * 0.1 * (right - wrong):,.0f} USD"
    lines.append(f"ten more right answers in a hundred, in place of wrong ones: worth {ten_more} a month")
    idle = []
    for name in MOVED:
        now = price[name].value if name in price else getattr(scenario, name)
        found = [f"at {_plain(now * factor)}, {said}" for factor, said in flips(name, systems, scenario, price, draws)]
        lines += [f"{_words(name)}, now {_plain(now)}: {'; '.join(found)}"] if found else []
        idle += [] if found else [_words(name)]
    return lines + ([f"not flipped by a thousandth nor by a thousand times of: {', '.join(idle)}"] if idle else [])


def _measured(system: System, source: Mapping) -> str:
    shares = f"{system.correct:.1%} right, {system.wrong:.1%} wrong, {system.refused:.1%} needlessly refused"
    whose = "lab {lab}, {source}, profile {profile}, model {model}, n = {n}, {created:.10}".format(**source)
    return f"{system.label}: {shares}, {system.input_tokens:.0f} tokens in, {system.seconds:.1f} s ({whose})"


def _assumed(scenario: Any, old: Sequence[Any]) -> list[str]:
    values = "; ".join(f"{_words(name)} {_plain(value)}" for name, value in vars(scenario).items())
    lines = [
        values,
        (
            "a hosted model answers as well as the measured one; capacities of unit and GPU, watts and laptop are not"
            " measured"
        ),
    ]
    return lines + (
        [f"prices older than 18 months: {', '.join(f'{_words(one.item)} ({one.date})' for one in old)}"] if old else []
    )


def _plain(value: float) -> str:
    """Three digits that matter, no exponent."""
    return np.format_float_positional(float(f"{value:.3g}"), trim="-")


def _words(name: str) -> str:
    return name.replace("_", " ")


@cache
def _tokenizer() -> Any:
    from tokenizers import Tokenizer  # the model's own, without loading the model

    from ...models.offline import LLM, ready_folder

    return Tokenizer.from_file(str(ready_folder(LLM) / "tokenizer.json"))


def _tokens(context: str, rows: DataFrame, run: Run) -> tuple[float, float]:
    """Tokens in and out per question: kept by the lab, else estimated as lab 1.1 builds its prompts."""
    kept = ["input_tokens", "output_tokens"]
    if set(kept) <= set(rows) and rows[kept].notna().all(axis=None):
        return float(rows["input_tokens"].mean()), float(rows["output_tokens"].mean())
    text = "\n".join(contract.text for contract in run.contracts[:10])
    title, question = (
        float(np.mean([_count(one) for one in texts]))
        for texts in ([c.title for c in run.contracts], [q.question for q in run.questions()])
    )
    chunk = 300 * _count(text) / len(text) + title  # a full chunk of 300 characters and its title
    fixed = 142  # instruction, worked example, template
    return fixed + question + CHUNKS.get(context, 3) * chunk, float(rows["answer"].map(_count).mean())


def _count(text: str) -> int:
    return len(_tokenizer().encode(text).ids)
