"""The shipped codebook, a quite different one, and what holds for any."""

import pickle
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from labels.codebook import (
    NO_FRAME,
    Codebook,
    keyword_pattern,
    load_codebook,
    render_codebook,
    shipped_codebooks,
)
from labels.records import COLOURS, PATTERNS

AWARD = Path(__file__).parent / "data" / "stem-award.yaml"
MINIMAL = """\
id: mine
version: 1.10
title: Mine
frames:
  - {id: no, name: One, definition: The first.}
  - {id: two, name: Two, definition: The second.}
"""


@pytest.fixture(params=["nasem-2024", AWARD], ids=["nasem", "award"])
def codebook(request) -> Codebook:
    return load_codebook(request.param)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# ── the shipped one ─────────────────────────────────────────────────────────────────────────────


def test_the_five_frames_have_their_official_names_in_order():
    names = {frame.id: (frame.number, frame.name) for frame in load_codebook("nasem-2024").frames}
    assert names == {
        "gaps": (1, "Reducing gaps between groups"),
        "access": (2, "Expanding opportunity and access"),
        "heterogeneity": (3, "Embracing heterogeneity in STEM classrooms"),
        "justice": (4, "Learning and using STEM to promote justice"),
        "futures": (5, "Envisioning sustainable futures through STEM"),
    }
    assert list(names) == list(load_codebook("nasem-2024").frame_ids)


def test_the_shipped_codebook_says_all_that_a_codebook_can_say():
    codebook = load_codebook("nasem-2024")
    for frame in codebook.frames:
        assert all(frame.model_dump().values()), frame.id
        assert all(frame.looks_like.model_dump().values()), frame.id
        assert len(frame.examples.positive) >= 6, frame.id
        assert len(frame.examples.near_miss) >= 6, frame.id
        assert 15 <= len(frame.keywords) <= 30, frame.id
        assert frame.resource is not None
        assert frame.resource.url
        assert frame.resource.why
    assert len(codebook.close_calls) == 20
    assert codebook.none.include
    assert codebook.none.examples


def test_near_misses_and_close_calls_say_what_they_are_coded():
    codebook = load_codebook("nasem-2024")
    near_misses = [e for frame in codebook.frames for e in frame.examples.near_miss]
    assert all(example.coded and example.why for example in near_misses)
    for call in codebook.close_calls:
        codings = {example.coded for example in call.examples}
        assert len(codings) >= 2, f"{call.id}: its examples all lie on one side"
        assert all(example.coded for example in call.examples), call.id
        assert {f for coding in codings for f in coding} <= {*call.frames, NO_FRAME}, call.id


def test_no_example_stands_twice():
    codebook = load_codebook("nasem-2024")
    texts = [e.text for f in codebook.frames for e in (*f.examples.positive, *f.examples.near_miss)]
    texts += [e.text for c in codebook.close_calls for e in c.examples]
    texts += [e.text for e in codebook.none.examples]
    assert len(texts) == len(set(texts))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("background", ["#FFFFFF", "#1B1B1B"])
@pytest.mark.parametrize("colour", COLOURS)
def test_colours_can_be_seen_on_light_and_on_dark(colour, background):
    dark, light = sorted((luminance(colour), luminance(background)))
    assert (light + 0.05) / (dark + 0.05) >= 3  # WCAG 1.4.11, graphical objects


# ── any codebook ────────────────────────────────────────────────────────────────────────────────


def test_frames_are_found_and_ordered_by_the_codebook(codebook):
    ids = codebook.frame_ids
    assert codebook.order(reversed([*ids, *ids])) == ids
    assert codebook.order([]) == ()
    assert [codebook.frame(i).id for i in ids] == list(ids)
    for unknown in (NO_FRAME, "", ids[0].upper()):
        with pytest.raises(KeyError, match=f"no frame {unknown!r} in codebook '{codebook.id}', which has"):
            codebook.frame(unknown)
        with pytest.raises(KeyError, match="no frame"):
            codebook.order([ids[0], unknown])


def test_charts_find_a_number_a_short_name_and_a_look_of_its_own_for_each_frame(codebook):
    looks = [(frame.colour, frame.pattern) for frame in codebook.frames]
    assert len(set(looks)) == len(looks)
    assert all(frame.short_name for frame in codebook.frames)
    assert [frame.number for frame in codebook.frames] == list(range(1, len(looks) + 1))


def test_a_codebook_cannot_be_changed_and_can_be_sent_to_a_worker(codebook):
    with pytest.raises(ValidationError, match="frozen"):
        codebook.frames[0].name = "Other"
    again = pickle.loads(pickle.dumps(codebook))  # noqa: S301  # our own bytes
    assert again == codebook
    assert again.hash == codebook.hash


def test_the_page_shows_every_frame_rule_and_example(codebook):
    page = render_codebook(codebook)
    for frame in codebook.frames:
        assert f"## {frame.number}. {frame.name} (`{frame.id}`)\n\n{frame.definition}\n" in page
        for example in (*frame.examples.positive, *frame.examples.near_miss):
            assert f"- “{example.text}”" in page
    assert all(call.rule in page for call in codebook.close_calls)
    assert "None" not in page
    assert not re.search(r"\n{3,}", page)
    assert page.endswith("\n")


def test_a_codebook_of_twenty_frames_has_twenty_looks(tmp_path):
    frames = "".join(f"  - {{id: f{i}, name: F{i}, definition: D{i}.}}\n" for i in range(20))
    codebook = load_codebook(written(tmp_path, f"id: many\nversion: 1\ntitle: Many\nframes:\n{frames}"))
    assert len({(f.colour, f.pattern) for f in codebook.frames}) == 20
    assert {f.colour for f in codebook.frames} == set(COLOURS)
    assert {f.pattern for f in codebook.frames} == set(PATTERNS)


# ── a user's own ────────────────────────────────────────────────────────────────────────────────


def test_a_minimal_codebook_needs_only_what_nobody_else_can_know(tmp_path):
    codebook = load_codebook(written(tmp_path, MINIMAL))
    assert codebook.frame_ids == ("no", "two")  # YAML alone would read the id as false
    assert codebook.version == "1.10"  # and the version as 1.1
    assert codebook.frame("no").short_name == "One"
    assert codebook.close_calls == ()
    assert "## 1. One (`no`)" in render_codebook(codebook)


def test_single_entries_may_stand_without_a_dash():
    codebook = load_codebook(AWARD)
    assert codebook.frame("extra-help").keywords == ("tracking",)
    assert len(codebook.frame("extra-help").examples.positive) == 1
    assert codebook.close_calls[0].examples[0].coded == ("staff2",)
    assert codebook.sources[0].citation.startswith("Working group")


SAME_HASH = {
    "comments and blank lines": lambda t: "# mine\n\n" + t.replace("frames:", "# the two\nframes:"),
    "other quotes": lambda t: t.replace("title: Mine", 'title: "Mine"'),
    "keys in another order": lambda t: t.replace("id: mine\nversion: 1.10\n", "version: 1.10\nid: mine\n"),
    "block style": lambda t: t.replace(
        "  - {id: two, name: Two, definition: The second.}",
        "  - definition: >-\n      The\n      second.\n    name: Two\n    id: two",
    ),
    "Windows line ends and a byte-order mark": lambda t: "\ufeff" + t.replace("\n", "\r\n"),
    "a key left empty": lambda t: t + "close_calls:\n",
}
OTHER_HASH = {
    "a word": lambda t: t.replace("The first.", "The very first."),
    "the order of frames": lambda t: "\n".join([*t.splitlines()[:4], *t.splitlines()[:3:-1]]),
    "the version": lambda t: t.replace("1.10", "1.1"),
    "an id": lambda t: t.replace("id: two", "id: second"),
}


@pytest.mark.parametrize("change", SAME_HASH.values(), ids=SAME_HASH)
def test_the_hash_does_not_depend_on_how_the_file_is_written(tmp_path, change):
    original = load_codebook(written(tmp_path, MINIMAL)).hash
    assert re.fullmatch("[0-9a-f]{64}", original)
    assert load_codebook(written(tmp_path, change(MINIMAL))).hash == original


@pytest.mark.parametrize("change", OTHER_HASH.values(), ids=OTHER_HASH)
def test_the_hash_depends_on_what_the_file_says(tmp_path, change):
    original = load_codebook(written(tmp_path, MINIMAL)).hash
    assert load_codebook(written(tmp_path, change(MINIMAL))).hash != original


def test_a_name_means_the_shipped_codebook_and_a_path_the_file(tmp_path, monkeypatch):
    assert "nasem-2024" in shipped_codebooks()
    (tmp_path / "nasem-2024").write_text(MINIMAL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_codebook("nasem-2024").id == "nasem-2024"
    assert load_codebook("./nasem-2024").id == "mine"
    assert load_codebook(Path("nasem-2024")).id == "mine"


# ── keywords ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("gap*", "The Gaps between", ["Gaps"]),
        ("gap*", "a stopgap measure", []),
        ("*represented", "underrepresented and represented", ["underrepresented", "represented"]),
        ("girls", "girlshood, Girls' clubs", ["Girls"]),
        ("open enrol*", "open\nenrollment; open-enrolment", ["open\nenrollment", "open-enrolment"]),
        ("re-imagin*", "to re-imagine, to re imagine, to reimagine", ["re-imagine", "re imagine"]),
        ("C++", "in C++ or C", ["C++"]),
        ("students' cultures", "students' cultures", ["students' cultures"]),
    ],
)
def test_a_keyword_finds_whole_words_and_stems(keyword, text, found):
    assert keyword_pattern(keyword).findall(text) == found


def test_every_keyword_of_a_frame_is_one_and_finds_itself(codebook):
    for frame in codebook.frames:
        assert len({k.casefold() for k in frame.keywords}) == len(frame.keywords), frame.id
        for keyword in frame.keywords:
            assert keyword_pattern(keyword).fullmatch(keyword.replace("*", "")), keyword
