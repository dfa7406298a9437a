import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.layout import page_lines
from pipeline.readers.lines import is_title_like, marker, unmarked
from pipeline.readers.markdown import read_markdown
from pipeline.readers.paragraphs import plain_blocks
from pipeline.readers.text import read_text, text_reading

REAL = Path(__file__).parents[3] / "shared" / "real" / "documents"


def seen(text):
    return [(block.kind, block.text) for block in plain_blocks(text)]


def texts(text):
    return [block.text for block in plain_blocks(text)]


LINE = "The class walks to the river and writes down what lives on its banks and in its water, and"
WRAPPED = f"{LINE}\nwhat has changed since the first visit in the autumn of the year before."


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        (WRAPPED, [("paragraph", WRAPPED.replace("\n", " "))]),
        ("First is.\n\nSecond is.", [("paragraph", "First is."), ("paragraph", "Second is.")]),
        (
            f"{LINE}\nmore.\nDavid Gordon\nSuperintendent",
            [("paragraph", f"{LINE} more."), ("paragraph", "David Gordon"), ("paragraph", "Superintendent")],
        ),
        ("- one\n- two\n  goes on\n- three", [("list_item", x) for x in ("one", "two goes on", "three")]),
        ("Aims:\n1. Do.\n2. Go.", [("paragraph", "Aims:"), ("list_item", "1. Do."), ("list_item", "2. Go.")]),
        (f"## Goals\n{LINE}.", [("heading", "Goals"), ("paragraph", f"{LINE}.")]),
        (f"Goals and Actions\n{LINE}.", [("heading", "Goals and Actions"), ("paragraph", f"{LINE}.")]),
        (f"WHY IT MATTERS:\n\n{LINE}.", [("heading", "WHY IT MATTERS:"), ("paragraph", f"{LINE}.")]),
        ("It **matters** to *all* ([NASEM, 2024](#)).", [("paragraph", "It matters to all (NASEM, 2024).")]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", [("table_row", "a: 1 | b: 2")]),
        ("a line\n----------\nanother", [("paragraph", "a line another")]),
    ],
)  # fmt: skip
def test_blocks_of_plain_text(text, blocks):
    assert seen(text) == blocks


@pytest.mark.parametrize(
    "text", ["Name\nSchool\nGrade\nDate\nTeacher", "A Form\n\nTitle\n\nName\n\nSite\n\nGrade\n\nend."]
)
def test_short_lines_in_long_runs_are_no_headings(text):
    assert {kind for kind, _ in seen(text)} == {"paragraph"}


def test_list_depth_follows_the_indentation():
    found = plain_blocks("• a\n    o Inner b\n    o Inner c\n• d")
    assert [(block.level, block.text) for block in found] == [
        (1, "a"),
        (2, "Inner b"),
        (2, "Inner c"),
        (1, "d"),
    ]


@pytest.mark.parametrize(
    ("text", "bullet"),
    [
        ("- x", True),
        ("•x", True),
        ("o Reading", True),
        ("1. x", False),
        ("a) x", False),
        ("(iv) x", False),
        ("2.1 x", False),
    ],
)
def test_markers(text, bullet):
    assert marker(text).bullet is bullet


@pytest.mark.parametrize(
    "text", ["-x", "(916) 228-2410", "*Approval", "o reading", "2021 was", "1,000 x", "A word", "\u20135"]
)
def test_what_is_no_marker(text):
    assert marker(text) is None


@pytest.mark.parametrize(
    "text", ["Reflections: Successes", "LCAP Highlights", "PURPOSE:", "Goals of the Plan"]
)
def test_titles(text):
    assert is_title_like(text)


@pytest.mark.parametrize(
    "text", ["He came.", "and then Some", "$1,000.00", "What we do is this", "Goals:", "A " * 20, ""]
)
def test_what_is_no_title(text):
    assert not is_title_like(text)


@pytest.mark.parametrize(
    "text", ["5 * 3 * 2", "snake_case_name", "[see] (note)", "**", "*Approval of the plan"]
)
def test_marks_that_mean_nothing_stay(text):
    assert unmarked(text) == text


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("infor-", "mation", "information"),
        ("work-", "based", "work-based"),
        ("TK-", "12", "TK-12"),
        ("post-", "secondary", "post-secondary"),
    ],
)
def test_a_hyphen_at_the_margin_stays_only_where_it_is_one(first, second, joined):
    text = f"It was based on hard work of post and secondary pupils, all gathered as {first}\n{second} units."
    assert joined in texts(text)[0].split()


TABLE = """\
Action      Title               Description                                     Funds
1.1         Early College       Offer every student courses in English and      $0.00
            Programming         mathematics by renewing the agreement.

1.2         Learning Center     Establish a center that helps with research     $84,750
                                and with careers.
"""


def test_columns_of_spaces_are_rows():
    assert seen(TABLE) == [
        ("table_row", "Action | Title | Description | Funds"),
        (
            "table_row",
            (
                "1.1 | Early College Programming | Offer every student courses in English and mathematics by "
                "renewing the agreement. | $0.00"
            ),
        ),
        (
            "table_row",
            "1.2 | Learning Center | Establish a center that helps with research and with careers. | $84,750",
        ),
    ]  # fmt: skip


def test_columns_of_bullets_are_read_one_after_the_other():
    text = "• Black Student    • District\n  Union              Committee\n• Foster youth     • Families\n"
    assert texts(text) == ["Black Student Union", "Foster youth", "District Committee", "Families"]


def test_one_line_with_a_gap_is_no_table():
    assert seen("1. Summer Programs, at seven            (Schnepp)") == [
        ("list_item", "1. Summer Programs, at seven (Schnepp)")
    ]


def pages(count, *, foot="Plan for the District            Page {} of 9", feed="\f"):
    body = "\n".join(
        f"Sentence {{0}}-{line} tells of the plan and of those who wrote it." for line in range(5)
    )
    return feed.join(body.format(n) + "\n\n" + foot.format(n) + "\n" for n in range(1, count + 1))


@pytest.mark.parametrize("feed", ["\f", ""])
def test_feet_go_and_pages_are_known(feed):
    lines = page_lines(pages(6, feed=feed))
    assert {line.page for line in lines} == set(range(1, 7))
    assert not any("Page" in line.text for line in lines)
    assert all(f"Sentence {line.page}-" in line.text for line in lines if line.text)


def test_counted_numbers_at_the_foot_go_and_other_numbers_stay():
    lines = page_lines("\f".join(f"Text number {n * n} of this page.\n\n{n}\n" for n in range(40, 46)))
    assert [line.text for line in lines if line.text] == [
        f"Text number {n * n} of this page." for n in range(40, 46)
    ]
    lines = page_lines("\f".join(f"The sum of page {n} is\n\n{n * n * 7}\n" for n in range(4, 8)))
    assert sum(line.text.isdigit() for line in lines) == 4


def test_a_line_that_comes_twice_is_no_running_head():
    lines = page_lines("Goals\nFirst text.\fGoals\nSecond text.\fEnd\nThird text.")
    assert [line.text for line in lines].count("Goals") == 2


def test_a_paragraph_goes_on_over_the_foot_of_a_page():
    foot = "\n\n\nPlan of the District                Page {} of 3\n\f"
    text = f"{LINE}{foot.format(1)}what has changed.{foot.format(2)}The end of it.{foot.format(3)}"
    blocks = text_reading(Path("x.txt"), text).blocks
    assert blocks[0].text == f"{LINE} what has changed."
    assert blocks[0].pages == (1, 2)
    assert blocks[1].pages == (3,)


words = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=10), min_size=3, max_size=60)


@settings(max_examples=80, deadline=None)
@given(paragraphs=st.lists(words, min_size=1, max_size=5), width=st.integers(30, 100))
def test_no_word_of_a_wrapped_text_is_lost(paragraphs, width):
    import textwrap

    text = "\n\n".join(
        "\n".join(textwrap.wrap(" ".join(found).capitalize() + ".", width)) for found in paragraphs
    )
    read = " ".join(texts(text)).split()
    assert read == [word for found in paragraphs for word in (" ".join(found).capitalize() + ".").split()]


@settings(max_examples=80, deadline=None)
@given(paragraphs=st.lists(words, min_size=1, max_size=5))
def test_markdown_keeps_every_paragraph_whole(tmp_path_factory, paragraphs):
    path = tmp_path_factory.mktemp("md") / "x.md"
    written = [" ".join(found).capitalize() + "." for found in paragraphs]
    path.write_text("# Head\n\n" + "\n\n".join(written))
    assert [block.text for block in read_markdown(path).blocks[1:]] == written


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text):
    for block in plain_blocks(text):
        assert block.text.strip()


@pytest.mark.parametrize(
    "hostile",
    [
        "\n".join([LINE] * 20_000),
        "\n".join("a" * (7 * n % 31 + 1) + " " * (5 * n % 29 + 3) + "b" * (n % 37 + 1) for n in range(3000)),
        "a" + " " * 1_000_000 + "b",
        "[" * 50_000 + "](" * 50_000,
        "*a _b " * 100_000,
        "| a | b |\n" * 20_000,
        "- x\n" * 20_000,
    ],
    ids=["wrapped", "ragged", "spaces", "brackets", "stars", "bars", "items"],
)
def test_hostile_text_is_read_in_seconds(hostile):
    start = time.perf_counter()
    assert plain_blocks(hostile)
    assert time.perf_counter() - start < 10


SMART = "The teacher\u2019s “plan” \u2013 naïve café"


@pytest.mark.parametrize(
    ("data", "warned"),
    [
        (SMART.encode(), False),
        (SMART.encode("utf-8-sig"), False),
        (SMART.encode("utf-16"), False),
        (SMART.encode("utf-32"), False),
        (SMART.encode("utf-16-le"), True),
        (SMART.encode("utf-16-be"), True),
        (SMART.encode("cp1252"), True),
    ],
)
def test_text_in_any_encoding(tmp_path, data, warned):
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    reading = read_text(path)
    assert [block.text for block in reading.blocks] == [SMART]
    assert bool(reading.warnings) is warned


def test_a_damaged_byte_does_not_spoil_the_other_accents(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(("é è ü ö à " * 20).encode() + b"\xe9 end")
    reading = read_text(path)
    assert "é è ü" in reading.blocks[0].text
    assert "damaged" in reading.warnings[0]


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 20, b"\x00\x01\x02" * 500, b"text \x01\x02\x03\x04 " * 50]
)
def test_binary_content_is_refused(tmp_path, data):
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableDocumentError, match="not text"):
        read_text(path)


@pytest.mark.parametrize("data", [b"", b" \n\n\t", b"----\n...\n"])
def test_no_words_is_said(tmp_path, data):
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableDocumentError, match="holds no words"):
        read_text(path)


@pytest.mark.parametrize(
    ("source", "title", "first"),
    [
        ("---\ntitle: 'A Unit'\ngrade: 6\n---\n# Head\n\nText.", "A Unit", "Head"),
        ("---\ntitle: [x\n---\n\nText of it.", "title: [x", "title: [x"),
        ("# Head\n\nText.", "Head", "Head"),
        ("Head\n====\n\nText.", "Head", "Head"),
        ("## Second\n\nText.", "Second", "Second"),
        ("Text alone.", None, "Text alone."),
        ("<script>x</script>\n\n<div>Inside <b>HTML</b></div>", None, "Inside HTML"),
    ],
)
def test_markdown_titles(tmp_path, source, title, first):
    path = tmp_path / "x.md"
    path.write_text(source)
    reading = read_markdown(path)
    assert (reading.title, reading.blocks[0].text) == (title, first)


def test_markdown_lists_and_tables(tmp_path):
    path = tmp_path / "x.md"
    path.write_text(
        "- a\n  - b\n- c\n\n1. d\n\n| Goal | Year |\n|---|---|\n| Read | 1 |\n\n    indented text\n"
    )
    found = [(block.kind, block.level, block.text) for block in read_markdown(path).blocks]
    assert found == [
        ("list_item", 1, "a"),
        ("list_item", 2, "b"),
        ("list_item", 1, "c"),
        ("list_item", 1, "d"),
        ("table_row", 0, "Goal: Read | Year: 1"),
        ("paragraph", 0, "indented text"),
    ]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real documents are not in this checkout")
@pytest.mark.parametrize(
    ("name", "last_page"), [("county_lcap_2022.md", 75), ("district_board_packet_2021.md", 213)]
)
def test_real_board_documents(name, last_page):
    blocks = read_markdown(REAL / name).blocks
    assert {page for block in blocks for page in block.pages} <= set(range(1, last_page + 1))
    assert max(page for block in blocks for page in block.pages) >= last_page - 1
    assert not any(f"of {last_page}" in block.text for block in blocks)
    sizes = [len(block.text.split()) for block in blocks if block.kind == "paragraph"]
    assert sum(size for size in sizes if size > 25) > 0.6 * sum(sizes)
