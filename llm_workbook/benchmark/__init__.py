"""Running systems on questions, and the ledger of their results."""
