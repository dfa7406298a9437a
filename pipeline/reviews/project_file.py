"""Read a REFI-QDA project (.qdpx) of any program: its texts, codes, coders and coded selections."""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from pipeline.archive import ZIP_ERRORS, check_container
from pipeline.errors import UnreadableDocumentError
from pipeline.exports.align import fold
from pipeline.exports.refi import PROGRAM, program_guid

_INTERNAL = "internal://"
_TEXT_HOLDERS = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")


@dataclass(frozen=True, slots=True)
class Code:
    """A code with the codes above it, the nearest first; GUIDs are lower case without braces."""

    guid: str
    name: str
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coded:
    """One code on one stretch of a source's text, ``text[start:end]`` in code points."""

    code: str
    coder: str
    start: int
    end: int
    comment: str = ""


@dataclass(slots=True)
class Source:
    """A source with its plain text (None where the file does not hold it) and what is coded in it.

    ``regions`` counts codings of page regions, pictures and times, which have no words.
    """

    guid: str
    name: str
    text: str | None
    about: str = ""
    codings: list[Coded] = field(default_factory=list)
    regions: int = 0
    whole: int = 0


@dataclass(slots=True)
class ProjectFile:
    """A project as read: which program wrote it, users by GUID, codes by GUID, sources."""

    origin: str
    users: dict[str, str]
    codes: dict[str, Code]
    sources: list[Source]


def read_project(path: Path) -> ProjectFile:
    """Read a ``.qdpx``; UnreadableDocumentError where it is damaged, locked, harmful or no project."""
    check_container(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = {n.casefold(): n for n in archive.namelist()}
            main = next((n for n in sorted(names) if n.endswith(".qde")), None)
            if main is None:
                raise UnreadableDocumentError(
                    path, "it holds no project.qde", "Export the project as REFI-QDA (.qdpx) again"
                )
            # No entities from outside, and none that swell.
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            root = etree.fromstring(archive.read(names[main]), parser)
            texts = {
                n.rsplit("/", 1)[-1]: archive.read(real) for n, real in names.items() if n.endswith(".txt")
            }
    except ZIP_ERRORS as error:
        raise UnreadableDocumentError(
            path, "the project is damaged or cut short", "Export it again"
        ) from error
    except etree.XMLSyntaxError as error:
        raise UnreadableDocumentError(
            path, f"its project.qde is not sound XML (line {error.lineno})", "Export the project again"
        ) from error
    if _name(root) != "Project":
        raise UnreadableDocumentError(
            path, "it holds no REFI-QDA project", "Export it as a project, not a codebook"
        )
    users = {_guid(u, "guid"): u.get("name") or u.get("id") or "" for u in root.iter("{*}User")}
    notes = {_guid(n, "guid"): _note_text(n, texts) for n in root.iter("{*}Note")}
    sources = [_source(e, texts, users, notes) for e in root.iter() if _name(e) in _TEXT_HOLDERS]
    _measure(sources)
    return ProjectFile(root.get("origin") or "", users, dict(_codes(root)), sources)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _guid(element: etree._Element, attribute: str) -> str:
    return (element.get(attribute) or "").strip("{} ").lower()


def _codes(root: etree._Element) -> Iterator[tuple[str, Code]]:
    for element in root.iter("{*}Code"):
        above = [_guid(a, "guid") for a in element.iterancestors("{*}Code")]
        code = Code(_guid(element, "guid"), element.get("name") or "", tuple(above))
        yield code.guid, code


def _note_text(note: etree._Element, texts: dict[str, bytes]) -> str:
    return " ".join((_plain_text(note, texts) or note.findtext("{*}Description") or "").split())


def _plain_text(element: etree._Element, texts: dict[str, bytes]) -> str | None:
    content = element.find("{*}PlainTextContent")
    if content is not None and content.text:
        return content.text
    path = element.get("plainTextPath") or ""
    raw = texts.get(path.removeprefix(_INTERNAL).rsplit("/", 1)[-1].casefold())
    # Line ends stay as they are: where they are two characters, positions count two.
    return raw.decode("utf-8-sig", "replace") if raw is not None else None


def _source(
    element: etree._Element, texts: dict[str, bytes], users: dict[str, str], notes: dict[str, str]
) -> Source:
    holder = element
    if _name(element) != "TextSource":
        inner = element.find("{*}Representation")
        holder = inner if inner is not None else element
    source = Source(
        _guid(holder, "guid"), element.get("name") or holder.get("name") or "", _plain_text(holder, texts)
    )
    source.about = element.findtext("{*}Description") or ""
    source.whole = len(element.findall("{*}Coding"))
    for selection in element.iter():
        kind = _name(selection)
        if not kind.endswith("Selection"):
            continue
        found = selection.findall("{*}Coding")
        if kind != "PlainTextSelection" or selection.getparent() is not holder:
            source.regions += len(found)
            continue
        start, end = _number(selection, "startPosition"), _number(selection, "endPosition")
        ours = _guid(selection, "creatingUser") == program_guid()
        described = "" if ours else selection.findtext("{*}Description") or ""
        for coding in found:
            by = _guid(coding, "creatingUser") or _guid(selection, "creatingUser")
            refs = [*selection.iterfind("{*}NoteRef"), *coding.iterfind("{*}NoteRef")]
            said = [described, *(notes.get(_guid(r, "targetGUID"), "") for r in refs)]
            code = coding.find("{*}CodeRef")
            target = _guid(code, "targetGUID") if code is not None else ""
            coder = PROGRAM if by == program_guid() else users.get(by, "")
            source.codings.append(Coded(target, coder, start, end, "\n".join(filter(None, said))))
    return source


def _number(element: etree._Element, attribute: str) -> int:
    said = element.get(attribute) or ""
    return int(said) if said.strip().isdigit() else 0


def _measure(sources: list[Source]) -> None:
    """Find out what positions count, and turn them into code points of each source's text.

    The standard counts code points. NVivo 12 counts UTF-16 units, so that every emoji before a
    selection moves it by one (seen in a published project: 303 selections begin at a word's first
    letter by that count and in the middle of words by the other). Some tools count a line end of
    two characters once. What lets most selections begin and end at the ends of words is right.
    """
    counts = (_code_points, _units, _one_line_end)
    held = [s for s in sources if s.text and s.codings]
    scores = [
        sum(_fits(s.text or "", [(c.start, c.end) for c in s.codings], count) for s in held)
        for count in counts
    ]
    best = counts[max(range(len(counts)), key=lambda i: (scores[i], -i))]
    for source in held:
        text = source.text or ""
        breaks = [m.start() for m in re.finditer("\r\n", text)]
        # From here on a line end is one character, as in the run's texts.
        table = [place - bisect_left(breaks, place) for place in best(text)]
        source.text = text.replace("\r\n", "\n")
        last = len(table) - 1
        source.codings = [
            Coded(
                c.code, c.coder, table[min(max(c.start, 0), last)], table[min(max(c.end, 0), last)], c.comment
            )
            for c in source.codings
        ]


def _code_points(text: str) -> list[int]:
    return list(range(len(text) + 1))


def _units(text: str) -> list[int]:
    table: list[int] = []
    for at, character in enumerate(text):
        table += [at] * (2 if character > "\uffff" else 1)
    return [*table, len(text)]


def _one_line_end(text: str) -> list[int]:
    return [*(m.start() for m in re.finditer("\r\n|[\\s\\S]", text)), len(text)]


def _fits(text: str, spans: list[tuple[int, int]], count: Callable[[str], list[int]]) -> int:
    table = count(text)
    last = len(table) - 1
    fits = 0
    for start, end in spans:
        for place in (start, end):
            at = table[min(max(place, 0), last)]
            inside = 0 < at < len(text) and fold(text[at - 1]) and fold(text[at])
            fits += not inside
    return fits
