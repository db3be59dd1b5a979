def number_clauses(clauses: list[str]) -> str:
    return "\n".join(f"[{number}] {clause}" for number, clause in enumerate(clauses, start=1))
