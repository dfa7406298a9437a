from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.assemble import assemble
from pipeline.records import Document, FoundBlock
from pipeline.split import MOST, split_passages

SENTENCE = "The committee met in the old gym and agreed that lab fees will be paid by the district"
WORDS = SENTENCE.split()


def words(n: int) -> str:
    return " ".join(WORDS[i % len(WORDS)] for i in range(n)) + "."


def document(*blocks: FoundBlock) -> Document:
    return assemble(blocks, id="d", path="d.txt")


def paragraph(text: str, *pages: int) -> FoundBlock:
    return FoundBlock(text, pages=pages)


def heading(text: str, level: int = 1) -> FoundBlock:
    return FoundBlock(text, "heading", level)


def item(text: str, depth: int = 1) -> FoundBlock:
    return FoundBlock(text, "list_item", depth)


blocks = st.lists(
    st.builds(
        FoundBlock,
        st.lists(st.sampled_from([*WORDS, "Dr.", "board:", "end."]), min_size=1, max_size=150).map(" ".join),
        st.sampled_from(["heading", "paragraph", "list_item", "table_row"]),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(blocks)
def test_every_passage_can_be_found_in_its_document_and_none_overlap(found):
    made = document(*found)
    passages = split_passages(made).passages
    assert all(made.text[p.start : p.end] == p.text for p in passages)
    assert all(a.end <= b.start for a, b in pairwise(passages))
    assert [p.order for p in passages] == list(range(len(passages)))


@given(blocks)
def test_no_word_outside_headings_is_lost_when_nothing_is_too_short(found):
    made = document(*found)
    passages = split_passages(made, min_words=0).passages
    kept = " ".join(p.text for p in passages).split()
    spoken = [b for b in made.blocks if b.kind != "heading"]
    expected = " ".join(made.text[b.start : b.end] for b in spoken).split()
    solid = [w for w in expected if any(c.isalpha() for c in w)]
    assert [w for w in kept if any(c.isalpha() for c in w)] == solid


@given(blocks)
def test_no_passage_crosses_a_heading(found):
    made = document(*found)
    heads = [b for b in made.blocks if b.kind == "heading"]
    for passage in split_passages(made).passages:
        assert not any(passage.start < h.end and h.start < passage.end for h in heads)


def test_a_long_paragraph_becomes_runs_of_sentences():
    text = " ".join(words(25) for _ in range(12))
    passages = split_passages(document(paragraph(text))).passages
    assert len(passages) > 1
    assert all(40 <= p.word_count <= MOST for p in passages)


def test_paragraphs_of_one_section_stay_apart_and_short_ones_join():
    made = document(
        paragraph(words(30)), paragraph("Adopted in May by the full board."), paragraph(words(30))
    )
    assert [p.word_count for p in split_passages(made).passages] == [30, 37]


def test_list_items_carry_their_lead_in():
    made = document(
        paragraph("The plan shall provide for the following: (8 CCR 5164)"),
        item(words(20)),
        item(words(22)),
        item(words(18)),
    )
    passages = split_passages(made).passages
    assert [p.word_count for p in passages] == [30, 22, 18]
    assert passages[0].text.startswith("The plan shall")
    assert passages[0].lead_in == ""
    assert [p.lead_in for p in passages[1:]] == ["The plan shall provide for the following: (8 CCR 5164)"] * 2
    assert passages[1].coding_text.startswith("The plan shall provide")


def test_short_items_are_gathered_without_a_lead_in_that_is_none():
    made = document(paragraph(words(20)), *[item("Bring safety glasses and gloves.") for _ in range(4)])
    passages = split_passages(made).passages
    assert [p.word_count for p in passages] == [20, 20]
    assert all(p.lead_in == "" for p in passages)


def test_pages_are_those_of_the_blocks_a_passage_touches():
    made = document(paragraph(words(20), 3), paragraph(words(8), 4), paragraph(words(30), 4, 5))
    assert [p.pages for p in split_passages(made).passages] == [(3,), (4, 5)]


def test_what_does_not_fit_the_model_is_split_and_said():
    made = document(paragraph(words(60)), paragraph(words(10)))
    split = split_passages(made, fits=lambda text: len(text.split()) <= 25)
    assert all(p.word_count <= 25 for p in split.passages)
    assert split.warnings == ["1 passage was longer than the model reads at once and split further"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Page 3 of 9", False),
        ("12.4 | 11.9 | 13.0 | $4,500.00 | $3,900.10 | total", False),
        ("Goal 2 | Reduce chronic absence by 4% | $41,500", True),
        ("Bus passes for all.", False),
        ("Bus passes for all pupils.", True),
    ],
)
def test_tables_of_figures_and_labels_are_no_passages(text, kept):
    assert bool(split_passages(document(FoundBlock(text, "table_row"))).passages) is kept


def test_headings_of_the_same_name_still_part_passages():
    made = document(heading("Notes"), paragraph("Ten short words stand here and then the line ends."), heading("Notes"),
                    paragraph("Ten other words stand here and then the page ends."))  # fmt: skip
    assert len(split_passages(made).passages) == 2
