from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.exports.align import SEED, Haystack, covered, letters
from pipeline.exports.safe import file_name

words = st.text(alphabet="abcdefg -.\n", max_size=200)


@given(needle=words, hay=words)
def test_a_match_is_of_the_same_letters_and_goes_forward_in_the_needle(needle, hay):
    own, other = letters(needle).folded, letters(hay).folded
    matches = Haystack(other).align(own)
    at = 0
    for m in matches:
        assert own[m.start : m.start + m.length] == other[m.found : m.found + m.length]
        assert m.length > 0
        assert m.start >= at
        at = m.start + m.length
    assert 0 <= covered(matches, own) <= 1


@given(before=words, text=words, after=words)
def test_what_stands_in_a_text_is_found_whole(before, text, after):
    own = letters(text).folded
    matches = Haystack(letters(f"{before} {text} {after}").folded).align(own)
    if own:
        assert covered(matches, own) == 1


@given(st.text(max_size=60))
def test_every_letter_has_its_place(text):
    found = letters(text)
    assert len(found.folded) == len(found.places)
    assert all(a <= b for a, b in zip(found.places, found.places[1:], strict=False))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The ﬁrst coun-\ncil", "the first council", True),
        ("Café — naïve", "CAFE\u0301 - nai\u0308ve", True),
        ("grade 10", "grade 1", False),
        ("co-op", "coop", True),
        ("", "  .. ", True),
    ],
)
def test_two_readings_of_the_same_words_have_the_same_letters(one, other, same):
    assert (letters(one).folded == letters(other).folded) is same


def test_of_equal_places_the_next_one_is_taken():
    same = "the council meets each month"
    hay = Haystack(letters(f"{same} and so on {same} and then {same}").folded)
    own = letters(same).folded
    first = hay.align(own)[0].found
    second = hay.align(own, after=first + len(own))[0].found
    third = hay.align(own, after=second + len(own))[0].found
    assert first < second < third
    assert hay.align(own, after=third + 1)[0].found == third, "behind the last one, the nearest"


def test_other_words_are_not_found():
    assert Haystack("zebrasgrazequietly" * 3).align("b" * SEED * 3) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("policy 6142", "policy 6142.pdf"),
        ("a/b\\c:d*e?", "a_b_c_d_e_.pdf"),
        ("..", "document.pdf"),
        ("", "document.pdf"),
        ("con", "_con.pdf"),
        ("console", "console.pdf"),
        ("\u202efdp\x00\x1b.exe\u200b", "fdp.exe.pdf"),
        ("<script>", "_script_.pdf"),
        ("Política año", "Política año.pdf"),
        ("trailing. . ", "trailing.pdf"),
    ],
)
def test_names_that_every_file_system_takes(name, safe):
    assert file_name(name, ".pdf") == safe


@pytest.mark.parametrize("name", ["n" * 300, "ñ" * 300, "🌱" * 300])
def test_long_names_are_cut_and_stay_whole_characters(name):
    cut = file_name(name, ".pdf")
    assert len(cut.encode("utf-8")) <= 160
    assert set(cut.removesuffix(".pdf")) == {name[0]}
