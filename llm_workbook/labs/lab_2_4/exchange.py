"""Labels for other tools and back: the JSON that Label Studio and Argilla import. Nothing of them needs to be installed.

Label Studio: tasks with `data` and `annotations` (labelstud.io/guide/task_format). Argilla: records with `id`, `fields`,
`metadata` and `responses` (docs.argilla.io, `rg.Record.from_dict`), read from a file by `dataset.records.from_json`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ...feedback.records import BAD, TIE, Asked, Label, Pair
from ...files import write_whole
from .session import REASONS, Shown

LABELLING = f"""<View>
  <Text name="question" value="$question"/><Text name="clauses" value="$clauses"/>
  <Text name="A" value="$A"/><Text name="B" value="$B"/>
  <Choices name="choice" toName="question" choice="single">
    {" ".join(f'<Choice value="{one}"/>' for one in ("A", "B", TIE, BAD))}
  </Choices>
  <Choices name="reasons" toName="question" choice="multiple">
    {" ".join(f'<Choice value="{one}"/>' for one in REASONS)}
  </Choices>
  <TextArea name="rater" toName="question"/>
</View>"""  # the interface of the Label Studio project


def to_label_studio(
    labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]
) -> list[dict[str, Any]]:  # fmt: skip
    """Tasks in Label Studio's JSON, one for each pair and hidden repeat, an annotation for each label."""
    known, tasks = {pair.id: pair for pair in pairs}, {}
    for label in labels:
        if label.pair in known:
            shown = Shown(known[label.pair], label.again)
            task = tasks.setdefault((label.pair, label.again), {"data": _data(shown, asked), "annotations": []})
            task["annotations"].append(
                {
                    "result": _result(label, shown),
                    "lead_time": label.seconds,
                    "created_at": label.at,
                    "was_cancelled": False,
                }
            )
    return list(tasks.values())


def from_label_studio(tasks: Sequence[Mapping[str, Any]]) -> list[Label]:
    """The labels of exported tasks. Raises: ValueError for a task that has no pair, or an annotation without a
    choice."""
    labels = []
    for number, task in enumerate(tasks, start=1):
        for annotation in task.get("annotations", ()):
            said = {part["from_name"]: next(iter(part["value"].values())) for part in annotation["result"]}
            if "pair" not in task["data"] or not said.get("choice"):
                raise ValueError(f"task {number} has no pair or no choice; it was not made by to_label_studio")
            pair, again = task["data"]["pair"], task["data"]["again"]
            labels.append(
                Label(
                    pair, _kept(said["choice"][0], again), said.get("rater", [""])[0], tuple(said.get("reasons", ())),
                    annotation["lead_time"], annotation["created_at"], again,
                )
            )  # fmt: skip
    return labels


def to_argilla(labels: Sequence[Label], pairs: Sequence[Pair], asked: Mapping[str, Asked]) -> list[dict[str, Any]]:
    """Records in Argilla's JSON, one for each label, because a response has no room for its seconds. A rater's
    user_id is made of the name."""
    known, records = {pair.id: pair for pair in pairs}, []
    for label in labels:
        if label.pair in known:
            user = str(uuid5(NAMESPACE_URL, label.rater))
            shown = Shown(known[label.pair], label.again)
            fields, said = _data(shown, asked), {"choice": shown.said(label.choice), "reasons": list(label.reasons)}
            records.append(
                {
                    "id": f"{label.pair} {int(label.again)} {label.rater}",
                    "fields": {name: fields[name] for name in ("question", "clauses", "A", "B")},
                    "metadata": {
                        "pair": label.pair, "again": int(label.again), "rater": label.rater,
                        "seconds": label.seconds, "at": label.at,
                    },
                    "responses": {name: [{"value": value, "user_id": user}] for name, value in said.items() if value},
                }
            )  # fmt: skip
    return records


def from_argilla(records: Sequence[Mapping[str, Any]]) -> list[Label]:
    """The labels of exported records. Raises: ValueError for a record without pair or choice."""
    labels = []
    for number, record in enumerate(records, start=1):
        kept, said = record["metadata"], {name: some[0]["value"] for name, some in record["responses"].items() if some}
        if "pair" not in kept or "choice" not in said:
            raise ValueError(f"record {number} has no pair or no choice; it was not made by to_argilla")
        labels.append(
            Label(
                kept["pair"], _kept(said["choice"], bool(kept["again"])), kept["rater"],
                tuple(said.get("reasons", ())), kept["seconds"], kept["at"], bool(kept["again"]),
            )
        )  # fmt: skip
    return labels


def write_json(path: Path, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write a list as JSON, and read it again: what another tool would get."""
    write_whole(path, json.dumps(items, ensure_ascii=False, indent=1))
    return json.loads(path.read_text(encoding="utf-8"))


def _data(shown: Shown, asked: Mapping[str, Asked]) -> dict[str, Any]:
    question, (first, second) = asked[shown.pair.asked], shown.sides
    return {
        "pair": shown.pair.id, "again": shown.again, "question": question.question,
        "clauses": "\n\n".join(question.clauses), "A": first, "B": second,
    }  # fmt: skip


def _kept(said: str, again: bool) -> str:
    """A choice as it is kept; of a pair only the order of its sides matters here."""
    return Shown(Pair("", "", "", ""), again).choice(said)


def _result(label: Label, shown: Shown) -> list[dict[str, Any]]:
    said = [("choice", "choices", "choices", [shown.said(label.choice)]), ("rater", "textarea", "text", [label.rater])]
    if label.reasons:
        said.append(("reasons", "choices", "choices", list(label.reasons)))
    return [
        {"from_name": name, "to_name": "question", "type": kind, "value": {key: value}}
        for name, kind, key, value in said
    ]
