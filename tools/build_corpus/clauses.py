"""The clause library: for each clause type several wordings that differ in structure, as different law firms would write them.

In a wording, `[[...]]` marks the evidence: the sentence or limb that states the fact. `{value}` is the fact's value (`{value:both}`
forces "sixty (60) days"; also figures, words). `{A}` is the provider, `{B}` the Halden company, under the terms this contract uses;
`{agreement}` is "this Agreement" or what the contract calls itself. `{other}` is a second value of the same kind: a distractor. `:cap`
capitalises the first letter of a slot, `:caps` all of them. In the plain register "we" are the provider and "you" are the Halden company.

The types stand in five modules: term, money, risk, conduct, paper. Where a contract keeps a value in a schedule or among its definitions,
the renderer puts a reference to that place where the wording has its value.
"""

from .clauses_conduct import CONDUCT
from .clauses_kinds import ClauseType, Wording
from .clauses_money import MONEY
from .clauses_paper import PAPER
from .clauses_risk import RISK
from .clauses_term import TERM

__all__ = ["BY_TYPE", "CLAUSES", "COMMON", "ClauseType", "Wording"]

CLAUSES = [*TERM, *MONEY, *RISK, *CONDUCT, *PAPER]
BY_TYPE = {clause.type: clause for clause in CLAUSES}
COMMON = (
    "governing_law", "initial_term", "renewal_term", "renewal_notice", "cure_period", "liability_cap", "payment_days",
    "confidentiality_years", "dispute_seat", "force_majeure_days",
)  # fmt: skip
