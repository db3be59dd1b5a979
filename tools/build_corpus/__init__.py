"""The authored corpus: a fact graph, rendered through a hand-written clause library into contracts and questions.

    world.py      who there is: companies, people, places; further regions of the world from seeds
    families.py   who signed what: agreements, amendments, statements of work, and the facts in them
    values.py     how a value is written: "sixty (60) days", "EUR 2,400,000", "one and one-half per cent"
    clauses.py    the clause library: several hand-written wordings of each clause type
    papers.py     the texts of the shorter documents: amendments, letters, guarantees, notices
    filler.py     what a contract has besides: recitals, definitions, boilerplate
    render.py     facts + wordings -> text, with the exact characters of each piece of evidence
    asking.py     how people ask for a fact; frames.py: the other ways of asking
    questions.py  facts -> questions, split by family, in wording groups
    checks.py     what must be true of all that
    build.py      all of it, written to disk; readme.py: the counts in data/README.md

Run `python -m tools.build_corpus`; the output is the same to the byte every time.
"""
