from __future__ import annotations

import pytest

from labels.codebook import load_codebook
from pipeline.records import Coding, Passage, Profile, Share
from pipeline.report.charts import axis_end, drawn_frames, mixed
from pipeline.report.collection import looks_like, table_columns
from pipeline.report.document import MOST_SECTIONS, by_headings, by_position, new_headings, strip
from pipeline.report.run import RunDocument

CODEBOOK = load_codebook("nasem-2024")
NOTHING = Share(0, 0, 0)


def profile(key="d", name="Name"):
    return Profile("document", key, name, 1, 0, 0, NOTHING, (), "mixed", (), ())


def rows(paths, pages=None):
    passages = [
        Passage(f"d-{i}", "d", i, 0, 1, "words", tuple(path), (pages[i],) if pages else (), 1)
        for i, path in enumerate(paths)
    ]
    none = dict.fromkeys(CODEBOOK.frame_ids, 0.0)
    return [(p, Coding(p.id, none, 0.0, (), None, False)) for p in passages]


def document(key="d", name="Name", kind="other", **metadata):
    return RunDocument(profile(key, name), f"in/{key}.md", kind, "en", metadata)


def test_sections_are_the_deepest_headings_that_still_fit():
    paths = [("T", str(i // 10), str(i)) for i in range(100)]
    assert [name for name, _ in by_headings(rows(paths))] == [str(i) for i in range(10)]
    assert [name for name, _ in by_headings(rows(paths[:20]))][:2] == ["0 › 0", "0 › 1"]
    assert by_headings(rows([("T",)] * 9)) == []
    assert by_headings(rows([(str(i),) for i in range(MOST_SECTIONS + 1)])) == []


def test_without_headings_a_document_is_cut_by_its_pages_or_passages():
    paged = by_position(rows([()] * 40, pages=[1 + i // 4 for i in range(40)]))
    assert [name for name, _ in paged] == [f"Page {i}" for i in range(1, 11)]
    assert [name for name, _ in by_position(rows([()] * 8))] == ["Passages 1–4", "Passages 5–8"]
    assert by_position(rows([()] * 3)) == []


def test_the_strip_covers_the_document_once():
    passages = rows([(str(i // 7),) for i in range(50)])
    made = strip(passages, CODEBOOK.frame_ids)
    assert sum(s.passages for s in made.sections) == 50
    assert sum(s.width for s in made.sections) == pytest.approx(1000)
    for one, two in zip(made.sections, made.sections[1:], strict=False):
        assert two.left == pytest.approx(one.left + one.width)
    assert strip(passages[:1], CODEBOOK.frame_ids) is None


@pytest.mark.parametrize(
    ("above", "path", "new"),
    [
        ((), ("A", "B"), ((3, "A"), (4, "B"))),
        (("A", "B"), ("A", "B"), ()),
        (("A", "B"), ("A", "C"), ((4, "C"),)),
        (("A", "B"), ("A",), ((3, "A"),)),
        ((), ("A", "B", "C", "D", "E"), ((3, "A"), (4, "B"), (5, "C"), (6, "D"), (6, "E"))),
        ((), ("\u200b",), ()),
    ],
)
def test_headings_are_said_where_they_begin(above, path, new):
    assert new_headings(above, path) == new


def test_columns_of_the_table_are_short_differ_and_are_no_running_numbers():
    documents = [
        document(str(i), year=str(2020 + i % 2), number=f"P{i}", same="x", long="word " * 20 + str(i))
        for i in range(6)
    ]
    assert table_columns(documents) == ["year"]
    assert table_columns([]) == []


def test_a_frame_is_described_for_the_kinds_there_are():
    frame = CODEBOOK.frames[0]
    assert looks_like(frame, ["policy", "other"]) == [("a policy", frame.looks_like.policy)]
    assert len(looks_like(frame, ["other"])) == 3
    bare = frame.model_copy(update={"looks_like": type(frame.looks_like)()})
    assert looks_like(bare, ["policy"]) == [("a document", frame.success)]


def test_a_document_without_a_title_goes_by_its_file():
    assert document(name=" \u202e").name == "d.md"


@pytest.mark.parametrize(("high", "end"), [(0.0, 0.05), (0.05, 0.05), (0.06, 0.1), (0.41, 0.6), (1.0, 1.0)])
def test_the_axis_holds_every_interval(high, end):
    assert axis_end([Share(0, 0, high)]) == end


def contrast(one, two):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    first, second = sorted((light(one), light(two)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def test_ink_stands_out_from_every_tint():
    assert mixed("#000000", "#FFFFFF", 0.5) == "#808080"
    for drawn in drawn_frames(CODEBOOK).values():
        assert contrast("#1c1b19", drawn.tint) >= 7
        assert contrast("#e9e6e0", drawn.dark_tint) >= 7
