"""Documents that mean harm, or only look odd, come through every page inert and readable."""

from __future__ import annotations

import pytest

from benchmarks.made_run import Made, write_made_run
from pipeline.records import FoundBlock, Skipped
from tests.flows.browser import open_page, too_wide, violations

SCRIPT = "<script>window.harmed = 1; alert('script')</script>"
HANDLER = (
    '<img src="https://example.org/spy.png" onerror="window.harmed = 2"><svg onload="window.harmed = 3">'
)
LINK = '<a href="javascript:window.harmed = 4">click</a> [click](javascript:alert(1))'
BREAKOUT = "</p></article></main></style></title></textarea><h1>Mine now</h1>{{ 7 * 7 }}{% raw %}"
TURNED = "evil\u202egnp.exe"  # is shown as "evilexe.png" where the turn is obeyed
UNSEEN = "equi\u200bty in sci\ufeffence"
ARABIC = (
    "العدالة في تعليم العلوم تعني أن يشارك كل طالب في طرح الأسئلة والإجابة عنها في الصف كل يوم وفي كل مدرسة"
)
LONG = "a-very-long-file-name" * 14 + "-end.pdf"  # 302 characters
FILLER = " The words around it are ordinary words of a plan for the coming school year and the one after."


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "run"
    blocks = [
        FoundBlock(f"{BREAKOUT} {TURNED}", "heading", 1),
        *(
            FoundBlock(text + FILLER, pages=(1,))
            for text in (SCRIPT, HANDLER, LINK, BREAKOUT, TURNED, UNSEEN, LONG)
        ),
        FoundBlock(ARABIC, pages=(2,)),
        FoundBlock(SCRIPT, "heading", 2),
        *(FoundBlock(f"{HANDLER} {i}{FILLER}") for i in range(6)),
    ]
    metadata = {SCRIPT: HANDLER, "group": f"{BREAKOUT}{TURNED}", "=1+1": "@x"}
    documents = [
        Made(f"{SCRIPT}{TURNED}", blocks, path=LONG, metadata=metadata, warnings=(f"{HANDLER} {TURNED}",)),
        Made("Other", blocks, path=f"folder/{SCRIPT}.pdf", metadata={"group": LINK}),
        Made("\u200b", blocks[:2], path="unnamed.md", metadata={"group": LINK}),
    ]
    skipped = [Skipped(LONG, SCRIPT, HANDLER), Skipped(f"{TURNED}{BREAKOUT}", LINK, "Nothing")]
    write_made_run(
        folder,
        documents,
        by=["group"],
        skipped=skipped,
        notes=[f"{SCRIPT}{TURNED}"],
        strength=0.9,
    )
    return folder


def every_page(folder):
    return [folder / "report.html", *sorted((folder / "reports").iterdir())]


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_of_it_runs_loads_or_breaks_the_page(browser, hostile, width):
    for path in every_page(hostile):
        page = open_page(browser, path, width=width)
        assert page.evaluate("window.harmed") is None, path
        assert page.complaints == [], path
        assert page.asked == [path.as_uri()]
        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == 1
        assert page.locator("img, iframe, object, embed, base, link").count() == 0
        attributes = page.evaluate("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())")
        assert not [name for name in attributes if name.lower().startswith("on")]
        addresses = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
        assert not [a for a in addresses if not a.startswith(("#", "reports/", "../report.html", "https://"))
                    and not a[:16].isalnum()]  # fmt: skip
        assert page.locator("script").count() <= 2  # ours, and the data of the chooser
        assert too_wide(page) <= 0, path


def test_it_can_be_read_as_it_was_written(browser, hostile):
    for path in every_page(hostile):
        page = open_page(browser, path)
        text = page.evaluate("document.body.textContent")
        assert "49" not in text.split("Mine now")[1][:6]
        assert "\u202e" not in text
        if "/reports/" in path.as_uri() and "unnamed.md" not in text:
            for words in (SCRIPT, HANDLER, LINK, "evilgnp.exe", ARABIC, LONG):
                assert words in text, (path, words)
            page.get_by_label("Find").fill("equity in science")  # found without its unseen characters
            assert page.locator("#passages .p:visible").count() >= 1


def test_right_to_left_passages_stand_right_to_left(browser, hostile):
    page = next(
        p for path in every_page(hostile)[1:] if (p := open_page(browser, path)).get_by_text(ARABIC).count()
    )
    passage = page.locator(".text", has_text=ARABIC).first
    assert passage.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_a_document_with_an_unseen_title_goes_by_its_file_name(browser, hostile):
    page = open_page(browser, hostile / "report.html")
    assert "unnamed.md" in page.locator("#table tbody th a").all_inner_texts()


def test_hostile_pages_are_accessible_too(browser, hostile):
    for path in every_page(hostile)[:2]:
        assert violations(open_page(browser, path)) == [], path
