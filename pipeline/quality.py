"""Signs that a document's text is not what its pages say: garbled fonts, lost spaces, mixed columns, poor scans.

Each sign is rare in sound text of any kind (prose, tables, lists, names, other languages) and common in text
damaged in its way. A sign warns; nothing is left out for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from pipeline.records import FoundBlock, mean_sureness

POOR_SURENESS = 0.85
"""A reading this sure has one word in ten wrong (copies of a policy at 70 to 100 dots an inch); sound ones are 0.95."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_UNREADABLE = "\ufffd"
_UNREADABLE_SHARE = 0.03
_ENOUGH_LETTERS = 200
_LEAST_LIKE = 0.78
"""Likeness (cosine) of a text's letters to English ones: English pages are over 0.88, shifted alphabets under 0.8."""
_ROUGH_WORD = re.compile(r"[bcdfghjklmnpqrstvxz]{4}|[aeiouy]{4}")
_ROUGH_SHARE = 0.1
"""Words with four consonants or vowels in a row: 5% in English, less in Tagalog, Somali or Vietnamese, whose
letters are unlike the English ones too; 13% and more in shifted alphabets."""
_LETTERS = dict(
    zip(
        "etaoinsrhldcumfpgwybvkxjqz",
        (12.7, 9.1, 8.2, 7.5, 7.0, 6.7, 6.3, 6.0, 6.1, 4.0, 4.3, 2.8, 2.8, 2.4, 2.2, 1.9, 2.0, 2.4, 2.0, 1.5,
         1.0, 0.8, 0.15, 0.15, 0.1, 0.07),
        strict=True,
    )
)  # fmt: skip
"""English letters in per cent."""
_LONG = 24
_LONG_WORD = re.compile(rf"[^\W\d_]{{{_LONG},}}")
"""English has next to no word of so many letters; addresses have, and do not count."""
_LONG_SHARE = 0.02
_SPACED = re.compile(r"(?:(?<=\s)|^)(?:[^\W\d_] ){5,}[^\W\d_](?=\s|$)", re.MULTILINE)
_SPACED_SHARE = 0.02
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u00a0-\u00bf]|\u00e2\u20ac[\u2122\u0153\u009d\u201c\u201d\u00a6\u00a2]?|\u00ef\u00bf\u00bd"
)
_FEWEST = 3
"""Occurrences of a sign below which it may be chance."""
_VERBS = "is|are|was|were|be|will|shall|have|has"
_TORN = re.compile(
    rf"\b(?:(?:the|an|their|its|our|every) (?:{_VERBS}|of|and|or|to|in|for|the|that|this|with|by|on|at|from|as|it"
    rf"|they|not|which|who|their|its|our)|(?:of|to|in|for|with|by|from|at) (?:of|will|shall|are|is|were|has)"
    rf"|(?:of|in|for|with|by|from) (?:be|have|they)|of (?:of|with|on)|to (?:to|with|for|from|on)|for (?:to|for|with)"
    rf"|and and|a (?:the|a|will|with|shall|which|that|who)|(?:will|shall) (?:will|shall|of|to|and)|be will"
    rf"|with (?:with|to))\b(?![-/])"
)
"""Words that no English sentence has side by side; two columns read line by line across put them there."""
_TORN_SHARE = 0.0012
"""Torn pairs a word: sound documents have at most one pair, interleaved columns two to six in a thousand words."""


def is_garbled(text: str) -> bool:
    """Say whether text does not say what its page shows: unknown glyphs, or letters that stand for others.

    Letters are judged from 200 on, and only in Latin script.
    """
    counts = Counter(text.lower())
    unknown = counts[_UNREADABLE]
    if unknown >= 5 and unknown > _UNREADABLE_SHARE * sum(n for c, n in counts.items() if not c.isspace()):
        return True
    letters = Counter({c: n for c, n in counts.items() if c.isalpha()})
    latin = sum(count for letter, count in letters.items() if letter < "\u0250")
    if letters.total() < _ENOUGH_LETTERS or latin < 0.9 * letters.total() or likeness(letters) >= _LEAST_LIKE:
        return False
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    words = _WORD.findall(plain)
    return sum(bool(_ROUGH_WORD.search(word)) for word in words) > _ROUGH_SHARE * len(words)


def likeness(letters: Counter[str]) -> float:
    """Give the cosine between counts of letters and the frequencies of English letters."""
    along = sum(count * _LETTERS.get(letter, 0.0) for letter, count in letters.items())
    lengths = sum(c * c for c in letters.values()) * sum(p * p for p in _LETTERS.values())
    return float(along / lengths**0.5) if lengths else 0.0


def quality_notes(blocks: Sequence[FoundBlock]) -> tuple[str, ...]:
    """Warn of signs of bad extraction in a document's blocks, as they come from its reader."""
    text = "\n".join(block.text for block in blocks)
    letters = max(sum(map(str.isalpha, text)), 1)
    notes = []
    tokens = [
        token for token in text.split() if len(token) >= _LONG and "/" not in token and "@" not in token
    ]
    long = [word for token in tokens for word in _LONG_WORD.findall(token)]
    if len(long) >= _FEWEST and sum(map(len, long)) > _LONG_SHARE * letters:
        notes.append(
            "Spaces between words are missing in places, so passages there may be coded wrongly; "
            "save the file anew from the program it was made with, or give the original."
        )
    spaced = _SPACED.findall(text)
    if len(spaced) >= _FEWEST and sum(len(run) // 2 for run in spaced) > _SPACED_SHARE * letters:
        notes.append(
            "Words are spaced out letter by letter in places and cannot be coded there; give the original file."
        )
    if len(_MOJIBAKE.findall(text)) >= _FEWEST:
        notes.append(
            "Some characters are wrong (such as \u00e2\u20ac\u2122 for an apostrophe): the file was once saved in "
            "another encoding than it was opened with; save the original again as UTF-8."
        )
    torn = len(_TORN.findall(text))
    if torn >= _FEWEST and torn > _TORN_SHARE * len(text.split()):
        notes.append(
            "Lines of different columns may have been read as one; look at the passages before you rely on them, "
            "or give the original file."
        )
    sureness = mean_sureness([(b.sureness, len(b.text)) for b in blocks if b.sureness is not None])
    if sureness is not None and sureness < POOR_SURENESS:
        notes.append(
            f"The scan is hard to read (text recognition was {100 * sureness:.0f}% sure on average): many words "
            "will be wrong; scan it again at 300 dots an inch if you can."
        )
    return tuple(notes)
