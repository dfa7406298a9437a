"""The data dictionary: what each column of a run's tables holds, in which unit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labels.codebook import NO_FRAME, Codebook
from pipeline.tables import LIST_MARK, PATH_MARK
from pipeline.write import Column, Table

COLUMNS = ("table", "column", "type", "unit", "meaning")
_SHARE, _PROBABILITY = "share, 0 to 1", "probability, 0 to 1"
_LOW = "Lower end of the 90% interval of {}; model-based"
_HIGH = "Upper end of the 90% interval of {}; model-based"


@dataclass(frozen=True, slots=True)
class _Column:
    meaning: str
    unit: str = ""


def _with_interval(name: str, meaning: str) -> dict[str, _Column]:
    return {
        name: _Column(meaning, _SHARE),
        f"{name}_low": _Column(_LOW.format(name), _SHARE),
        f"{name}_high": _Column(_HIGH.format(name), _SHARE),
    }


_LIST = f"list, parted by '{LIST_MARK}'"
_DOCUMENT_ID = _Column(
    "The document's id: the first 16 hex digits of the SHA-256 of the file (of a table's row: of its text); "
    "a second document with the same content has -2 behind it"
)
_PATH = _Column("Where the document was read; table.csv#12 is the 12th row of data of a table")
_SHARES = {
    "passages": _Column("How many passages were coded", "passages"),
    "words": _Column("How many words these have", "words"),
    "verdict": _Column(
        "dominant: one frame leads in at least 90% of the replays; shared: two or three lead together; mixed; "
        "no frame foregrounded; too little text (under 8 passages or 400 words)"
    ),
    **_with_interval("any_frame", "Share of passages that carry any frame: the mean of p_any_frame"),
    "frame": _Column("The frame's id in the codebook"),
    "frame_name": _Column("The frame's name in the codebook"),
    **_with_interval(
        "share_of_passages", "Share of all passages with the frame: the mean of its calibrated probabilities"
    ),
    **_with_interval("share_of_words", "The same, each passage weighted by its words"),
    **_with_interval("share_of_framed_passages", "Share of the frame among the passages that carry any frame"),
    "leading": _Column("Whether the frame is named in the verdict"),
    "not_foregrounded": _Column("Whether the upper end of share_of_passages lies under 5%"),
}  # fmt: skip
_TABLES: Mapping[str, Mapping[str, _Column]] = {
    "profiles": {
        "document_id": _DOCUMENT_ID,
        "title": _Column("The document's title: from the manifest, the file, or its first heading"),
        "path": _PATH,
        "kind": _Column("curriculum, policy, program or other, as the user said"),
        **_SHARES,
    },
    "passages": {
        "passage_id": _Column("The passage's id: the document's, then the passage's number in it from 0000"),
        "document_id": _DOCUMENT_ID,
        "document": _Column("The document's title"),
        "path": _PATH,
        "order": _Column("The passage's number in its document, from 0"),
        "pages": _Column("The pages it stands on, from 1; empty where the format has none", _LIST),
        "heading_path": _Column(f"The headings above it, the topmost first, parted by '{PATH_MARK}'"),
        "start": _Column("Where it begins in the document's text, from 0", "code points"),
        "end": _Column("Where it ends in the document's text; the first place behind it", "code points"),
        "words": _Column("How many words it has", "words"),
        "read_sureness": _Column(
            "How sure text recognition (OCR) was of the passage, where it was read from a scan; empty for text "
            "as the file stores it",
            "0 to 1",
        ),
        "lead_in": _Column("The sentence that introduces the list it is an item of, where that stands outside it"),
        "text": _Column("The passage's words"),
        "p_any_frame": _Column("Calibrated probability that it carries any frame", _PROBABILITY),
        "frames": _Column("The ids of the frames coded, in the codebook's order; empty for no frame", _LIST),
        "primary": _Column(f"The id of the frame that carries the main claim; {NO_FRAME} for no frame"),
        "needs_review": _Column("Whether the program is unsure of the coding"),
        "evidence": _Column(
            "For each frame coded the sentence that carries it, where it stands in the passage, and the words in it "
            "that moved the coding most; empty for no frame", "JSON",
        ),
    },
    "groups": {
        "unit": _Column("group: the documents with one value in a column of --by; collection: all documents"),
        "id": _Column("The group as column=value, or collection"),
        "name": _Column("The group's name for people"),
        "documents": _Column("How many documents it has", "documents"),
        **_SHARES,
    },
    "skipped": {
        "path": _Column("The file or row that was not read"),
        "reason": _Column("What was found"),
        "what_to_do": _Column("What the user can do"),
    },
}  # fmt: skip


def dictionary_table(
    tables: Mapping[str, Sequence[Column]], codebook: Codebook, metadata: Collection[str] = ()
) -> Table:
    """Return one row a column of every table, in their order: table, column, type, unit, meaning.

    ``metadata`` names the columns that come from the user's manifest or table. A column that nobody
    described has an empty meaning; a test holds that there is none.
    """
    rows = [row for name, columns in tables.items() for row in _rows(name, columns, codebook, metadata)]
    return Table([Column(name) for name in COLUMNS], rows)


def _rows(
    name: str, columns: Sequence[Column], codebook: Codebook, metadata: Collection[str]
) -> Iterator[tuple[str, str, str, str, str]]:
    known = dict(_TABLES.get(name, {}))
    if name == "passages":
        for frame in codebook.frames:
            meaning = f"Calibrated probability that the passage foregrounds: {frame.name}"
            known[f"p_{frame.id}"] = _Column(meaning, _PROBABILITY)
    for column, type_ in columns:
        told = known.get(column)
        if told is None:
            told = _Column("From your manifest or table" if column in metadata else "")
        yield name, column, type_, told.unit, told.meaning
