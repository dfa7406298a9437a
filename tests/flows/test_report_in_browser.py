"""The pages in a real browser: what they show and do, that all can use them, and that nothing leaves them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from benchmarks.made_run import Made, write_made_run
from flows.reporting import rebuild_report
from pipeline.ocr import find_engine
from pipeline.records import FoundBlock, Skipped
from tests.flows.browser import open_page, too_wide, violations

# Colours do not depend on the width, nor do the sizes of what is touched on the scheme.
WAYS = [(1280, "light"), (360, "dark")]


@pytest.fixture(scope="module")
def collection(samples_run):
    return samples_run.out / "report.html"


@pytest.fixture(scope="module")
def longest(samples_run):
    """The page of the document with the most passages."""
    passages = pd.read_parquet(samples_run.out / "passages.parquet")
    return samples_run.out / "reports" / f"{passages.document_id.value_counts().index[0]}.html"


@pytest.fixture(scope="module")
def shortest(samples_run):
    passages = pd.read_parquet(samples_run.out / "passages.parquet")
    return samples_run.out / "reports" / f"{passages.document_id.value_counts().index[-1]}.html"


@pytest.mark.parametrize(("width", "scheme"), WAYS)
@pytest.mark.parametrize("which", ["collection", "longest", "shortest"])
def test_every_kind_of_page_is_accessible_fits_and_asks_nothing(browser, request, which, width, scheme):
    path = request.getfixturevalue(which)
    page = open_page(browser, path, width=width, scheme=scheme)
    assert too_wide(page) <= 0
    assert violations(page) == []
    assert too_wide(page) <= 0  # with its details open, too
    assert page.asked == [path.as_uri()]
    assert page.complaints == []


@pytest.mark.parametrize(("width", "scheme"), WAYS)
def test_pages_of_unusual_runs_are_accessible_too(browser, tmp_path, width, scheme):
    plan = [FoundBlock(f"The plan for the year names what each school will do, part {i}.") for i in range(12)]
    write_made_run(tmp_path / "none", [], skipped=[Skipped("a.pdf", "it is empty", "Check it")])
    write_made_run(tmp_path / "before", [Made("Plan", plan)], strength=0.8)
    write_made_run(tmp_path / "bare", [Made("Plan", plan), Made("Note", plan[:1])], strength=0.0)
    rebuild_report(tmp_path / "bare", compare=tmp_path / "before")
    for path in [tmp_path / "none" / "report.html", *(tmp_path / "bare").rglob("*.html")]:
        page = open_page(browser, path, width=width, scheme=scheme)
        assert violations(page) == [], path
        assert too_wide(page) <= 0
        assert page.complaints == []


def test_the_collection_answers_shows_bars_and_leads_to_the_words(browser, collection, codebook):
    page = open_page(browser, collection)
    assert "Which equity frames are foregrounded here" in page.inner_text("h1")
    assert page.locator(".of-all .bars li:not(.axis)").count() == len(codebook.frames)
    assert not page.locator(".of-framed").is_visible()
    page.get_by_label("Of passages with a frame").check()
    assert page.locator(".of-framed").is_visible()
    assert not page.locator(".of-all").is_visible()
    link = page.locator(".quote a").first
    quoted = page.locator(".quote blockquote").first.inner_text()
    link.click()
    assert re.search(r"/reports/[0-9a-f]{16}\.html#p-\d{3}$", page.url)
    here = page.locator(":target")
    assert quoted in here.inner_text()
    assert here.locator("u mark").count() >= 1


def test_documents_are_alphabetical_sort_by_what_they_are_and_never_by_a_frame(browser, collection):
    page = open_page(browser, collection)
    names = lambda: page.locator("#table tbody tr:visible th a").all_inner_texts()  # noqa: E731
    alphabet = names()
    assert alphabet == sorted(alphabet, key=str.casefold)
    buttons = page.locator("#table thead button").all_inner_texts()
    assert buttons == ["Document", "Kind", "year", "Passages", "To review"]
    page.get_by_role("button", name="Passages").click()
    counts = [int(n) for n in page.locator("#table tbody tr td:nth-last-child(2)").all_inner_texts()]
    assert counts == sorted(counts)
    page.get_by_role("button", name="Document", exact=True).click()
    assert names() == alphabet
    page.get_by_label("Find").fill("marsh")
    assert names() == ["Living with the Marsh: A Design Unit for the Next Hundred Years"]
    assert page.inner_text("#count") == f"1 of {len(alphabet)} documents"
    page.get_by_label("Find").fill("")
    page.locator("#kind").select_option("policy")
    assert len(names()) == (3 if find_engine() is None else 4)  # one of them is a scan


def test_any_two_groups_can_be_compared(browser, collection):
    page = open_page(browser, collection)
    choose = page.locator(".choose").first
    rows = page.locator("table.changes").first.locator("tbody tr")
    before = rows.all_inner_texts()
    choose.locator(".first").select_option(label="policy")
    heads = page.locator("table.changes").first.locator("thead th").all_inner_texts()
    assert heads[1:3] == ["policy", "program"]
    assert rows.all_inner_texts() != before
    choose.locator(".first").select_option(label="program")  # both the same: the other one moves
    heads = page.locator("table.changes").first.locator("thead th").all_inner_texts()
    assert len(set(heads[1:3])) == 2


def test_passages_are_filtered_by_frame_certainty_review_and_words(browser, longest, samples_run):
    table = pd.read_parquet(samples_run.out / "passages.parquet")
    mine = table[table.document_id == longest.stem].reset_index(drop=True)
    page = open_page(browser, longest)
    shown = lambda: page.locator("#passages .p:visible").count()  # noqa: E731
    assert shown() == len(mine)
    first = page.locator("#filters .frames label").nth(1)
    frame = [c for c in mine.columns if c.startswith("p_")][1]
    coded = mine[mine.frames.str.split("; ").map(lambda ids: frame.removeprefix("p_") in ids)]
    first.click()
    assert shown() == len(coded) > 0
    page.get_by_label("How sure").select_option("90")
    assert shown() == (coded[frame].mul(100).round() >= 90).sum()
    page.get_by_role("button", name="Show all", exact=True).click()
    assert shown() == len(mine)
    page.get_by_label("needs review", exact=True).check()
    assert shown() == mine.needs_review.sum()
    page.get_by_role("button", name="Show all", exact=True).click()
    word = max(mine.text[0].split(), key=len)
    page.get_by_label("Find").fill(word.upper())
    assert shown() == mine.text.str.contains(word, case=False, regex=False).sum()
    page.get_by_label("Find").fill("zzzz")
    assert page.locator("#nothing").is_visible()
    assert page.locator("#passages .found:visible").count() == 0
    page.get_by_role("button", name="Show all passages").click()
    assert shown() == len(mine)


def test_a_bar_leads_to_the_passages_behind_it(browser, longest):
    page = open_page(browser, longest)
    link = page.locator(".of-all a.more").first
    many = int(re.match(r"\d+", link.inner_text()).group())
    link.click()
    assert page.locator("#passages .p:visible").count() == many


def test_a_link_to_a_passage_opens_there(browser, longest):
    page = open_page(browser, longest, fragment="#p-017")
    top = page.evaluate("document.getElementById('p-017').getBoundingClientRect().top")
    assert 0 <= top < 450
    page.get_by_label("Find").fill("zzzz")
    page.evaluate("location.hash = '#p-005'")  # hidden by the filter: it is shown all the same
    page.wait_for_function("document.activeElement.id === 'p-005'")
    assert page.locator("#p-005").is_visible()


def test_the_text_can_be_walked_and_cited_with_the_keyboard(browser, longest):
    page = open_page(browser, longest)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#p-001").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.id")
    assert focused == page.locator("#passages .p").nth(1).get_attribute("id")
    page.keyboard.press("c")
    page.wait_for_function("document.getElementById('said').textContent.includes('copied')")
    said = page.evaluate("navigator.clipboard.readText()")
    passage = page.locator(f"#{focused}")
    assert passage.locator(".text").text_content().strip() in said
    assert page.locator("h1").inner_text() in said
    assert "passage 2" in said
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("jk")  # letters in a field are letters
    assert page.input_value("#find") == "jk"


def test_a_place_in_the_strip_leads_into_the_text(browser, longest):
    page = open_page(browser, longest)
    lane = page.locator(".lane > svg").first
    box = lane.bounding_box()
    lane.click(position={"x": box["width"] - 3, "y": 5})
    last = page.locator("#passages .p").last.get_attribute("id")
    assert page.evaluate("document.activeElement.id") == last


def test_without_scripts_the_words_and_numbers_are_all_there(browser, longest):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(longest.as_uri())
    assert page.locator(".p").count() > 10
    assert page.locator(".p:visible").count() == page.locator(".p").count()
    assert not page.locator("#filters fieldset").is_visible()
    assert page.locator(".bars").first.is_visible()


def test_on_paper_there_are_no_controls_and_colours_stay(browser, longest, collection):
    for path in (longest, collection):
        page = open_page(browser, path, scheme="dark")
        page.emulate_media(media="print", color_scheme="dark")
        assert page.locator("button:visible:not(thead button)").count() == 0
        assert page.locator("select:visible").count() == 0
        assert (
            page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')") == "#fff"
        )
        page.emulate_media(media="print", color_scheme="light")
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_nothing_moves(samples_run):
    """Reduced motion is the only motion there is."""
    for path in (samples_run.out / "report.html", *(samples_run.out / "reports").iterdir()):
        html = path.read_text(encoding="utf-8")
        assert not re.search(r"transition|animation|@keyframes|smooth", html.split("</style>")[0])
