"""A corpus as one web page for a human read: contracts with their gold spans marked, each question beside its evidence."""

import hashlib
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from ..corpus.records import Contract, Question, Span

STYLE = """
:root{color-scheme:light dark;--page:#fbfaf7;--card:#fff;--ink:#22211d;--soft:#66635a;--line:#dedad0;--mark:#ffe08a;--on:#ffb84d}
@media(prefers-color-scheme:dark){:root{--page:#17181a;--card:#212327;--ink:#e9e6df;--soft:#aba79c;--line:#3a3d42;--mark:#5c4a12;
--on:#8f5f00}}*{box-sizing:border-box}article{scroll-margin-top:7rem}[hidden]{display:none!important}body{margin:0;background:var(--page);
color:var(--ink);font:15px/1.5 system-ui,sans-serif}header{position:sticky;top:0;background:var(--page);border-bottom:1px solid var(--line);
padding:.6rem 1rem}h1{font-size:1.05rem;margin:0 0 .4rem}h2{font:600 1.3rem/1.3 Georgia,serif;margin:0}.soft,label,nav b{color:var(--soft);
font-size:.85rem}form{display:flex;flex-wrap:wrap;gap:.4rem .9rem}select,input{font:inherit;color:var(--ink);background:var(--card);
border:1px solid var(--line);border-radius:4px;padding:.15rem;max-width:15rem}.all{display:grid;grid-template-columns:17rem minmax(0,1fr);
gap:1.5rem;padding:1rem}summary{cursor:pointer;font-weight:600}nav{position:sticky;top:6.2rem;max-height:calc(100vh - 7rem);overflow:auto;
align-self:start}nav b{display:block;margin-top:.7rem}nav a{display:flex;justify-content:space-between;gap:.5rem;padding:.15rem .4rem;
color:inherit;text-decoration:none;font-size:.85rem}nav a.here{background:var(--card);font-weight:600;border-radius:4px}.row{display:grid;
grid-template-columns:minmax(0,1.4fr) minmax(0,1fr);gap:1.5rem;border-top:1px solid var(--line);padding:.7rem 0}.text{font-family:Georgia,
serif;white-space:pre-wrap;overflow-wrap:anywhere}mark{background:var(--mark);color:inherit;border-radius:2px}mark.off{background:none}
mark.on{background:var(--on)}ol{list-style:none;margin:0;padding:0}li a{color:inherit}li q{quotes:none;font-weight:600}li{
background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.45rem .6rem;margin-bottom:.5rem;overflow-wrap:anywhere}li.on{
border-color:var(--on);box-shadow:0 0 0 1px var(--on)}li i{font-style:normal;display:inline-block;border:1px solid var(--line);
border-radius:9px;padding:0 .45rem;margin-right:.25rem;font-size:.75rem;color:var(--soft)}@media(max-width:800px){.all,.row{
grid-template-columns:minmax(0,1fr);gap:.6rem}header,nav{position:static;max-height:none}.all{padding:.6rem}}
nav section:not(:has(a:not([hidden]))){display:none}
"""
SCRIPT = """
const $ = (selector, root = document) => [...root.querySelectorAll(selector)], numbers = node => node.dataset.q.split(" ");
function filter() {
  const {words, ...want} = Object.fromEntries(new FormData($("form")[0])), wanted = Object.entries(want).filter(([, value]) => value);
  const fits = li => wanted.every(([name, value]) => li.dataset[name].split("|").includes(value));
  for (const li of $("li")) li.hidden = !fits(li) || !li.textContent.toLowerCase().includes(words.toLowerCase());
  const shown = new Set($("li:not([hidden])").map(li => li.dataset.q)), active = words || wanted.length;
  for (const mark of $("mark")) mark.classList.toggle("off", !numbers(mark).some(q => shown.has(q)));
  for (const box of $("article details")) { box.hidden = !$("li:not([hidden])", box).length; box.open = active; }
  for (const link of $("nav a")) link.hidden = !(link.lastChild.textContent = $(link.hash + " li:not([hidden])").length) && active;
  document.getElementById("count").textContent = shown.size;
}
function open() {
  const articles = $("article"), chosen = articles.find(article => "#" + article.id === location.hash) || articles[0];
  for (const article of articles) article.hidden = article !== chosen;
  for (const link of $("nav a")) link.classList.toggle("here", link.hash === "#" + chosen.id);
  scrollTo(0, 0); if (matchMedia("(max-width:800px)").matches) $("nav details")[0].open = false;
}
function light(event) {
  const node = event.target.closest("li, mark"); if (!node || event.target.closest("a") || event.key && event.key !== "Enter") return;
  for (const other of $("article li, article mark")) other.classList.toggle("on", numbers(other).some(q => numbers(node).includes(q)));
}
for (const name of ["click", "keydown"]) document.addEventListener(name, light);
Object.assign($("form")[0], {oninput: filter, onsubmit: () => false}); addEventListener("hashchange", open); filter(); open();
"""
FILTERS = {"type": lambda q: [q.type], "label": lambda q: q.labels, "task": lambda q: [q.task], "split": lambda q: [q.split]}


def corpus_page(name: str, contracts: Sequence[Contract], questions: Sequence[Question]) -> str:
    """The page as HTML, without network; texts are escaped. A question stands in each contract that holds evidence for it."""
    ids = {contract.id: f"c{number}" for number, contract in enumerate(contracts)}
    asked: dict[str, list[tuple[int, Question]]] = defaultdict(list)
    for number, q in enumerate(questions):
        for document in dict.fromkeys([span.document for span in q.evidence] or q.documents or [""]):
            asked[document if document in ids else ""].append((number, q))
    articles = "".join(_article(contract, asked[contract.id], ids) for contract in contracts)
    families: dict[str, str] = defaultdict(str)
    for contract in contracts:
        families[contract.family] += f'<a href="#{ids[contract.id]}"><span>{escape(contract.title)}</span><span></span></a>'
    if asked[""]:
        articles += f'<article id="none"><h2>Asked of no contract that is here</h2><ol>{_cards(asked[""], "", ids)}</ol></article>'
        families["elsewhere"] += '<a href="#none"><span>No contract</span><span></span></a>'
    links = "".join(f"<section><b>{escape(family)}</b>{links}</section>" for family, links in families.items())
    filters = "".join(_select(name, (value for q in questions for value in values(q))) for name, values in FILTERS.items())
    script = b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'"
    counts = f'{len(contracts)} contracts, <span id="count">{len(questions)}</span> of {len(questions)} questions'
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width"><title>Corpus {escape(name)}</title><style>{STYLE}</style></head><body><header>
<h1>Corpus {escape(name)} <span class="soft">{counts}</span></h1>
<form>{filters}<label>words <input name="words" type="search"></label></form></header><div class="all"><nav><details open>
<summary>Contracts</summary>{links}</details></nav><main>{articles}</main></div><script>{SCRIPT}</script></body></html>"""


def _select(name: str, values: Iterable[str]) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(value)} ({n})</option>' for value, n in sorted(Counter(values).items()))
    return f'<label>{name} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _article(contract: Contract, asked: Sequence[tuple[int, Question]], ids: dict[str, str]) -> str:
    """One contract in rows, cut at its sections and, in long ones, before evidence: text left, the questions of its evidence right."""
    spans = [(number, span) for number, q in asked for span in q.evidence if span.document == contract.id]
    first = {number: span.start for number, span in sorted(spans, key=lambda item: -item[1].start)}
    heads, cuts = {section.start for section in contract.sections}, [0]
    for at in sorted(heads | {contract.text.rfind("\n", 0, start) + 1 for start in first.values()}):
        cuts += [at] if at > cuts[-1] and (at in heads or at > cuts[-1] + 600) else []
    rows = ""
    for start, end in pairwise([*cuts, len(contract.text)]):
        cards = _cards([item for item in asked if start <= first.get(item[0], -1) < end], contract.id, ids)
        rows += f'<div class="row"><div class="text">{_marked(contract.text, start, end, spans)}</div><ol>{cards}</ol></div>'
    if absent := [item for item in asked if item[0] not in first]:
        cards = _cards(absent, contract.id, ids)
        rows = f"<details><summary>Asked of it, without evidence in it ({len(absent)})</summary><ol>{cards}</ol></details>{rows}"
    known = [", ".join(value) if isinstance(value, list | tuple) else str(value) for value in contract.metadata.values() if value]
    facts = escape(" · ".join([contract.id, contract.split, *known]))
    return f'<article id="{ids[contract.id]}"><h2>{escape(contract.title)}</h2><p class="soft">{facts}</p>{rows}</article>'


def _cards(asked: Iterable[tuple[int, Question]], document: str, ids: dict[str, str]) -> str:
    cards = ""
    for number, q in asked:
        data = " ".join(f'data-{name}="{escape("|".join(values(q)))}"' for name, values in FILTERS.items())
        tags = "".join(f"<i>{escape(tag)}</i>" for tag in dict.fromkeys((q.type, *q.labels, q.task, q.split, q.subset)) if tag)
        others = [name for name in dict.fromkeys((*(span.document for span in q.evidence), *q.documents)) if name != document]
        links = ", ".join(f'<a href="#{ids[name]}">{escape(name)}</a>' if name in ids else escape(name) for name in others)
        answers = f'{escape(q.answers[0])} <span class="soft">{escape(" / ".join(q.answers[1:]))}</span>' if q.answers else ""
        cards += f'<li tabindex="0" data-q="{number}" {data}><q>{escape(q.question)}</q><div>{answers}</div>'
        cards += f'{f"<div class=soft>also in {links}</div>" if links else ""}{tags}</li>'
    return cards


def _marked(text: str, start: int, end: int, spans: Sequence[tuple[int, Span]]) -> str:
    """The characters from start to end as escaped HTML; each mark names the questions whose evidence it is."""
    near = [(number, span) for number, span in spans if span.start < end and span.end > start]
    pieces = ""
    for low, high in pairwise(sorted({start, end, *(min(max(at, start), end) for _, span in near for at in (span.start, span.end))})):
        owners = " ".join(dict.fromkeys(str(number) for number, span in near if span.start <= low and span.end >= high))
        pieces += f'<mark data-q="{owners}">{escape(text[low:high])}</mark>' if owners else escape(text[low:high])
    return pieces.strip("\n")
