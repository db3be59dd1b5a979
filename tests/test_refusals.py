"""What counts as a refusal: sentences of both kinds, as models and contracts write them."""

import json
from collections import Counter

import pytest

from llm_workbook.measure.answers import is_refusal
from llm_workbook.settings import DATA

REFUSED = """
Not stated.
not specified
NOT MENTIONED
Haven't specified
The clauses don't specify this.
The clauses don’t specify this.
It isn't stated.
It isn’t stated in the contract.
It isnʼt mentioned.
I cannot find this in the clauses.
I can't find it.
I couldn’t find the notice period.
I can not find any fee.
Unable to determine.
I am unable to determine the notice period from the clauses.
I'm not able to answer that.
That is not in the clauses.
This is not in the provided context.
I'm not sure.
I’m not certain about this.
I don't know
I dont know.
Sorry, I do not know.
We don't know.
No information is given about this.
No information.
There is no information on this in the contract.
There is no mention of a notice period.
The contract is silent on this point.
The agreement remains silent about interest.
N/A
n/a.
Unknown.
The amount is unknown.
The fee is unspecified.
It is unclear.
None of the clauses states the fee.
None of the provided clauses mentions it.
Neither clause mentions a cap.
The answer is not available in the provided context.
It cannot be determined.
The price can't be determined from these clauses.
It could not be found.
I have no idea.
The document doesn't say.
The clauses do not say.
The text does not give a figure.
The contract gives no figure.
Not provided in the clauses.
The date is not provided.
Not found.
Not available.
The agreement doesn't contain that information.
The provided clauses do not include this information.
The contract does not define it.
It is not defined in the contract.
Insufficient information.
There is not enough information to answer.
Based on the clauses, the fee is not specified.
According to clause 4, the amount is not stated.
In the contract of 5 June 2019, the fee is not stated.
I'm sorry, but the clauses do not mention it.
Unfortunately, the contract does not indicate the date.
I’m unable to answer that.
I can’t tell.
No such clause exists.
There is no such agreement.
No such term.
It does not appear in the contract.
The notice period is not specified; please see Schedule A.
It is not stated, perhaps 60 days.
Not stated (the nearest figure is 30 days).
Nothing is said about this.
There's no reference to a penalty.
I do not have that information.
I don't have enough information.
Clause 4 does not state the amount.
The year 2019 is not mentioned.
It's not specified.
The parties haven't specified it.
The contract fails to state the fee.
4, not stated
five (5) years (not stated)
1) Not stated
Fee: not stated
The cost of item BK-4442-T is not explicitly stated.
The clauses do not explicitly state the amount.
It has not been specified.
This information was not given.
The question cannot be answered from the clauses.
I could not determine the answer.
The contract does not provide any information about the fee.
No answer can be found in the clauses.
It is nowhere stated.
Impossible to say.
The clauses do not state the Supplier's liability.
It does not say when the Buyer pays.
I cannot find what the Agent earns.
The contract with the Supplier does not mention interest.
...
The contract doesn't mention this
No, this isn't specified
isn't specified anywhere
There isn't any information on this.
There is not any mention of it.
This isn't addressed in the provided clauses.
The provided text doesn't contain the answer.
I do not see any mention of it.
I was unable to find the answer.
Cannot say
I can't say.
Not enough context
There is no relevant clause.
The answer isn't in the clauses.
The information is missing.
The clauses provided do not contain information about the cap.
The context does not provide information on penalties.
It's impossible to tell.
It doesn't say.
Not sure.
I don't have access to the contract.
I don't see that in the text.
There's nothing about it in the contract.
No data
The contract does not say anything about it.
The contract says nothing about it.
Nothing in the clauses states it.
That information is not available.
This is not covered by the clauses.
The clauses don't provide a specific date.
The fee cannot be found in the clauses.
None is specified.
None stated.
No fee is stated.
No notice period is specified in the contract.
No cap was mentioned.
The answer is not known.
I'm afraid it isn't stated.
As an AI, I do not know.
The clauses given don't answer the question.
There is insufficient information.
The context does not answer this.
I am unsure.
Not clear from the text.
It's not clear.
It is not possible to determine the date.
The contract doesn’t give this information.
The clauses contain no information about it.
It wasn't specified.
They do not specify it
No mention.
there is no answer
The document lacks this information.
It’s not in the contract
The question can't be answered.
Unanswerable
Cannot be answered from the given context
unable to answer
The given clauses do not have any information regarding the fee
There isn't any clause about this.
There are not any terms on this.
Unclear.
The document doesn't appear to mention a deposit.
The clauses do not seem to specify it.
The provided clauses contain nothing on this.
The contract has nothing about a deposit.
The deposit amount was left unspecified.
The lease makes no reference to pets.
The agreement makes no provision for this.
The clauses never mention a deposit.
The contract nowhere states the fee.
""".strip().splitlines()

ANSWERED = """
60 days
No.
None.
nothing
It shall not exceed EUR 2,400,000.
Notice must state the reason.
30 days (the form is not specified)
30 days (the form isn’t specified).
30 days, but the form of the notice is not stated.
60 days; the contract does not say whether written notice is needed.
EUR 5. The clauses don't mention VAT.
Oslo. The street is not mentioned.
Oslo (no street is given)
EUR 500; the currency of later years is not stated
The notice period is 30 days, although the form is not specified.
Five years, but there is no information on extensions.
Yes, although the contract does not say when.
30 days. The date of receipt cannot be determined.
30 days, but I am not sure.
No information security breach shall be concealed.
No information shall be disclosed to third parties.
No information may be given to the press.
There is no information security officer.
The Supplier shall give no information to third parties.
No such assignment is valid without consent.
No such transfer shall be made before 1 May.
If the date is not specified, 30 days.
30 days if not stated otherwise.
30 days unless the order is not specified.
If notice is not given within 30 days, the contract renews.
The contract renews where notice is not given in time.
Where no date is specified, the first business day.
If the price cannot be determined, an expert decides.
Goods not specified in the order may be returned.
Confidential information not mentioned in Schedule A.
Services not provided in time are not paid.
Services that are not provided in time.
The Supplier shall not be provided with access.
The Buyer is not provided with a copy.
Notice not given within 30 days is void.
The Buyer does not know of any defect.
The parties do not know each other.
The Supplier does not specify its sources to the Buyer.
The price does not include VAT.
The fee does not contain taxes.
The limit does not cover interest.
Unknown defects are excluded.
The Supplier is unable to deliver within 30 days.
The Agent cannot find a buyer within 30 days.
The Lessee may not determine the lease.
Not later than 30 days.
not less than EUR 5,000
No later than 14 days after receipt
The licence is not available in Norway.
Not before 1 May 2027
The agreement does not include a guarantee.
There is no liability for lost profits.
It is not known to third parties as Alpha.
not exclusive
No, it is not transferable.
Neither party is liable.
None of the parties may assign it.
The Supplier fails to deliver.
The silent partner
In silence, after 30 days
the known unknowns clause
They must state the information that was asked for.
mentioned in Schedule A
It is stated in clause 4: 30 days.
The Contractor does not give notice.
Information not found in the public domain
Sums not stated in euro are converted.
the parties cannot agree
Payment is due within 30 days, unless the invoice does not specify a date.
30 days after notice (period not extended)
EUR 5 (VAT not included)
EUR 5, VAT not included.
EUR 5 excluding VAT, which is not included
Yes. It is not excluded.
If it cannot be found, a new one is delivered.
The Supplier doesn't state a price until 1 May.
No information about customers may be sold.
No information of a confidential nature may be disclosed.
Data not available to the public
10 % (interest is not stated separately)
2 years - the start date is not given
two years, but it does not say from when
It is 30 days. The other clauses do not mention it.
The laws of Norway; the seat of arbitration is not specified.
"30 days"; no form is specified.
30 days. No information on the form is given.
A sum not specified here
The cap does not apply where damage cannot be determined
three months (not specified in which form)
Mr. Smith, whose title is not mentioned
It is not provided free of charge
The service is not available on Sundays.
The Licensee may not disclose information that is not known to the public.
no interest is due
No penalty.
No notice is required
Nothing in this clause limits liability.
not applicable to consumers
EUR 5 million, not including interest
sixty days, not counting holidays
The Supplier never mentions the Buyer in its publicity.
Any amount left unspecified in the order is EUR 5.
The Supplier makes no reference to the Buyer without its consent.
There is not any fee.
There are not any penalties.
The premises contain nothing of value.
The Agent does not appear to be an employee.
Title is clear.
30 days, unless the clause is unclear.
""".strip().splitlines()


@pytest.mark.parametrize("answer", REFUSED)
def test_a_refusal_is_seen(answer):
    assert is_refusal(answer)


@pytest.mark.parametrize("answer", ANSWERED)
def test_an_answer_is_not_taken_for_a_refusal(answer):
    assert not is_refusal(answer)


def test_both_lists_are_long_and_differ():
    assert len(set(REFUSED)) > 60 < len(set(ANSWERED)) and not set(REFUSED) & set(ANSWERED)


def recorded_answers() -> Counter:
    """(answer, refused) of every recorded answer -> how often."""
    import gzip

    answers: Counter = Counter()
    for path in sorted((DATA / "recorded").glob("*.jsonl*")):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as file:
            rows = (json.loads(line) for line in file)
            answers.update((row["answer"], row["refused"]) for row in rows if {"answer", "refused"} <= {*row})
    return answers


def test_recorded_answers_are_judged_by_todays_rule():
    """Where this fails after a change of the rule: python tools/record_results.py --rescore."""
    answers = recorded_answers()
    assert sum(answers.values()) > 20_000 and any(refused for _, refused in answers)
    assert not [one for one in answers if isinstance(one[0], str) and is_refusal(one[0]) != one[1]]
