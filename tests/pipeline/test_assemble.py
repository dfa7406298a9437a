from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from pipeline.assemble import assemble
from pipeline.records import FoundBlock

text = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=40)
blocks = st.lists(
    st.builds(
        FoundBlock,
        text,
        st.sampled_from(["heading", "paragraph", "list_item", "table_row"]),
        st.integers(1, 4),
    )
)


@given(blocks)
def test_every_block_lies_where_it_says(found):
    document = assemble(found, id="d", path="a/b.txt")
    written = [b.text.strip() for b in found if b.text.strip()]
    assert [document.text[b.start : b.end] for b in document.blocks] == written


def test_heading_paths_open_and_close():
    found = [
        FoundBlock("Plan", "heading", 1),
        FoundBlock("Goals", "heading", 2),
        FoundBlock("One."),
        FoundBlock("Budget", "heading", 2),
        FoundBlock("Two."),
        FoundBlock("Annex", "heading", 1),
        FoundBlock("Three."),
    ]
    document = assemble(found, id="d", path="p.txt")
    paths = [b.heading_path for b in document.blocks]
    assert paths == [(), ("Plan",), ("Plan", "Goals"), ("Plan",), ("Plan", "Budget"), (), ("Annex",)]
    assert document.title == "Plan"


def test_a_document_without_a_heading_is_called_by_its_file():
    assert assemble([FoundBlock("Words.")], id="d", path="a/b.txt").title == "b.txt"


def test_documents_can_be_sent_to_other_processes():
    document = assemble([FoundBlock("Words.")], id="d", path="a", metadata={"year": "2024"})
    assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301 - our own bytes
