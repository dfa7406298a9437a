from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from pipeline.readers.pdf import read_pdf

POLICIES = Path(__file__).resolve().parents[3] / "shared" / "real" / "policies"
PATHS = sorted(POLICIES.glob("*.pdf"))
WORD = re.compile(r"\w+")
FURNITURE = re.compile(
    r"board policy manual|boarddocs|https?://go\.|\(continued\)|^\d+/\d+$|\b\d{1,2}:\d\d [AP]M\b"
    r"|\b[AB][RP] 35\d\d\.1 ?\([a-c]\)",
    re.IGNORECASE,
)
MOST_REMOVED = 25
"""Words of running heads and feet on a page at most: the browser's print stamps are the longest."""

pytestmark = pytest.mark.skipif(not PATHS, reason="the real policies are not beside this checkout")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_real_policy_keeps_its_body_and_loses_its_running_lines(path):
    reading = read_pdf(path)
    assert not [block.text for block in reading.blocks if FURNITURE.search(block.text)]
    document = pdfium.PdfDocument(path)
    plain: Counter[str] = Counter()
    for page in document:
        plain.update(WORD.findall(page.get_textpage().get_text_range().replace("\ufffe", "").lower()))
    found = Counter(word for block in reading.blocks for word in WORD.findall(block.text.lower()))
    assert (plain - found).total() <= MOST_REMOVED * len(document)
    assert not found - plain
    assert {page for block in reading.blocks for page in block.pages} == set(range(1, len(document) + 1))
    document.close()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_real_policy_has_a_title_and_opens_with_a_heading(path):
    reading = read_pdf(path)
    assert reading.title is not None
    assert reading.title.lower().endswith(("hazardous substances", "integrated waste management"))
    assert any(block.kind == "heading" for block in reading.blocks)
    assert reading.warnings == ()
