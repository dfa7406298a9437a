from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.rows import Row, read_rows, row_text_blocks
from pipeline.records import Skipped

REAL = Path(__file__).parents[3] / "shared" / "real" / "documents" / "nsf_award_abstracts.csv"
PROSE = "Students measure the water and say what it means for those who live by it and for those who come."


def write(tmp_path, text, name="x.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def rows(path, text_column=None):
    return [row for row in read_rows(path, text_column=text_column) if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('id,Title,Abstract\n1,A,"One, two"\n2,B,Three\n', "x.csv"),
        ("id;Title;Abstract\n1;A;One, two\n2;B;Three\n", "x.csv"),
        ("id\tTitle\tAbstract\n1\tA\tOne, two\n2\tB\tThree\n", "x.tsv"),
        ("id\tTitle\tAbstract\n1\tA\tOne, two\n2\tB\tThree\n", "x.csv"),
        (
            '{"id": 1, "Title": "A", "Abstract": "One, two"}\n{"id": 2, "Title": "B", "Abstract": "Three"}\n',
            "x.jsonl",
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_text(tmp_path, text, name, encoding):
    found = read_rows(write(tmp_path, text, name, encoding), text_column=None)
    assert found == [Row(1, "One, two", "A", {"id": "1"}), Row(2, "Three", "B", {"id": "2"})]


@pytest.mark.parametrize("name", ["x.xlsx", "x.parquet"])
def test_tables_with_types(tmp_path, name):
    path = tmp_path / name
    frame = pd.DataFrame(
        {
            "body": ["One", "Two"],
            "year": [2020.0, None],
            "on": pd.to_datetime(["2021-05-25", "2021-05-26"]),
            "ok": [True, False],
        }
    )
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_excel(
        path, index=False, engine="xlsxwriter"
    )
    assert [(row.text, dict(row.metadata)) for row in rows(path)] == [
        ("One", {"year": "2020", "on": "2021-05-25", "ok": "true"}),
        ("Two", {"year": "", "on": "2021-05-26", "ok": "false"}),
    ]


def test_the_column_of_prose_is_guessed(tmp_path):
    path = write(tmp_path, f'site,what we do,grade\nA,"{PROSE}",6\nB,"{PROSE}",7\n')
    assert rows(path)[1].text == PROSE


@pytest.mark.parametrize("text", ["a,b\none,two\n", f'a,b\n"{PROSE}","{PROSE}"\n'])
def test_no_guess_where_it_is_not_clear(tmp_path, text):
    with pytest.raises(UnreadableDocumentError, match="its columns are 'a', 'b'"):
        read_rows(write(tmp_path, text), text_column=None)


def test_a_named_column(tmp_path):
    path = write(tmp_path, "text,Notes\nx,One\n")
    assert rows(path, "notes")[0].text == "One"
    with pytest.raises(UnreadableDocumentError, match="no column 'memo'; its columns are 'text', 'Notes'"):
        read_rows(path, text_column="memo")


def test_empty_and_broken_rows_are_named(tmp_path):
    path = write(tmp_path, "id,place,text\n1,x,One\n2,x,\n3,x,a,b,c\n4\n5,x,Five\n")
    found = read_rows(path, text_column=None)
    assert [type(row) for row in found] == [Row, Skipped, Skipped, Skipped, Row]
    assert found[1].path.endswith("x.csv#2")
    assert "row 2 has nothing in the column 'text'" in found[1].found
    assert "5 cells where the heading has 3" in found[2].found
    assert found[4].number == 5


def test_broken_records_are_named(tmp_path):
    found = read_rows(
        write(tmp_path, '{"text": "One"}\n{broken\n[1]\n{"text": "Four"}\n', "x.jsonl"), text_column=None
    )
    assert [type(row) for row in found] == [Row, Skipped, Skipped, Row]
    assert found[3].number == 4


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("", "x.csv", "empty"),
        ("text\n", "x.csv", "no rows"),
        (",,\n1,2,3\n", "x.csv", "no rows"),
        ("nothing here\nnor here\n", "x.jsonl", "none of its lines"),
        ("PK\x03\x04 cut", "x.xlsx", "damaged"),
        ("PAR1 cut", "x.parquet", "not a sound Parquet"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, text, name, found):
    with pytest.raises(UnreadableDocumentError, match=found):
        read_rows(write(tmp_path, text, name), text_column=None)


def test_columns_of_one_name_are_told_apart(tmp_path):
    path = write(tmp_path, "text,year,year\nOne,1,2\n")
    assert dict(rows(path)[0].metadata) == {"year": "1", "year 2": "2"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("One.       Two.", ["One.", "Two."]),
        ("One.  Two\nthree.", ["One. Two three."]),
        ("  One. ", ["One."]),
    ],
)
def test_paragraphs_in_a_cell(text, parts):
    assert [block.text for block in row_text_blocks(text)] == parts


@pytest.mark.skipif(not REAL.is_file(), reason="the real documents are not in this checkout")
def test_real_abstracts():
    found = read_rows(REAL, text_column=None)
    assert len(found) == 240
    assert all(isinstance(row, Row) and row.title and len(row.metadata) == 5 for row in found)


def test_half_a_character_in_json_is_marked_and_stops_nothing(tmp_path):
    found = rows(
        write(tmp_path, '{"id": "\\ud800", "text": "Half \\ud83d a face, whole \\ud83c\\udf31"}\n', "x.jsonl")
    )
    assert [(r.text, r.metadata) for r in found] == [
        ("Half \ufffd a face, whole \U0001f331", {"id": "\ufffd"})
    ]
