"""Gold files: rows as they are, and every mistake with its line."""

import json
import pickle
import re
from pathlib import Path

import pytest

from labels.codebook import load_codebook
from labels.gold import GoldError, GoldRow, read_gold

HERE = Path(__file__).parent
REAL = HERE.parents[2] / "shared" / "real" / "passages.jsonl"
CODEBOOK = load_codebook(HERE / "data" / "stem-award.yaml")
IDS = "stereotypes, own_success, extra-help, staff2"


def write(tmp_path: Path, *rows: dict | str) -> Path:
    path = tmp_path / "gold.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def row(**changes) -> dict:
    made = {"id": "a", "text": "Words.", "frames": ["staff2"], "primary": "staff2"} | changes
    return {key: value for key, value in made.items() if value is not ...}


def test_a_row_is_read_with_its_frames_in_the_codebooks_order(tmp_path):
    given = row(
        frames=["staff2", "stereotypes"], document="d", order=3, set="documents", kind="policy", note=[1]
    )
    [read] = read_gold(write(tmp_path, given), CODEBOOK)
    assert read == GoldRow(
        "a", "Words.", ("stereotypes", "staff2"), "staff2", "d", 3, "documents", "policy", {"note": [1]}
    )
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301  # our own bytes


@pytest.mark.parametrize(
    ("frames", "primary", "expected"),
    [
        ([], "none", None),
        ([], None, None),
        ([], ..., None),
        (["own_success"], ..., "own_success"),
        (["own_success", "staff2"], "staff2", "staff2"),
    ],
)
def test_the_primary_frame(tmp_path, frames, primary, expected):
    [read] = read_gold(write(tmp_path, row(frames=frames, primary=primary)), CODEBOOK)
    assert read.primary == expected


def test_blank_lines_a_byte_order_mark_and_odd_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "gold.jsonl"
    one, two = (json.dumps(row(id=i, text="a\u2028b\u0085c"), ensure_ascii=False) for i in "ab")
    path.write_bytes(f"\ufeff{one}\r\n\r\n{two}\n".encode())
    assert [(r.id, r.text) for r in read_gold(path, CODEBOOK)] == [(i, "a\u2028b\u0085c") for i in "ab"]


BROKEN = {
    "bad JSON": (
        '{"id": "a",',
        (
            "this is not valid JSON (Expecting property name enclosed in double quotes)."
            " Write one JSON object, {…}, on one line."
        ),
    ),
    "too deep": (
        "[" * 100_000,
        "this is not valid JSON (nested too deep). Write one JSON object, {…}, on one line.",
    ),
    "a list": ("[1]", 'this is not a JSON object. Write {"id": …, "text": …, "frames": […]} on the line.'),
    "no id": (row(id=...), "`id` is missing. Give each row an id of its own."),
    "a number as id": (row(id=7), "`id` is not text. Give each row an id of its own."),
    "no text": (row(text=" "), "`text` is empty. Give the passage's words."),
    "half a character": (
        '{"id": "a", "text": "\\ud83d", "frames": []}',
        "`text` holds half a character (a lone surrogate). Write the text again.",
    ),
    "no frames": (
        row(frames=...),
        '`frames` is missing. Write a list such as ["a", "b"], or [] for no frame.',
    ),
    "frames as text": (
        row(frames="staff2"),
        '`frames` is not a list. Write a list such as ["a", "b"], or [] for no frame.',
    ),
    "unknown frame, near": (
        row(frames=["staff"], primary="staff"),
        (
            "`frames` holds 'staff', which is no frame of codebook 'stem-award'."
            " Write 'staff2' if that is what you mean."
        ),
    ),
    "unknown frame": (
        row(frames=["gaps"]),
        f"`frames` holds 'gaps', which is no frame of codebook 'stem-award'. Use one of: {IDS}.",
    ),
    "frame that is no text": (
        row(frames=[["staff2"]]),
        f"`frames` holds ['staff2'], which is no frame of codebook 'stem-award'. Use one of: {IDS}.",
    ),
    "none as a frame": (
        row(frames=["none"], primary="none"),
        (
            "`frames` holds 'none', which is no frame of codebook 'stem-award'."
            " Write [] where no frame is foregrounded."
        ),
    ),
    "frame twice": (row(frames=["staff2", "staff2"]), "`frames` holds a frame twice. Name each frame once."),
    "no primary": (
        row(frames=["staff2", "own_success"], primary=...),
        (
            "`primary` is missing, and there are several frames."
            " Write the one that carries the main claim: staff2, own_success."
        ),
    ),
    "primary elsewhere": (
        row(primary="own_success"),
        "`primary` is 'own_success', which is not among the row's frames. Write one of: staff2.",
    ),
    "primary without frames": (
        row(frames=[]),
        "`primary` is 'staff2', which is not among the row's frames. Write one of: none.",
    ),
    "order as text": (
        row(order="3"),
        "`order` is not a whole number. Write a whole number, or leave the key out.",
    ),
    "order as truth": (
        row(order=True),
        "`order` is not a whole number. Write a whole number, or leave the key out.",
    ),
    "document as a number": (row(document=3), "`document` is not text. Write text, or leave the key out."),
}


@pytest.mark.parametrize(("bad", "said"), BROKEN.values(), ids=BROKEN)
def test_a_bad_row_is_named_with_its_line(tmp_path, bad, said):
    path = write(tmp_path, row(id="z"), bad)
    with pytest.raises(GoldError, match=rf"\A{re.escape(f'{path}, line 2: {said}')}\Z"):
        read_gold(path, CODEBOOK)


def test_two_rows_with_one_id(tmp_path):
    with pytest.raises(GoldError, match="line 2: `id` is 'a', as on line 1"):
        read_gold(write(tmp_path, row(), row()), CODEBOOK)


def test_the_first_twenty_problems_are_listed_and_the_rest_counted(tmp_path):
    with pytest.raises(GoldError, match="`id` is missing") as caught:
        read_gold(write(tmp_path, *[row(id=...)] * 30), CODEBOOK)
    lines = str(caught.value).splitlines()
    assert [problem.line for problem in caught.value.problems] == list(range(1, 22))
    assert lines[-1].endswith(
        "line 21: 10 more problems from here on are not listed. Mend those above first."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file holds no rows. Write one JSON object a line."),
        (b'{"id": "\xe9"}', "line 1: the byte 0xe9 is not UTF-8 text. Save the file again as UTF-8."),
    ],
)
def test_a_file_without_rows(tmp_path, content, said):
    path = tmp_path / "gold.jsonl"
    path.write_bytes(content)
    with pytest.raises(GoldError, match=rf"{re.escape(said)}\Z"):
        read_gold(path, CODEBOOK)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(GoldError, match="the file cannot be read"):
        read_gold(tmp_path / "gone.jsonl", CODEBOOK)


def test_real_gold_rows_read_without_a_problem():
    if not REAL.exists():
        pytest.skip("the real passages lie beside the project's checkout only where it is developed")
    rows = read_gold(REAL, load_codebook("nasem-2024"))
    assert len(rows) == sum(1 for line in REAL.read_text(encoding="utf-8").split("\n") if line)
    assert all((r.primary is None) == (not r.frames) for r in rows)
    assert all(set(r.extra) == {"source", "unanimous"} for r in rows)
