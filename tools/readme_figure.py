"""The README's picture: lab 1.1's recorded rows as one figure.

python tools/readme_figure.py        writes docs/losses.png from data/recorded/1.1.jsonl
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from llm_workbook.benchmark.ledger import Ledger  # noqa: E402
from llm_workbook.settings import Settings  # noqa: E402
from llm_workbook.show import plots  # noqa: E402


def main() -> int:
    """Draw and save; the title says what was run."""
    with tempfile.TemporaryDirectory() as nothing_of_yours:
        ledger = Ledger(Settings("1.1", "full", results_dir=Path(nothing_of_yours)))
        rows = {system: ledger.load(system) for system in ("naive RAG", "perfect search", "oracle")}
    share = {system: 100 * scores["correct"].mean() for system, scores in rows.items()}
    parts = {
        "earned by naive RAG": share["naive RAG"],
        "not finding the clause": share["perfect search"] - share["naive RAG"],
        "distraction by other clauses": share["oracle"] - share["perfect search"],
        "misreading the clause alone": 100 - share["oracle"],
    }
    header = rows["oracle"].attrs
    title = f"Where 100 points go: {header['n']} questions about contracts, SmolLM2-135M-Instruct"
    target = ROOT / "docs" / "losses.png"
    target.parent.mkdir(exist_ok=True)
    plots.stack(parts, title=title).savefig(target, dpi=110)
    print(f"{target.relative_to(ROOT)}: {parts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
