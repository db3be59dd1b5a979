"""Make what the workbook ships: the domain encoder, the domain reader, and the ladder that shows what they are worth.

python -m tools.domain encoder      # train, exam on dev, keep as a difference in data/encoder/
python -m tools.domain reader       # three seeds, exam on dev, the best in data/adapters/reader/
python -m tools.domain reranker     # the same for late interaction, in data/reranker/
python -m tools.domain bias         # what a bias on the first token does to refusals, on dev
python -m tools.domain ladder       # every rung on the families of the evidence corpora, recorded
python -m tools.domain sweep        # lab 2.2's learning rates, recorded
python -m tools.domain grid         # lab 3.3's table, recorded
python -m tools.domain packing      # lab 1.5's answers, recorded
python -m tools.domain leaderboard  # every search of series 1 on the same questions, for lab 1.7
python -m tools.domain traces       # the assistant's traces, for lab 1.7
python -m tools.domain injection    # orders planted in contracts, for lab 1.7
python -m tools.domain preferences  # what a reader says that sometimes cites, for lab 2.4
python -m tools.domain likelihood   # the question's likelihood as a second stage, printed
python -m tools.domain transfer     # authored and real contracts: what carries over, printed
python -m tools.domain factory      # readers of lab 2.1's sets, three seeds, recorded
python -m tools.domain preferring   # readers of lab 2.5 after each way to learn, several seeds, printed
"""
