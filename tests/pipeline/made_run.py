"""A small run made by hand: three documents, one of them hostile, coded without a model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from labels.codebook import Codebook
from pipeline.assemble import assemble
from pipeline.clean import clean_blocks
from pipeline.records import Coding, Document, Evidence, FoundBlock, Passage
from pipeline.split import split_passages
from pipeline.tables import passage_table
from pipeline.workbook import write_workbook
from pipeline.write import write_table

TEXTS = {
    "plain": (
        ("The district will measure enrollment in algebra by race and by income every year and will "
        "narrow the difference between groups by 2027, school by school."),
        ("Every school will open a robotics club with buses home, and no fee is asked of any family "
        "for kits, field trips or contests in any grade."),
        ("The meeting was adjourned at nine o'clock in the evening by the chair of the board, who "
        "thanked the staff for the coffee and the chairs."),
    ),
    "emoji": (
        ("Families 👩‍🔬🌱 tell how they grow beans on the roof, and their ways of knowing shape what "
        "the class asks and how it answers in the unit on plants."),
        ("Students map whose streets flood first and write to the city about what they found and "
        "what they want the council to mend before the spring."),
    ),
    "hostile": (
        ("=cmd|' /C calc'!A0 is what the cell said, and <script>alert(1)</script> stood beside it in "
        "the handout that families of the sixth grade got."),
        ("A link to javascript:alert(document.cookie) and an <img src=x onerror=alert(1)> were in the "
        "same worksheet; & so was a ]]> and a \"quote\"."),
        ("The \u202eword\u202c turned around, a zero\u200bwidth space and a NUL\x00 byte were typed into the "
        "form by the vendor of the software last fall."),
    ),
}  # fmt: skip
HOSTILE_NAME = "\u202efdp.exe\x00\x1b <script>alert(1)</script> " + "n" * 300


@dataclass
class Made:
    documents: list[Document]
    passages: list[Passage]
    codings: list[Coding]
    codebook: Codebook

    def coded(self):
        """Each document's passages with their codings."""
        rows = list(zip(self.passages, self.codings, strict=True))
        return [[(p, c) for p, c in rows if p.document_id == d.id] for d in self.documents]

    def texts(self):
        return [d.text for d in self.documents]

    def table(self):
        return passage_table(zip(self.documents, self.coded(), strict=True), self.codebook.frame_ids)

    def rows(self):
        """The table of passages as the workbook is given it."""
        table = self.table()
        names = [c.name for c in table.columns]
        return [dict(zip(names, row, strict=True)) for row in table.rows]

    def write_run(self, folder: Path) -> Path:
        """Write what `import-codings` reads of a run."""
        folder.mkdir(exist_ok=True)
        write_table(self.table(), folder / "passages")
        about = {"codebook": {"id": self.codebook.id, "hash": self.codebook.hash}}
        (folder / "run.json").write_text(json.dumps(about), encoding="utf-8")
        return folder

    def write_workbook(self, path: Path) -> Path:
        documents = {d.id: d for d in self.documents}
        write_workbook(path, self.codebook, [], documents, self.rows(), {"note": "=1+1", "at": {"x": [1, 2]}})
        return path


def make_run(codebook: Codebook) -> Made:
    documents, passages, codings = [], [], []
    for number, (name, texts) in enumerate(TEXTS.items()):
        blocks, _ = clean_blocks([FoundBlock(t) for t in texts])
        hostile = name == "hostile"
        document = assemble(
            blocks,
            id=f"{number:016x}",
            path=f"in/{HOSTILE_NAME if hostile else name}.txt",
            title=HOSTILE_NAME if hostile else "The same title",
            kind="policy",
            metadata={"school": "=1+1\x07" if hostile else "East"},
        )
        documents.append(document)
        passages += split_passages(document).passages
    ids = codebook.frame_ids
    for i, passage in enumerate(passages):
        frames = codebook.order({0: ids[:1], 1: (ids[1], ids[3]), 2: ()}[i % 3])
        probabilities = {f: 0.9 if f in frames else 0.05 for f in ids}
        evidence = tuple(Evidence(f, 0, 10, passage.text[:10], ("first",)) for f in frames)
        coding = Coding(
            passage.id, probabilities, 0.9, frames, frames[0] if frames else None, i % 3 == 2, evidence
        )
        codings.append(coding)
    return Made(documents, passages, codings, codebook)
