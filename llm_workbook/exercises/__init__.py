"""Exercises: the engine that checks them, and for each lab its checks, hints and named misconceptions."""
