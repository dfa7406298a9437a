from __future__ import annotations

import json
import random
import string
import textwrap

import pytest

from corpora.samples import samples_folder
from pipeline.find import Found
from pipeline.quality import is_garbled, quality_notes
from pipeline.read import ReadOptions, read_file
from pipeline.readers import READERS
from pipeline.records import FoundBlock, Skipped
from tests.pipeline.pdf_fixtures import prose

SAMPLES = sorted(path for path in samples_folder().iterdir() if path.suffix in {".docx", ".html", ".md"})
LONG = (samples_folder() / "unit-living-with-the-marsh.md").read_text(encoding="utf-8")
HAWAIIAN = (
    "Makua a me na kahu o na haumana e hiki ke kelepona i ke kula ke loaa na ninau e pili ana i ka hoonaauao epekema "
    "a me ke komo ana i ke kula. E pane koke makou i ka oukou mau ninau. E hoihoi mai i keia palapala i ke keena "
    "mamua o ka Poalima. He manuahi ke kokua unuhi olelo no na kanaka a pau."
)


def notes(text, **options):
    return quality_notes([FoundBlock(text, **options)])


def shift(text, by):
    moved = string.ascii_lowercase[by:] + string.ascii_lowercase[:by]
    return text.lower().translate(str.maketrans(string.ascii_lowercase, moved))


def interleaved(text):
    lines = textwrap.wrap(" ".join(text.split()), 55)
    half = len(lines) // 2
    return " ".join(f"{one} {other}" for one, other in zip(lines[:half], lines[half:], strict=False))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_sample_is_warned_of(path):
    blocks = READERS[path.suffix](path).blocks
    assert quality_notes(blocks) == ()
    assert not is_garbled("\n".join(block.text for block in blocks))


def test_no_real_document_is_warned_of(real):
    paths = [
        p for p in sorted(real.rglob("*")) if p.suffix in {".pdf", ".md", ".txt"} and p.name != "README.md"
    ]
    assert len(paths) > 20
    for path in paths:
        blocks = READERS[path.suffix](path).blocks
        assert quality_notes(blocks) == (), path
        text = "\n".join(block.text for block in blocks)
        assert not any(is_garbled(text[at : at + 2000]) for at in range(0, len(text), 2000)), path


def test_no_real_passage_together_with_others_is_warned_of(real):
    lines = (real / "passages.jsonl").read_text(encoding="utf-8").splitlines()
    assert quality_notes([FoundBlock(json.loads(line)["text"]) for line in lines]) == ()


@pytest.mark.parametrize("by", range(1, 26))
def test_shifted_letters_are_garbled(by):
    assert is_garbled(shift(prose(0, 8), by))


@pytest.mark.parametrize("seed", range(10))
def test_letters_in_any_other_order_are_garbled(seed):
    other = "".join(random.Random(seed).sample(string.ascii_lowercase, 26))  # noqa: S311 - not a secret
    text = LONG[2000:6000].lower().translate(str.maketrans(string.ascii_lowercase, other))
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        shift("Too short to tell.", 3),
        HAWAIIAN,
        prose(0, 8).upper(),
        "\u0423\u0447\u0435\u043d\u0438\u043a\u0438 \u0441\u0430\u0436\u0430\u044e\u0442 \u0441\u0430\u0434. "
        * 20,
        "1,204 88.3% 17-19 $4,310 (12) 5/6 " * 40,
        prose(0, 8) + " \ufffd\ufffd\ufffd\ufffd",
    ],
)
def test_what_only_looks_unusual_is_not_garbled(text):
    assert not is_garbled(text)


def test_glyphs_without_letters_are_garbled():
    assert is_garbled(prose(0, 2).replace("e", "\ufffd"))


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        (prose(0, 4).replace(" ", ""), "Spaces between words are missing"),
        (prose(0, 2) + " " + prose(2, 6).replace(" ", ""), "Spaces between words are missing"),
        (" \u2014 ".join(" ".join(word) for word in prose(0, 2).split()), "spaced out letter by letter"),
        (prose(0, 4).replace("e ", "e\u00e2\u20ac\u2122s "), "another encoding"),
        (interleaved(LONG), "Lines of different columns"),
    ],
)
def test_damage_is_named(damaged, says):
    (note,) = notes(damaged)
    assert says in note


@pytest.mark.parametrize(
    "sound",
    [
        prose(0, 8),
        "A G E N D A\n" + prose(0, 8),
        prose(0, 4) + " https://www.example.org/averylongaddresswithoutanyspaceinit/andmore " * 4,
        "The the typist of of this page was tired. " + prose(0, 8),
        "Caf\u00e9 na\u00efve \u00c5ngstr\u00f6m \u201cquoted\u201d \u2014 " + prose(0, 4),
        "Vitamin A to D, the A-G courses, the in-school program, the on-site garden and the and/or rule. "
        * 3,
    ],
)
def test_sound_text_is_not_warned_of(sound):
    assert notes(sound) == ()


def test_a_poor_reading_is_named_and_a_good_one_is_not():
    (note,) = notes(prose(0, 4), sureness=0.62)
    assert "62% sure" in note
    assert notes(prose(0, 4), sureness=0.95) == ()
    assert notes(prose(0, 4)) == ()


def test_a_document_garbled_throughout_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(shift(prose(0, 8) + "\n\n" + prose(3, 8), 5), encoding="utf-8")
    (result,) = read_file(Found(path, "a.txt", ".txt"), ReadOptions()).results
    assert isinstance(result, Skipped)
    assert "garbled" in result.found
    assert "original file" in result.remedy
