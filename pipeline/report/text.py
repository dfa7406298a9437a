"""Words of documents as they may stand on a page: escaped, in reading order, evidence underlined."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from pipeline.records import Evidence, Passage

# Characters that turn the direction of what follows, also outside their own line: a name made with
# them can pretend to be another. The browser's own rules (dir="auto") set right-to-left text right
# without them. Invisible characters of no width go too; the joiners that scripts need (U+200C and
# U+200D) stay. So do marks of direction (U+200E and U+200F), which turn nothing.
_UNSEEN = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0x00AD]
    + [c for c in range(0x20) if c not in (0x09, 0x0A)]
    + list(range(0x7F, 0xA0))
)

_EMPTY_LINES = re.compile(r"\n\s*\n")


def shown(text: str) -> str:
    """Return text without characters that cannot be seen or that turn the text around them."""
    return text.translate(_UNSEEN)


def place_words(passage: Passage, title: str = "") -> str:
    """Write where a passage stands: its pages, then the headings above it, the title left out."""
    path = passage.heading_path
    below = path[1:] if path[:1] == (title,) else path
    return " · ".join(part for part in (page_words(passage), shown(" › ".join(below))) if part) or (
        f"passage {passage.order + 1}"
    )


def page_words(passage: Passage) -> str:
    """Write a passage's page, or its first and last, or nothing where the format has none."""
    pages = passage.pages
    return "" if not pages else f"page {pages[0]}" if len(pages) == 1 else f"pages {pages[0]}–{pages[-1]}"


def heading_words(passage: Passage) -> str:
    """Write the headings above a passage, the topmost first."""
    return shown(" › ".join(passage.heading_path))


def underlined(text: str, evidence: Sequence[Evidence], numbers: Mapping[str, int]) -> Markup:
    """Escape a passage's text, underline its evidence and mark the words that weighed most.

    ``numbers`` gives each frame's number for its class: a sentence that carries frames 1 and 3
    stands in ``<u class="e1 e3">``. Evidence outside the text is left out.
    """
    inside = [e for e in evidence if 0 <= e.start < e.end <= len(text)]
    marks = [
        (e.start + a, e.start + b) for e in inside for a, b in word_spans(text[e.start : e.end], e.words)
    ]
    cuts = sorted(
        {0, len(text), *(c for e in inside for c in (e.start, e.end)), *(c for m in marks for c in m)}
    )
    out: list[str] = []
    open_frames: tuple[int, ...] = ()
    for start, end in pairwise(cuts):
        frames = tuple(sorted({numbers[e.frame] for e in inside if e.start <= start and end <= e.end}))
        if frames != open_frames:
            out.append("</u>" if open_frames else "")
            out.append(f'<u class="{" ".join(f"e{n}" for n in frames)}">' if frames else "")
            open_frames = frames
        words = str(escape(shown(text[start:end])))
        marked = any(a <= start and end <= b for a, b in marks)
        out.append(f"<mark>{words}</mark>" if marked else words)
    out.append("</u>" if open_frames else "")
    # Blocks of a passage stand line by line: an empty line between each would tear it apart.
    return Markup(_EMPTY_LINES.sub("\n", "".join(out)))  # noqa: S704 - escaped above


def marked_sentence(evidence: Evidence) -> Markup:
    """Escape the evidence's sentence and mark its strongest words."""
    text, out, done = evidence.sentence, Markup(), 0
    for start, end in sorted(word_spans(text, evidence.words)):
        if start >= done:
            out += escape(shown(text[done:start])) + Markup("<mark>{}</mark>").format(shown(text[start:end]))
            done = end
    return out + escape(shown(text[done:]))


def word_spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Find the first place of each word that is not part of a longer one."""
    spans = []
    for word in words:
        at = text.find(word)
        while word and at >= 0:
            before, after = text[at - 1 : at] if at else "", text[at + len(word) : at + len(word) + 1]
            if not (before.isalnum() or after.isalnum()):
                spans.append((at, at + len(word)))
                break
            at = text.find(word, at + 1)
    return spans
