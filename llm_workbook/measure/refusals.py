"""Does an answer say that it cannot tell? By its form alone: the question and the right answer are not known here."""

import re

SOURCE = (
    r"(?:clauses?|contracts?|agreements?|documents?|texts?|contexts?|passages?|sections?|articles?|schedules?|letters?"
    r"|provisions?|excerpts?)"
)
WRITING = rf"(?:{SOURCE}|leases?|licen[cs]es?|deeds?|orders?|annex(?:es)?)"
PARTY = (
    r"\b(?:supplier|buyer|seller|customer|lessee|lessor|tenant|landlord|agent|company|party|parties|licensor|licensee"
    r"|contractor|employee|employer|client|owner)\b"
)
SAID = r"(?:stated|specified|mentioned|defined|indicated|described|addressed|set out|said)"
GIVEN = r"(?:given|provided|included|listed|found|available|covered|disclosed|present|known)"
SAY = r"(?:state|specify|mention|say|indicate|define|address|describe|tell)"
HOLD = r"(?:contain|include|provide|give|have|cover|list|disclose)"
FIND = (
    r"(?:answer|determine|find|tell|say|locate|identify|establish|infer|confirm|derive)(?:e?d)?"
    r"|(?:found|told|said|identified)"
)
DATA = r"(?:information|answer|mention|reference|indication|details?|figures?|data|value|context)"
HERE = rf"(?: (?:in|by|within|from) (?:the |this |these |any |that |either )?(?:\w+ )?{SOURCE})?"
BE = r"(?:is|are|was|were|has|have|had|been)"
ADVERB = r"(?:explicitly |clearly |expressly |directly |specifically |been |ever )*"
EXACT = (
    r"(?:any |such |this |that |the |an? |enough )?"
    rf"(?:it|this|that|(?:specific|exact|precise|clear) \w+|(?:\w+ )?{DATA})\b"
)
ABOUT = (
    r"(?: (?:on|about|in|regarding|concerning|available|given|provided|found|for|as|that|to|of|is|was|can|could)\b|$)"
)
BY_ANYONE = [  # what is said to be missing, whoever is the subject
    rf"(?:^|[:\-–] ?)not {ADVERB}(?:{SAID}(?: in .*| by .*)?|{GIVEN}{HERE}|(?:sure|certain|enough|clear).*|known)$",
    rf"(?<!which )(?<!that )\b{BE} (?:not|nowhere) {ADVERB}{SAID}\b",
    rf"(?<!which )(?<!that )\b{BE} not {ADVERB}(?:{GIVEN}{HERE}|clear)$",
    rf"{SOURCE}.* (?:do|does|did) not {ADVERB}(?:{HOLD} {EXACT}|answer\b)",
    rf"^(?:the |this |these |our )?(?:\w+ )?{SOURCE}\b.* (?:do|does|did) not {ADVERB}(?:(?:appear|seem) to )?{SAY}\b",
    rf"^(?:the |this |these |our )?(?:\w+ )?{SOURCE}\b.* (?:never|nowhere) (?:{SAY}s?|specifies)\b",
    rf"^(?:the |this |these |our )?(?:\w+ )?{WRITING}\b.* (?:contains?|has|have|says?) nothing (?:on|about)\b",
    rf"^(?:the |this |these |our )?(?:\w+ )?{WRITING}\b.* makes? no (?:reference|provision|mention)\b",
    rf"{SOURCE}.* (?:gives?|contains?|provides?|has|have|includes?|makes?|lacks?) (?:no|this|that|the) {DATA}\b",
    rf"(?:^|there (?:is|are|was) )(?:no|not enough|not any|insufficient) {DATA}{ABOUT}(?!.*\b(?:may|shall|must|will) )",
    rf"there (?:is|are) not any (?:{SOURCE}|terms?|wording) (?:on|about|for|of|regarding|concerning)\b",
    rf"there (?:is|are) no (?:such|relevant) \w+|^no such \w+(?: (?:exists?|(?:is|was) {SAID})| in the .*)?$",
    rf"^(?:no (?:\w+ ){{1,4}}(?:is|are|was|were)|none (?:is|are)|none) {SAID}\b",
    rf"^(?:none of the|neither) (?:\w+ )?{SOURCE} (?:{SAY}s?|specifies|{HOLD}s?|answers?)\b",
    rf"\bnot in (?:the|this|these) (?:\w+ )?{SOURCE}|does not appear in|\bnothing about (?:it|this|that)\b",
    r"^(?:[^,]* (?:is|are|was|were) left unspecified|unclear)$",
    r"^(?:unknown|unspecified|undetermined|unanswerable|n/a|na|insufficient)$",
    r"\b(?:is|are|am|remains?) (?:unknown|unspecified|unclear|undetermined|unsure|missing)$",
    r"\b(?:is|are|remains?) silent (?:on|about|as|regarding)\b",
    rf"^nothing (?:is |was )?{SAID}\b|^nothing in (?:the|these|this) (?:\w+ )?{SOURCE} {SAY}s?\b",
    r"\bi am not (?:sure|certain)|\bi have no (?:idea|information)",
    r"\b(?:i|we) (?:do|did) not (?:see|find|have (?:that|this|the|any|enough|access))\b",
]
BY_NO_PARTY = [  # "the agent cannot find a buyer" is what a contract says, not a refusal
    rf"\b(?:do|does|did) not {ADVERB}{SAY}\b",
    rf"\b(?:can not|could not|unable to|not able to|impossible to|not possible to) (?:be )?(?:{FIND})\b",
    r"^(?:sorry )?(?:i |we )?(?:really |just )?(?:do|did) not know\b|\bi do not know$",
    rf"\b(?:fails?|omits?) to {SAY}\b",
]
REFUSING = re.compile("|".join(BY_ANYONE) + rf"|^(?:(?!{PARTY}).)*?(?:" + "|".join(BY_NO_PARTY) + ")")
ONLY_IF = re.compile(r"\b(?:if|unless|where|when|whenever|until|in case|to the extent)\b")
OPENING = re.compile(
    r"^(?:based|according|regarding|concerning|unfortunately|i am|sorry|given|as|under|hmm|well)\b"
    rf"|^(?:in|from|on|for|within|by) (?:the |this |both |all )*(?:\w+ )?{SOURCE}\b"
)
NO_TOPIC = re.compile(  # the words of a refusal that name nothing a caveat could be about
    rf"\b(?:{SOURCE}|{BE}|{SAID}|{GIVEN}|{SAY}s?|{HOLD}s?|{DATA}|{FIND}|do|does|did|not|no|can|could|be|it|this|that|these"
    r"|the|an?|any|so|i|we|in|by|of|from|to|for|on|about|there|here|such|sure|certain|following|above|able|unable|know|idea"
    r"|explicitly|clearly|expressly|directly|specifically|unknown|unspecified|unclear|and|but|or|however)\b|\W"
)


def refuses(answer: str) -> bool:
    """True when the answer refuses. A caveat behind a value is none: "30 days (the form is not specified)" answers.

    >>> refuses("The clauses don’t specify this."), refuses("30 days (the form is not specified)")
    (True, False)
    """
    parts = [part for part in map(_bare, _parts(answer)) if part]
    place = next((place for place, part in enumerate(parts) if _is_refusing(part)), None)
    if place is None:
        return False
    before = [part for part in parts[:place] if not OPENING.match(part) and NO_TOPIC.sub("", part)]
    return not before or not (NO_TOPIC.sub("", parts[place]) or re.search(r"\bnot (?:sure|certain)", parts[place]))


def _parts(answer: str) -> list[str]:
    """The parts of an answer in small letters, with contractions written out."""
    text = re.sub("[’ʼ‘`´]", "'", answer.lower())
    text = re.sub(r"\bcan(?:'t|not)\b", "can not", re.sub(r"\bdont\b", "do not", text))
    text = re.sub(r"'m\b", " am", re.sub(r"n't\b", " not", text))
    text = re.sub(r"\b(it|that|there|what)'s\b", r"\1 is", re.sub("'ve\\b", " have", text))
    return re.split(r"[.;!?](?=\s|$)|\n|[()]|,\s|\bbut\b|\balthough\b|\bhowever\b|—|\s[–-]\s", text)


def _bare(part: str) -> str:
    """A part without white space, marks at its ends and a number in front of it."""
    return re.sub(r"^\d+[.)]?\s+(?=not\b)", "", " ".join(part.split()).strip("\"'*_-–.:, "))


def _is_refusing(part: str) -> bool:
    return REFUSING.search(ONLY_IF.split(part)[0]) is not None
