"""Feedback on a reader: what it said, pairs of it, what people or programs say about the pairs (labs 2.4 and 2.5)."""
