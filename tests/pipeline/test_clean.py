import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import clean_blocks, clean_text
from pipeline.records import FoundBlock

PROSE = (
    "Students should weigh who gains from the new park and who does not, and they write to the council "
    "with what they found and what they would change in the plan."
)


def paragraphs(*texts):
    return [FoundBlock(text) for text in texts]


def left(blocks):
    return [block.text for block in clean_blocks(blocks)[0]]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("eﬃcient ﬁeld", "efficient field"),
        ("infor\u00admation", "information"),
        ("infor\u00ad\nmation", "information"),
        ("infor\ufffemation", "information"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\u00a0 b\t c", "a b c"),
        ("a \n\n b", "a\nb"),
        ("bell\x07", "bell"),
        ("cafe\u0301", "café"),
        ("\uf0b7 item", "item"),
        ("well-being", "well-being"),
        ("x \u2013 y — z", "x \u2013 y — z"),
        ("5 < 6 & 7", "5 < 6 & 7"),
    ],
)
def test_text_is_repaired(raw, clean):
    assert clean_text(raw) == clean


@given(st.text(max_size=200))
def test_cleaning_what_is_clean_changes_nothing(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    "text",
    [
        "12", "Page 4", "- 7 -", "Page 3 of 9", "www.example.org/a", "https://example.org", "See: https://example.org",
        "office@example.org", "(cf. 3510 - Green School Operations)",
        "This site uses cookies. By continuing you agree to our use of them.", "•", "___",
    ],
)  # fmt: skip
def test_what_says_nothing_goes(text):
    assert left(paragraphs(PROSE, text, PROSE)) == [PROSE, PROSE]


@pytest.mark.parametrize(
    "text",
    [
        "12 students", "Page 4 shows the map.", "Read https://example.org first.", "1,000,000",
        "Each group bakes cookies and weighs them; by using a scale they compare.",
        "The district's website uses cookies to count visits, as the privacy policy says.",
        "(cf. the plan) Students read on.", "Contents of the box are counted.",
        "References are checked by students.",
        "Education Code 51210 requires that students are taught science and that they do it outdoors.",
    ],
)  # fmt: skip
def test_what_only_looks_like_that_stays(text):
    assert left(paragraphs(PROSE, text, PROSE)) == [PROSE, text, PROSE]


@pytest.mark.parametrize(
    "entries",
    [
        ["Introduction ........ 3", "Goals . . . . . . . 5", "Actions……9"],
        ["Introduction 3", "Goals and actions 5", "Appendix iv"],
        ["Goals", "Actions"],
    ],
)
def test_a_table_of_contents_goes(entries):
    body = [
        FoundBlock("Goals", "heading", 1),
        FoundBlock(PROSE),
        FoundBlock("Actions", "heading", 1),
        FoundBlock(PROSE),
    ]
    blocks = [FoundBlock("Table of Contents", "heading", 1), *paragraphs(*entries), *body]
    kept, notes = clean_blocks(blocks)
    assert list(kept) == body
    assert "table of contents" in notes[0]


def test_contents_without_entries_stay():
    blocks = [FoundBlock("Contents", "heading", 1), FoundBlock(PROSE), FoundBlock("Room 5")]
    assert len(left(blocks)) == 3


def test_form_leaders_alone_stay():
    assert len(left(paragraphs("Name ........ 1", PROSE))) == 2


CITATIONS = [
    "Bang, M., & Medin, D. (2010). Cultural processes in science education. Science Education, 94(6).",
    "Nasir, N. S., Rosebery, A. S. (2006). Learning as a cultural process. Cambridge University Press.",
    "[3] Tate, W. (2001). Science education as a civil right. Journal of Research in Science Teaching.",
]


@pytest.mark.parametrize(
    "title", ["References", "REFERENCES:", "Works Cited", "Bibliography", "5. References"]
)
def test_a_reference_list_goes_and_what_follows_it_stays(title):
    after = [FoundBlock("Appendix", "heading", 1), FoundBlock(PROSE)]
    blocks = [FoundBlock(PROSE), FoundBlock(title, "heading", 1), *paragraphs(*CITATIONS), *after]
    kept, notes = clean_blocks(blocks)
    assert list(kept) == [FoundBlock(PROSE), *after]
    assert notes == ("Left out, as no text to code: 4 lines of reference lists",)


def test_legal_references_go_with_the_headings_inside_them():
    blocks = [
        FoundBlock(PROSE),
        FoundBlock("Legal Reference:"),
        FoundBlock("EDUCATION CODE", "heading", 2),
        *paragraphs("32060-32066 Toxic art supplies in schools", "49411 Chemical listing; disposal"),
        FoundBlock("Management Resources:", "heading", 2),
        *paragraphs("CSBA: http://www.csba.org"),
        FoundBlock("Purpose", "heading", 2),
        FoundBlock("Short and good."),
    ]
    assert left(blocks) == [PROSE, "Purpose", "Short and good."]


def test_the_disclaimer_over_policy_references_goes():
    text = "These references are not intended to be part of the policy itself, nor to be the basis of it."
    blocks = [FoundBlock("Policy Reference Disclaimer:", "heading", 2), FoundBlock(text)]
    assert left([FoundBlock(PROSE), *blocks]) == [PROSE]


def test_prose_under_references_stays_with_its_heading():
    assert left([FoundBlock("References", "heading", 1), FoundBlock(PROSE)]) == ["References", PROSE]


def test_a_run_of_bare_citations_goes_and_one_stays():
    assert left(paragraphs(PROSE, *CITATIONS)) == [PROSE]
    assert left(paragraphs(PROSE, CITATIONS[0], PROSE)) == [PROSE, CITATIONS[0], PROSE]


@pytest.mark.parametrize(
    "hostile",
    [
        "http://a.b " * 20_000 + "x", "a.b" * 50_000, "a " + ". " * 100_000 + "x", "." * 200_000, "(cf. a) " * 30_000,
        "A-" * 50_000, "A" * 50 + " v. " + "B " * 30_000, " \n" * 200_000, "word \u00ad" * 100_000,
    ],
)  # fmt: skip
def test_hostile_text_is_cleaned_in_seconds(hostile):
    start = time.perf_counter()
    clean_blocks([FoundBlock(hostile), FoundBlock("References"), FoundBlock(hostile)])
    assert time.perf_counter() - start < 5


sentences = st.lists(
    st.sampled_from([PROSE, "References", "Contents", "12", *CITATIONS, "Goals 3", "Short and good."]),
    max_size=12,
)


@given(sentences, st.lists(st.sampled_from(["heading", "paragraph", "list_item"]), min_size=12, max_size=12))
def test_prose_never_goes(texts, kinds):
    blocks = [
        FoundBlock(text, "paragraph" if text == PROSE else kind)
        for text, kind in zip(texts, kinds, strict=False)
    ]
    assert left(blocks).count(PROSE) == texts.count(PROSE)
