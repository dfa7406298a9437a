from __future__ import annotations

import subprocess

import numpy as np
import pytest

from pipeline import ocr
from pipeline.ocr import OcrError, Tesseract, find_engine, how_to_install, sureness_of

HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><body><div class='ocr_page' id='page_1'><p>{}</p></div></body></html>
"""
LINE = (
    "<span class='ocr_{kind}' id='line_1_{n}' title=\"bbox 100 {top} 900 {bottom}; {about}\">{words}</span>"
)
WORD = "<span class='ocrx_word' title='bbox {x0} 60 {x1} 100; x_wconf {sure}'>{text}</span>"
SIZE = "x_size 40; x_descenders 9; x_ascenders 10"


def put(n, *words, kind="line", baseline="baseline 0 -9; "):
    spans = "".join(
        WORD.format(x0=100 + 90 * k, x1=180 + 90 * k, sure=sure, text=text)
        for k, (text, sure) in enumerate(words)
    )
    return LINE.format(kind=kind, n=n, top=60 * n, bottom=60 * n + 40, about=baseline + SIZE, words=spans)


@pytest.fixture
def answer(monkeypatch):
    def read_lines(*lines, code=0, errors=b""):
        said = subprocess.CompletedProcess([], code, HOCR.format("".join(lines)).encode(), errors)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: said)
        return Tesseract("tesseract", "5").read(np.zeros((9, 9), np.uint8), 300)

    return read_lines


def test_lines_have_words_a_baseline_and_the_height_of_tall_letters(answer):
    (found,) = answer(put(1, ("School", 96), ("gardens", 90), baseline="baseline -0.01 -9; "))
    assert [(w.text, w.x0, w.x1, w.sureness) for w in found.words] == [
        ("School", 100, 180, 0.96),
        ("gardens", 190, 270, 0.9),
    ]
    assert (found.baseline, found.slope, found.ascent) == (91, -0.01, 31)


@pytest.mark.parametrize("kind", ["line", "header", "textfloat", "caption"])
def test_lines_of_every_kind_are_read(answer, kind):
    assert len(answer(put(1, ("School", 96), kind=kind))) == 1


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ([("School", 96), ("walnut.", 21)], ["School", "walnut."]),  # a poor word among good ones is one
        ([("~:", 30), ("i", 12)], []),
        ([("|", 90), ("am", 96)], ["I", "am"]),
        ([("|", 90), ("Grade", 96)], ["|", "Grade"]),
        ([("Yes", 90), ("|", 96)], ["Yes", "|"]),
        ([("", 95), ("Yes", 90)], ["Yes"]),
    ],
)
def test_what_is_no_word_goes(answer, words, kept):
    assert [w.text for found in answer(put(1, *words)) for w in found.words] == kept


def test_a_line_without_a_baseline_runs_another_way(answer):
    (found,) = answer(put(1, ("School", 96), baseline=""))
    assert found.turned


def test_an_answer_without_words_gives_no_lines(answer):
    assert answer() == []
    assert answer(put(1)) == []


def test_a_program_that_fails_says_so(answer):
    with pytest.raises(OcrError, match="Image too large"):
        answer(code=1, errors=b"Image too large: (40000, 9)\n")


def test_a_program_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(ocr, "OCR_SECONDS_A_PAGE", 0.2)
    with pytest.raises(OcrError, match="took longer"):
        ocr._run(["sleep", "30"])


def test_a_program_that_is_not_there_says_so():
    with pytest.raises(OcrError, match="cannot be started"):
        ocr._run(["no-such-program-at-all"])


def test_without_an_engine_there_is_none(monkeypatch):
    monkeypatch.setattr(ocr, "ENGINES", {})
    assert find_engine() is None
    monkeypatch.setattr(ocr, "ENGINES", {"absent": lambda: None, "here": lambda: Tesseract("tesseract", "5")})
    assert find_engine() == Tesseract("tesseract", "5")


@pytest.mark.parametrize(
    ("system", "what"),
    [("linux", "apt install tesseract-ocr"), ("darwin", "brew install"), ("win32", "winget"), ("aix", "apt")],
)
def test_what_to_install_is_said_for_each_system(system, what):
    assert what in how_to_install(system)


def test_sureness_is_weighted_by_letters():
    words = [ocr.OcrWord("abc", 0, 1, 0.9), ocr.OcrWord("a", 0, 1, 0.5)]
    assert sureness_of(words) == pytest.approx(0.8)
    assert sureness_of([]) == 0


def test_the_installed_tesseract_has_a_name_and_reads_nothing_from_an_empty_page():
    engine = find_engine()
    if engine is None:
        pytest.skip("no Tesseract with English data is installed")
    assert engine.name.startswith("Tesseract ")
    assert engine.read(np.full((600, 400), 255, np.uint8), 300) == []
    assert engine.turn(np.full((600, 400), 255, np.uint8), 300) == 0
