"""Measures: of retrieval by character spans, of answers, and of the difference between two systems."""
