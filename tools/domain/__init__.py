"""Make what the workbook ships: the domain encoder, the domain reader, and the ladder that shows what they are worth.

python -m tools.domain encoder      # train, exam on dev, keep as a difference in data/encoder/
python -m tools.domain reader       # three seeds, exam on dev, the best in data/adapters/reader/
python -m tools.domain ladder       # every rung on the families of the evidence corpora, recorded
"""
