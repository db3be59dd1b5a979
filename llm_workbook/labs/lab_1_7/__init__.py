"""The room of lab 1.7: its exercises, and what only it uses."""

NEEDS = ("questions with known answers",)  # of a corpus; checked by start()
