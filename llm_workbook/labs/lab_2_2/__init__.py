"""The room of lab 2.2: its exercises, and what only it uses."""

NEEDS = ("questions with known answers", "questions to train on")  # of a corpus; checked by start()
