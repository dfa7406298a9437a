"""Recognise citations of literature and of law, and the headings over lists of them."""

from __future__ import annotations

import re

from pipeline.records import FoundBlock

_HEADING = re.compile(
    r"(?:\d+\.?\s+)?(?:references(?: cited)?|reference list|list of references|bibliography"
    r"|works? cited|literature cited"
    r"|sources cited|legal references?|cross[- ]references?|(?:policy|state|federal|court) references?"
    r"|(?:state|federal|management resources|cross)(?: references?)?(?: description)?"
    r"|policy reference disclaimer|management resources?(?: references?)?|court decisions?)"
    r"(?: \((?:next page|continued|cont['\u2019]?d\.?|see next page)\))?",
    re.IGNORECASE,
)
# These words are headings of reference lists only in the company of one; alone they say too little.
_WEAK = re.compile(r"(?:state|federal|cross|court decisions?)", re.IGNORECASE)
REFERENCE_DISCLAIMER = re.compile(
    r"\bthese references are not intended to be part of the policy itself\b", re.IGNORECASE
)

_AUTHOR = re.compile(
    r"(?:\[\d{1,3}\]\s*|\d{1,3}\.\s+)?[A-Z][\w'\u2019-]+(?:[ -][A-Z][\w'\u2019-]+)?,\s+(?:[A-Z]\.[ -]?){1,3}"
)
_YEAR = re.compile(
    r"\((?:19|20)\d{2}[a-z]?(?:, [A-Z][a-z]+(?: \d{1,2})?)?\)|\b(?:19|20)\d{2}[a-z]?\.(?:\s|$)"
)
_SOURCE = re.compile(
    r"https?://|www\.|\bdoi\b|\bdoi\.org|\bpp?\.\s?\d|\bVol\.|\d+\(\d+\)"
    r"|\b(?:University )?Press\b|\bJournal of\b"
    r"|\bRetrieved (?:from|on)\b|\bet al\.|\bEds?\.\)|\bISBN\b|\bWashington, D\.?C\.?|\bProceedings\b"
)
_LAW = re.compile(
    r"^(?:\d{1,3} (?:USC|U\.S\.C\.?|CFR|C\.F\.R\.?|CCR)\s?§?\s?\d"
    r"|(?:5|13|22|24)? ?(?:Education|Ed\.?|Government|Gov\.?|Health and Safety|Penal|Labor"
    r"|Public Resources|Vehicle"
    r"|Family|Civil|Welfare and Institutions|Food and Agricultural|Public Contract|Business and Professions)"
    r" Code §?\s?\d[\d.\-, ]*"
    r"|Ed\.? Code §?\s?\d|(?:BP|AR|BB|E|Board Policy|Administrative Regulation) \d{4}"
    r"|[A-Z][\w.&' ]{2,60} v\. [A-Z][\w.&' ]{2,80}[,(]"
    r"|§§? ?\d|Cal\. Code|California Code of Regulations|Code of Federal Regulations"
    r"|\d{3,5}(?:\.\d+)?(?:-\d{3,5}(?:\.\d+)?)? [A-Z])"
)
_CROSS_REFERENCES = re.compile(r"(?:\(cf\. [^()]{1,120}(?:\([^()]*\)[^()]*)?\)[\s;,.]*)+")
# Lists of legal references are parted by the codes and bodies they cite.
_SOURCE_HEADING = re.compile(
    r"\b(?:codes?|regulations?|publications?|web ?sites?|court decisions?|usc|cfr|opinions?"
    r"|constitution|statutes?)\b",
    re.IGNORECASE,
)
_SOURCE_HEADING_WORDS = 12
_LEGAL_WORDS = 30
_CITATION_WORDS = 80
_CITATION_CHARACTERS = 1500
_PROSE_WORDS = 25
_SHORT_WORDS = 14
_SENTENCE = re.compile(r"[.!?][\"”\u2019)]?(?:\s|$)")
_VERBS = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|shall|should|must|may|can|could|would|do|does|did|we|our|you|"
    r"they|students?)\b"
)


def is_reference_heading(block: FoundBlock) -> bool:
    """Whether a block stands over a list of references: by its words, as a heading or a line alone."""
    text = block.text.strip(" :*_").rstrip(".")
    if block.kind == "heading":
        return _HEADING.fullmatch(text) is not None and not _WEAK.fullmatch(text)
    return (
        block.kind in {"paragraph", "table_row"}
        and len(text.split()) <= 4
        and _HEADING.fullmatch(text) is not None
        and not _WEAK.fullmatch(text)
    )


def is_citation(text: str, *, under_heading: bool = False) -> bool:
    """Whether a block is a citation and nothing else.

    By itself it needs two marks of one (authors with initials, a year, a source) or to begin with a
    law's number. ``under_heading`` asks for less: one mark, or a few words that are no sentence.
    """
    words = len(text.split())
    if words > _CITATION_WORDS or len(text) > _CITATION_CHARACTERS:
        return False
    marks = [bool(_AUTHOR.match(text)), bool(_YEAR.search(text)), bool(_SOURCE.search(text))]
    legal = bool(_LAW.match(text)) and words <= _LEGAL_WORDS
    if under_heading:
        if any(marks) and (words <= _PROSE_WORDS or sum(marks) >= 2 or not _reads_as_prose(text)):
            return True
        return legal or (words <= _SHORT_WORDS and not _reads_as_prose(text))
    if legal and not _reads_as_prose(text):
        return True
    return marks[0] and (marks[1] or marks[2])


def is_source_heading(text: str) -> bool:
    """Whether a heading inside a list of references names whose codes or publications follow."""
    return len(text.split()) <= _SOURCE_HEADING_WORDS and _SOURCE_HEADING.search(text) is not None


def is_cross_reference(text: str) -> bool:
    """Whether a block only points to other policies: ``(cf. 3510 - Green School Operations)``."""
    return _CROSS_REFERENCES.fullmatch(text) is not None


def is_prose(text: str) -> bool:
    """Whether a text is long enough to be a paragraph and reads like one."""
    return len(text.split()) >= _PROSE_WORDS and _reads_as_prose(text)


def _reads_as_prose(text: str) -> bool:
    """Check that a sentence ends in it, and it has a verb or a person, which titles have not."""
    return bool(_SENTENCE.search(text)) and len(_VERBS.findall(text)) >= 1
