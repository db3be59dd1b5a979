"""Traces: what an assistant did for one answer, step by step, in one format."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from ..benchmark import store
from ..benchmark.systems import Answer

GENAI = {  # our fields -> the names of OpenTelemetry's semantic conventions for generative AI
    "operation": "gen_ai.operation.name",
    "model": "gen_ai.request.model",
    "query": "gen_ai.retrieval.query.text",
    "places": "gen_ai.retrieval.documents",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
}
OPERATION = {"search": "retrieval", "generate": "chat"}  # of our steps; other steps are ours alone


@dataclass(frozen=True)
class Span:
    """One step. start_s: seconds after the trace began; ms: how long it took; fields: plain data, see GENAI."""

    name: str
    start_s: float
    ms: float
    fields: Mapping[str, Any] = field(default_factory=dict)

    def attributes(self) -> dict[str, Any]:
        """Its fields under the names of OpenTelemetry; those that it does not know begin with "workbook.".

        >>> Span("generate", 0.0, 5.0, {"input_tokens": 7, "budget": 200}).attributes()["gen_ai.usage.input_tokens"]
        7
        """
        operation = {"operation": OPERATION[self.name]} if self.name in OPERATION else {}
        both = {**operation, **self.fields}
        return {GENAI.get(name, f"workbook.{name}"): value for name, value in both.items()}


class Trace:
    """The steps of one answer, in the order in which they ended.

    >>> trace = Trace()
    >>> with trace.step("search", query="rent?") as found:
    ...     found["places"] = ["lease:0-40"]
    >>> trace.spans[0].fields
    {'query': 'rent?', 'places': ['lease:0-40']}
    """

    def __init__(self) -> None:
        self.began, self.spans = perf_counter(), []

    @contextmanager
    def step(self, name: str, **fields: Any) -> Iterator[dict[str, Any]]:
        """Time a step; what is put into the dictionary is kept with it, and an error, too."""
        started = perf_counter()
        try:
            yield fields
        except Exception as error:
            fields["error"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            ms = 1000 * (perf_counter() - started)
            self.spans.append(Span(name, round(started - self.began, 4), round(ms, 2), fields))


def spans_of(answer: Answer) -> list[Span]:
    """The harness's answer (lab 3.1) in the same format: a span for each stage that it timed, one after the other."""
    spans, start = [], 0.0
    known: dict[str, dict[str, Any]] = {
        "search": {"places": [str(span) for span in answer.spans]},
        "generate": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens},
    }
    for name, seconds in answer.seconds.items():
        spans.append(Span(name, round(start, 4), round(1000 * seconds, 2), known.get(name, {})))
        start += seconds
    return spans


def write(path: Path, question: str, spans: Sequence[Span], **more: Any) -> None:
    """Add one trace to a file of JSON lines; earlier lines stay. more: plain data about the whole answer."""
    store.append(path, [{"question": question, **more, "spans": [asdict(span) for span in spans]}])


def read(path: Path) -> list[dict[str, Any]]:
    """The traces of a file, plain or gzipped, in order; spans as `Span`. A line that was cut off is left out."""
    entries = (entry for _, entry in store.read_entries(path) if entry)
    return [{**entry, "spans": tuple(Span(**span) for span in entry["spans"])} for entry in entries]
