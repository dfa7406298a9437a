from __future__ import annotations

import pandas as pd
import pytest

from labels.gold import read_gold
from pipeline.errors import UnreadableDocumentError
from pipeline.reviews.from_table import read_table, read_workbook
from pipeline.reviews.records import FrameNames, read_passages
from pipeline.reviews.write import write_codings
from pipeline.write import write_csv
from tests.pipeline.sheet_edits import rows_of, write_cells

OWN, OTHERS, COMMENT = "Your code", "Your other codes", "Your comment"


@pytest.fixture
def run(made, tmp_path):
    return {p.id: p for p in read_passages(made.write_run(tmp_path / "run"))}


@pytest.fixture
def names(codebook):
    return FrameNames(codebook)


@pytest.fixture
def fill(made, tmp_path, run, names):
    book = made.write_workbook(tmp_path / "frames.xlsx")

    def filled(cells):
        return read_workbook(write_cells(book, tmp_path / "coded.xlsx", cells), run, names)

    return filled


def test_an_untouched_workbook_is_not_reviewed_and_not_none(fill, run):
    imported = fill({})
    assert (imported.codings, imported.not_matched) == ([], [])
    assert imported.notes == [f"{len(run)} rows have no code and count as not reviewed, not as none"]


def test_codes_come_back_with_main_frame_comment_and_place(fill, made, codebook):
    a, b, c = codebook.frames[:3]
    imported = fill(
        {
            (1, OWN): a.name,
            (2, OWN): "none",
            (3, OWN): c.name, (3, OTHERS): f"{b.short_name.upper()}; {a.id}", (3, COMMENT): "=see page 3",
            (4, OTHERS): b.id,
            (5, OWN): f"{b.id}, {a.id}",
        }
    )  # fmt: skip
    assert imported.not_matched == []
    got = [(x.passage_id, x.frames, x.primary, x.primary_by, x.comment) for x in imported.codings]
    ids = [p.id for p in made.passages]
    assert got == [
        (ids[0], (a.id,), a.id, "only frame", ""),
        (ids[1], (), None, None, ""),
        (ids[2], (a.id, b.id, c.id), c.id, "coder", "=see page 3"),
        (ids[3], (b.id,), b.id, "only frame", ""),
        (ids[4], (a.id, b.id), b.id, "order", ""),
    ]
    assert imported.codings[0].source == "coded.xlsx, row 2"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({(1, OWN): "gap"}, "row 2: 'gap' names no frame"),
        ({(1, OWN): "none", (1, OTHERS): "gaps"}, "row 2: says none and a frame at once"),
        ({(2, COMMENT): "Hm."}, "row 3: holds a comment without a code: Hm."),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_guessed(fill, cells, found):
    imported = fill(cells)
    assert imported.codings == []
    assert [f"{n.where}: {n.found}" for n in imported.not_matched] == [found]
    assert all(n.remedy for n in imported.not_matched)


def test_a_near_miss_is_answered_with_what_was_meant(fill):
    assert fill({(1, OWN): "gapps"}).not_matched[0].remedy.startswith("Did you mean gaps?")


def test_a_workbook_of_another_run_is_refused_row_by_row(fill, run, made, names, tmp_path):
    other = {i: p for i, p in run.items() if i != made.passages[0].id}
    book = write_cells(made.write_workbook(tmp_path / "b.xlsx"), tmp_path / "c.xlsx", {(1, OWN): "gaps"})
    assert "is not in this run" in read_workbook(book, other, names).not_matched[0].found
    first = made.passages[0].id
    moved = {**run, first: run[made.passages[1].id]}
    assert "the words beside the code" in read_workbook(book, moved, names).not_matched[0].found


def test_a_csv_by_several_coders_becomes_gold(run, names, made, codebook, tmp_path):
    ids = [p.id for p in made.passages]
    path = tmp_path / "codes.csv"
    path.write_text(
        "Passage id;Coder;Frames;Primary;Comment\n"
        f"{ids[0]};Ana;gaps, access;access;clear\n"
        f"{ids[0]};Ben;none;;\n"
        f"{ids[1]};Ana;;;\n"
        f"{ids[2]};Ana;promote justice;;\n"
        f"{ids[3]};Ana;none;;\n"
        f"{ids[3]};Ana;gaps;;\n"
        "nowhere;Ana;gaps;;\n",
        encoding="cp1252",
    )
    imported = read_table(path, run, names)
    assert [(c.passage_id, c.coder, c.frames, c.primary) for c in imported.codings] == [
        (ids[0], "Ana", ("gaps", "access"), "access"),
        (ids[0], "Ben", (), None),
        (ids[3], "Ana", (), None),
    ]
    assert [n.where for n in imported.not_matched] == ["row 5", "row 7", "row 8"]
    assert "again and otherwise" in imported.not_matched[1].found
    write_codings(tmp_path / "gold.jsonl", imported.codings, run)
    gold = read_gold(tmp_path / "gold.jsonl", codebook)
    assert [(g.id, g.frames, g.primary) for g in gold] == [
        (f"{ids[0]} (Ana)", ("gaps", "access"), "access"),
        (f"{ids[0]} (Ben)", (), None),
        (ids[3], (), None),
    ]
    assert gold[0].text == run[ids[0]].coding_text
    write_codings(tmp_path / "gold.csv", imported.codings, run)
    table = pd.read_csv(tmp_path / "gold.csv", encoding="utf-8-sig")
    assert table.frames.tolist() == ["gaps; access", "none", "none"]
    again = read_table(tmp_path / "gold.csv", run, names)
    assert [(c.passage_id, c.coder, c.frames, c.primary) for c in again.codings] == [
        (c.passage_id, c.coder, c.frames, c.primary) for c in imported.codings
    ]


def test_the_programs_own_table_is_nobodys_coding(made, run, names, tmp_path):
    table = pd.DataFrame(made.rows())
    write_csv(table, tmp_path / "passages.csv")
    with pytest.raises(UnreadableDocumentError, match="the program's own codings"):
        read_table(tmp_path / "passages.csv", run, names)
    table["coder"] = ["Ana"] + [""] * (len(table) - 1)
    table.to_csv(tmp_path / "mine.csv", index=False)
    assert [c.coder for c in read_table(tmp_path / "mine.csv", run, names).codings] == ["Ana"]


@pytest.mark.parametrize(
    ("head", "found"), [("a,b\n1,2\n", "'passage_id' and 'frames' are not there"), ("", "empty")]
)
def test_a_table_without_the_columns_is_refused(run, names, tmp_path, head, found):
    (tmp_path / "t.csv").write_text(head, encoding="utf-8")
    with pytest.raises(UnreadableDocumentError, match=found):
        read_table(tmp_path / "t.csv", run, names)


def test_a_workbook_that_is_none_is_refused(run, names, tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(UnreadableDocumentError, match="damaged"):
        read_workbook(tmp_path / "t.xlsx", run, names)


def test_a_sheet_of_ones_own_is_read_as_a_table(run, names, made, tmp_path):
    table = pd.DataFrame(
        {"passage_id": [p.id for p in made.passages[:2]], "coder": "Ana", "frames": ["gaps", "none"]}
    )
    table.to_excel(tmp_path / "mine.xlsx", sheet_name="My codes", index=False, engine="xlsxwriter")
    assert [c.frames for c in read_workbook(tmp_path / "mine.xlsx", run, names).codings] == [("gaps",), ()]


def test_the_sheet_of_passages_saved_in_an_old_encoding_is_still_known(run, names, made, tmp_path):
    head, *rows = rows_of(made.write_workbook(tmp_path / "frames.xlsx"), "passages")
    rows[3][head.index(OWN)] = "none"  # the passage with the emoji, which Windows-1252 does not have
    table = pd.DataFrame(rows, columns=head)
    table.to_csv(tmp_path / "p.csv", index=False, sep=";", encoding="cp1252", errors="replace")
    imported = read_table(tmp_path / "p.csv", run, names)
    assert [c.passage_id for c in imported.codings] == [made.passages[3].id]
    assert imported.not_matched == []
