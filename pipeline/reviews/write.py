"""Write people's codings so that ``equity-frames evaluate`` and any other program can use them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from labels.codebook import NO_FRAME
from pipeline.reviews.records import HumanCoding, NotMatched, RunPassage
from pipeline.tables import LIST_MARK
from pipeline.write import write_csv, write_text


def coding_rows(codings: Sequence[HumanCoding], passages: Mapping[str, RunPassage]) -> list[dict[str, Any]]:
    """Return one row a coding, in the order of the passages, as ``labels.gold`` reads them.

    ``id`` is the passage's, with the coder behind it where several people coded the passage;
    ``text`` is what a coder reads: the list's lead-in, then the passage.
    """
    coders = Counter(c.passage_id for c in codings)
    places = {id_: i for i, id_ in enumerate(passages)}
    rows = []
    for coding in sorted(codings, key=lambda c: (places[c.passage_id], c.coder)):
        passage = passages[coding.passage_id]
        alone = coders[coding.passage_id] == 1
        rows.append(
            {
                "id": coding.passage_id if alone else f"{coding.passage_id} ({coding.coder})",
                "text": passage.coding_text,
                "frames": list(coding.frames),
                "primary": coding.primary or NO_FRAME,
                "document": passage.document_id,
                "order": passage.order,
                "passage_id": coding.passage_id,
                "coder": coding.coder,
                "primary_by": coding.primary_by,
                "comment": coding.comment,
                "source": coding.source,
            }
        )
    return rows


def write_codings(path: Path, codings: Sequence[HumanCoding], passages: Mapping[str, RunPassage]) -> None:
    """Write codings as CSV where ``path`` ends so, otherwise as JSON Lines."""
    rows = coding_rows(codings, passages)
    if path.suffix.lower() == ".csv":
        flat = [{**row, "frames": LIST_MARK.join(row["frames"]) or NO_FRAME} for row in rows]
        columns = ["passage_id", "coder", "frames", "primary", "primary_by", "comment", "source"]
        write_csv(pd.DataFrame(flat, columns=[*columns, "document", "order", "text"]), path)
        return
    write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), path)


def write_not_matched(path: Path, not_matched: Sequence[NotMatched]) -> None:
    """Write what could not be used: where it stands, what was found, what to do."""
    rows = [{"where": n.where, "found": n.found, "what_to_do": n.remedy} for n in not_matched]
    write_csv(pd.DataFrame(rows, columns=["where", "found", "what_to_do"]), path)
