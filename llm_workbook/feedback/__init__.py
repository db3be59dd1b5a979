"""Feedback on a reader: what it said, pairs of it, what people or programs say about the pairs."""
