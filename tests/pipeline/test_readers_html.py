import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UnreadableDocumentError
from pipeline.readers.html import read_html
from pipeline.readers.html_blocks import html_blocks


def seen(html, *, page=False):
    return [(block.kind, block.level, block.text) for block in html_blocks(html, page=page)[0]]


def texts(html, *, page=True):
    return [block.text for block in html_blocks(html, page=page)[0]]


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<p>One</p><p>Two</p>", [("paragraph", 0, "One"), ("paragraph", 0, "Two")]),
        ("<p>One<p>Two", [("paragraph", 0, "One"), ("paragraph", 0, "Two")]),
        ("loose <b>text</b> stays", [("paragraph", 0, "loose text stays")]),
        ("<h2>Head</h2>Body", [("heading", 2, "Head"), ("paragraph", 0, "Body")]),
        ("<div role=heading aria-level=3>Head</div>", [("heading", 3, "Head")]),
        ("<p>a<br>b</p>", [("paragraph", 0, "a\nb")]),
        ("<p>a<br><br>b</p>", [("paragraph", 0, "a"), ("paragraph", 0, "b")]),
        ("<p>un<b>believ</b>able</p>", [("paragraph", 0, "unbelievable")]),
        (
            "<ul><li>a<ul><li>b</ul><li>c</ul>",
            [("list_item", 1, "a"), ("list_item", 2, "b"), ("list_item", 1, "c")],
        ),
        ("<p>text<sup><a href='#n1'>[1]</a></sup> goes on</p>", [("paragraph", 0, "text goes on")]),
        ("<p>H<sup>2</sup>O</p>", [("paragraph", 0, "H2O")]),
        ("<p><b>Short label</b></p><p>x</p>", [("heading", 2, "Short label"), ("paragraph", 0, "x")]),
        ("<p><b>A bold sentence.</b></p>", [("paragraph", 0, "A bold sentence.")]),
        ("<p>• one<br>• two</p>", [("list_item", 1, "one"), ("list_item", 1, "two")]),
        ("<pre>Text\non here.\n\nNew</pre>", [("paragraph", 0, "Text on here."), ("paragraph", 0, "New")]),
        ("</div></p></li>text</table>", [("paragraph", 0, "text")]),
        ("<![if x]>a<![endif]> <![CDATA[b]]> <![c", [("paragraph", 0, "a b <![c")]),
    ],
)  # fmt: skip
def test_blocks_of_html(html, blocks):
    assert seen(html) == blocks


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "<tr><th>Goal<th>Metric<tr><td>Read<td>80%<tr><td>Write<td>70%",
            ["Goal: Read | Metric: 80%", "Goal: Write | Metric: 70%"],
        ),
        ("<tr><td>Goal<td>Metric<tr><td>Read<td>80%", ["Goal | Metric", "Read | 80%"]),
        (
            "<tr><td><b>Goal</b><td><b>Metric</b><tr><td>Read<td>80%",
            ["Goal: Read | Metric: 80%"],
        ),
        ("<tr><th>Goal<th>Note<tr><td>Read<td>", ["Goal | Note", "Goal: Read"]),
        ("<tr><th>Goal<td>" + "word " * 20, ["Goal | " + " ".join(["word"] * 20)]),
        ("<tr><td colspan=2>Both<td>c<tr><td>1<td>2<td>3", ["Both | c", "1 | 2 | 3"]),
        ("<tr><td>only<tr><td>cells", ["only", "cells"]),
        ("<tr><td><h2>Laid out</h2><p>Text</p><td>side", ["Laid out", "Text", "side"]),
        ("<tr><td><ul><li>a<li>b</ul><td>c", ["a; b | c"]),
        ("<tr><td><table><tr><td>in<td>ner</table><td>out", ["in | ner", "out"]),
    ],
)
def test_tables_become_rows_that_can_be_read(table, rows):
    assert texts(f"<table>{table}</table>", page=False) == rows


def test_whole_paragraphs_in_a_cell_stay_paragraphs():
    prose = "Students compare what they saw and say what it means for them. " * 4
    found = seen(f"<table><tr><td>Day 1<td><p>{prose}</p><p>{prose}</p></table>")
    assert [(kind, text) for kind, _, text in found] == [
        ("table_row", "Day 1"),
        ("paragraph", prose.strip()),
        ("paragraph", prose.strip()),
    ]


BODY = "<p>" + "Students study the river and its banks. " * 5 + "</p>"


@pytest.mark.parametrize(
    "noise",
    [
        "<nav>NOISE</nav>",
        "<div role=navigation>NOISE</div>",
        "<header>NOISE</header>",
        "<footer>NOISE</footer>",
        "<aside>NOISE</aside>",
        "<form><label>NOISE</label></form>",
        "<script>NOISE</script>",
        "<style>NOISE</style>",
        "<noscript>NOISE</noscript>",
        "<svg><title>NOISE</title></svg>",
        "<div hidden>NOISE</div>",
        "<div aria-hidden=true>NOISE</div>",
        "<div style='display: none'>NOISE</div>",
        "<ul class='breadcrumb'><li><a href=/>NOISE</a></ul>",
        "<div class='share share-buttons'><a href=x>NOISE</a></div>",
        "<div class='cookie-banner'>NOISE uses cookies. Accept or manage preferences.</div>",
        "<!-- NOISE -->",
        "<!-- NOISE",
    ],
)
def test_menus_banners_and_forms_go(noise):
    found = " ".join(texts(f"<body>{BODY}{noise}"))
    assert "NOISE" not in found
    assert found.count("river") == 5


@pytest.mark.parametrize(
    "kept",
    [
        "<div class='menu'><p>KEPT The school lunch menu is the same for everyone.</p></div>",
        "<div class='social-studies'>KEPT</div>",
        "<div id='cookie-experiment'>KEPT We bake cookies and weigh them.</div>",
        "<article><header><h2>KEPT</h2></header></article>",
        "<details><summary>KEPT</summary></details>",
        "<section>KEPT</section>",
    ],
)
def test_what_only_looks_like_a_menu_stays(kept):
    assert "KEPT" in " ".join(texts(f"<body>{BODY}{kept}"))


@pytest.mark.parametrize(
    "wrapper",
    [
        "<form>{}</form>",
        "<div class='has-sidebar cookie-consent'>{}</div>",
        "<div style='display:none'>{}</div>",
    ],
)
def test_a_page_that_stands_whole_in_a_form_or_under_a_banners_name_stays(wrapper):
    assert " ".join(texts(wrapper.format(BODY))).count("river") == 5


def test_the_main_part_is_preferred_where_it_holds_most_of_the_text():
    page = f"<h1>The river</h1><div>Other news</div><main>{BODY}</main><div>Imprint</div>"
    assert texts(page)[0] == "The river"
    assert "news" not in " ".join(texts(page))
    assert "Other news" in texts(f"<div>Other news</div><main>Read on</main>{BODY}")


def test_the_title_is_the_first_heading_or_the_pages_own():
    assert html_blocks("<title>Page</title><h1>Head</h1>")[1] == "Head"
    assert html_blocks("<title>Page &amp; more</title><p>x</p>")[1] == "Page & more"
    assert html_blocks("<head><title>Unclosed</title><p>text")[0][0].text == "text"


words = st.lists(st.text("abcdefghijklmnopqrstuvwxyzäéß", min_size=1, max_size=9), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(paragraphs=st.lists(words, min_size=1, max_size=6), data=st.data())
def test_no_word_of_a_paragraph_is_lost(paragraphs, data):
    tags = [
        data.draw(st.sampled_from(["p", "div", "li", "td", "h3", "blockquote", "dd", "section"]))
        for _ in paragraphs
    ]
    html = "".join(f"<{tag}>{' '.join(found)}</{tag}>" for tag, found in zip(tags, paragraphs, strict=True))
    read = " ".join(texts(html, page=False)).replace(" | ", " ").split()
    assert read == [word for found in paragraphs for word in found]


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 200_000 + "deep text" + "</div>" * 200_000,
        "<ul><li>" * 100_000 + "deep text",
        "<table><tr><td>" * 50_000 + "deep text",
        "<nav>" * 50_000 + "</nav>" * 50_000 + "deep text",
        "<b>" * 200_000 + "deep text",
        "deep text" + "</p>" * 200_000,
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>deep text',
        "<p>deep text" + "<td>" * 50_000,
        "deep text" + "<a " * 50_000,
        "deep text" + '<a b="' * 50_000 + ">",
        "deep text" + "<![x" * 50_000 + ">",
    ],
    ids=[
        "divs",
        "lists",
        "tables",
        "menus",
        "bold",
        "closing",
        "entities",
        "cells",
        "unclosed",
        "quotes",
        "marked",
    ],
)
def test_hostile_nesting_is_read_in_seconds(hostile):
    start = time.perf_counter()
    assert "deep text" in " ".join(texts(hostile))
    assert time.perf_counter() - start < 10


def test_a_page_of_menus_alone_is_refused(tmp_path):
    page = tmp_path / "menu.html"
    page.write_text("<nav><a href=/>Home</a></nav>")
    with pytest.raises(UnreadableDocumentError, match="holds no words"):
        read_html(page)


@pytest.mark.parametrize(
    "data",
    [
        "<meta charset=iso-8859-2><p>Łódź</p>".encode("iso-8859-2"),
        "<p>Łódź</p>".encode(),
        "<p>Łódź</p>".encode("utf-16"),
    ],
)
def test_the_declared_encoding_counts(tmp_path, data):
    page = tmp_path / "page.html"
    page.write_bytes(data)
    assert read_html(page).blocks[0].text == "Łódź"
