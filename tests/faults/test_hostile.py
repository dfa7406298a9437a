"""A folder of files that mean harm: every one ends in a document or by name, and the good ones are as ever."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.contained import ReadingWorkers
from pipeline.find import find_files
from pipeline.limits import Limits
from pipeline.read import FileRead, ReadOptions
from pipeline.records import Document, Skipped, as_path
from tests.conftest import ROOT
from tests.faults.hostile import HEAVY, make
from tests.faults.test_contained import named, put
from tests.faults.whole import SAMPLES, epub, members, odt, whole, zipped

LIMITS = Limits()


def read(folder: Path, unpacked: Path, limits: Limits = LIMITS) -> tuple[list[FileRead], list[Skipped]]:
    unpacked.mkdir()
    found, skipped = find_files([folder], unpacked)
    with ReadingWorkers(limits=limits) as crew:
        return list(crew.read((item, ReadOptions()) for item in found)), skipped


@pytest.fixture(scope="session")
def hostile(tmp_path_factory) -> tuple[Path, set[str]]:
    folder = tmp_path_factory.mktemp("hostile") / "in"
    return folder, make(folder)


@pytest.fixture(scope="session")
def together(hostile, tmp_path_factory) -> tuple[list[FileRead], list[Skipped]]:
    """Good files among the bad, on both sides of them in the alphabet."""
    folder, _ = hostile
    shutil.copytree(SAMPLES, folder / "!good")
    shutil.copytree(SAMPLES, folder / "z good")
    return read(folder, tmp_path_factory.mktemp("zip") / "a")


def test_there_are_many(hostile):
    assert len(hostile[1]) >= 140


def test_every_one_ends_in_a_document_or_by_name(hostile, together):
    folder, names = hostile
    reads, skipped = together
    shown = {as_path(name): name for name in names}
    ended: dict[str, list[Document | Skipped]] = {}
    for result in (*skipped, *(result for read in reads for result in read.results)):
        rest = result.path.removeprefix(f"{as_path(folder)}/")
        row = rest.rpartition("#")[0]
        name = shown.get(rest) or shown.get(row) or shown.get(rest.partition(".zip/")[0] + ".zip") or rest
        ended.setdefault(name, []).append(result)
    assert names <= ended.keys()
    for results in ended.values():
        for result in results:
            if isinstance(result, Skipped):
                assert result.found
                assert result.remedy
                assert len(result.found) < 2000
                assert "report this" not in result.remedy, result
            else:
                assert result.text.strip()
                assert all(result.text[b.start : b.end].strip() for b in result.blocks)


def test_the_good_ones_are_what_they_are_alone(hostile, together, tmp_path):
    folder, _ = hostile
    shutil.copytree(SAMPLES, tmp_path / "in" / "!good")
    alone, _ = read(tmp_path / "in", tmp_path / "zip")
    expected = [(r.digest, [known(x, tmp_path / "in/!good") for x in r.results]) for r in alone]
    assert sum(isinstance(x, Document) for r in alone for x in r.results) >= 20
    for place in ("!good", "z good"):
        there = [r for r in together[0] if r.found.path.is_relative_to(folder / place)]
        assert [(r.digest, [known(x, folder / place) for x in r.results]) for r in there] == expected


def known(result: Document | Skipped, folder: Path) -> tuple[object, ...]:
    """Everything of a result but the folder it lies in."""
    path = result.path.removeprefix(as_path(folder))
    if isinstance(result, Skipped):
        return path, result.found, result.remedy
    return path, *(
        getattr(result, f) for f in ("id", "text", "blocks", "title", "kind", "warnings", "metadata")
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("locked.pdf", "password"),
        ("locked.docx", "password"),
        ("with a password.zip/a.txt", "password"),
        ("laughs.odt", "not a sound"),
        ("laughs.docx", "not a sound"),
        ("forms draw forms.pdf", "longer than|ran out of memory"),  # whichever comes first
        ("forty million rows.parquet", "memory"),
        ("far cell.xlsx", "memory"),
        ("ratio.zip", "unpacks to"),
        ("size is a lie.zip/a.txt", "damaged"),
        ("count.zip", "more than 10,000"),
        ("long list.zip", "more than 10,000 files"),
        ("nested.zip/level-2.zip/level-1.zip", "inside 2 others"),
        ("leads out.zip/../../escaped.txt", "leads out"),
        ("leads out.zip/link.txt", "a link"),
        ("deep.docx", "not a sound Word"),
        ("program.pdf", "a program"),
        ("empty.odt", "empty"),
        ("pipe.txt", "not an ordinary file"),
        ("device.txt", "not an ordinary file"),
        ("socket.txt", "not an ordinary file"),
        ("link out.txt", "leads out"),
        ("link to zeros.txt", "leads out"),
        ("link in a circle.txt", "leads out"),
        ("cut to a half.pptx", "damaged"),
    ],
)
def test_what_is_said_of_each(hostile, together, name, said):
    reads, skipped = together
    every = [*skipped, *(result for read in reads for result in read.results)]
    (result,) = [r for r in every if r.path == f"{as_path(hostile[0])}/{name}"]
    assert re.search(said, result.found if isinstance(result, Skipped) else "")


@pytest.mark.parametrize(
    "name",
    ["5000 pages.pdf", "two encodings.txt", "NULs.txt", "a\nnew line.txt", "🌱👩‍🔬.txt", "=cmd|calc!A0.txt",
     "old \ufffd\ufffd name.txt", "deep.html", "leads out.zip/good.txt"],
)  # fmt: skip
def test_what_is_only_odd_is_read(hostile, together, name):
    (found,) = [r for read in together[0] for r in read.results if r.path == f"{as_path(hostile[0])}/{name}"]
    assert isinstance(found, Document), found
    if name == "5000 pages.pdf":
        assert found.text.count("bus number") == 5_000


def test_no_file_of_the_computer_comes_into_a_document(together):
    texts = [r.text for read in together[0] for r in read.results if isinstance(r, Document)]
    assert texts
    assert not any("root:" in text for text in texts)


def test_no_reader_fetches_anything(tmp_path):
    asked = []

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/x"
        files = calling_home(url)
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        found, _ = find_files([tmp_path], tmp_path)
        from pipeline.read import read_file  # in this process, where nothing but the readers themselves holds

        reads = [read_file(item, ReadOptions()) for item in found]
        server.shutdown()
    assert len(reads) == len(files)
    assert sum(isinstance(r.results[0], Document) for r in reads) >= 6
    assert asked == []


def calling_home(url: str) -> dict[str, bytes]:
    page = f"""<html><head><link rel=stylesheet href={url}><script src={url}></script><base href={url}>
        <meta http-equiv=refresh content="0;url={url}"></head><body><img src={url}><iframe src={url}></iframe>
        <object data={url}></object>{whole()[".html"].decode()}</body></html>"""
    doctype = f'<!DOCTYPE html SYSTEM "{url}">'
    parts = members(whole()[".docx"])
    links = parts["word/_rels/document.xml.rels"]
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts["word/_rels/document.xml.rels"] = links.replace(
        b"</Relationships>",
        "".join(
            f'<Relationship Id="far{what}" Type="{kind}/{what}" Target="{url}" TargetMode="External"/>'
            for what in ("image", "attachedTemplate", "oleObject", "frame")
        ).encode()
        + b"</Relationships>",
    )
    picture = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:blipFill><a:blip xmlns:r="{kind}" r:link="farimage" r:embed="farimage"/></pic:blipFill></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    ).encode()
    document = parts["word/document.xml"]
    return {
        "a.html": page.encode(),
        "a.md": page.encode() + f"\n\n![x]({url})\n".encode() + whole()[".md"],
        "a.docx": zipped({**parts, "word/document.xml": document.replace(b"</w:body>", picture + b"</w:body>")}),
        "template.docx": zipped(parts),
        "a.odt": odt(doctype=f'<!DOCTYPE x SYSTEM "{url}" [<!ENTITY % e SYSTEM "{url}">%e;]>'),
        "a.epub": epub(f"{doctype}<html><body><img src='{url}'/>{whole()['.txt'].decode()}</body></html>"),
        "outer.epub": epub(doctype=f'<!DOCTYPE x SYSTEM "{url}">'),
        "a.rtf": whole()[".rtf"].replace(b"\\ansi", rb'\ansi{\field{\*\fldinst INCLUDETEXT "%b"}}' % url.encode()),
    }  # fmt: skip


def test_a_file_that_turns_into_a_pipe_is_given_up(tmp_path):
    found = put(tmp_path, "good 1", "turned", "good 2")
    (tmp_path / "turned.txt").unlink()
    os.mkfifo(tmp_path / "turned.txt")
    with ReadingWorkers(limits=Limits(seconds=1.0)) as crew:
        first, turned, last = crew.read((item, ReadOptions()) for item in found)
    assert "longer than" in named(turned)
    assert isinstance(first.results[0], Document)
    assert isinstance(last.results[0], Document)


LOCKED = """
import sys
from pathlib import Path
from pipeline.contained import ReadingWorkers
from pipeline.find import Found, find_files
from pipeline.read import ReadOptions
folder = Path(sys.argv[1])
found, skipped = find_files([folder], folder)
with ReadingWorkers() as crew:
    late = Found(folder / "locked.txt", "locked.txt", ".txt")
    reads = list(crew.read((item, ReadOptions()) for item in [*found, late]))
results = [*skipped, *(result for read in reads for result in read.results)]
for result in results:
    print(Path(result.path).name, getattr(result, "found", "read"), sep=": ")
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no way to be someone who may not read the file")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    put(tmp_path, "good", "locked")
    (tmp_path / "locked.txt").chmod(0)
    (tmp_path / "shut").mkdir(mode=0)
    words = ["unshare", "-U", sys.executable, "-c", LOCKED, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)  # noqa: S603 - our own words
    if "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert done.stdout.splitlines() == [
        "locked.txt: it cannot be opened (Permission denied)",
        "shut: the folder cannot be opened (Permission denied)",
        "good.txt: read",
        "locked.txt: it cannot be opened (Permission denied)",
    ], done.stderr


@pytest.mark.slow
def test_heavy_files_end_within_their_limits(tmp_path):
    for name, content in HEAVY.items():
        (tmp_path / name).write_bytes(content())
    (honest, large), _ = read(tmp_path, tmp_path / "zip", Limits())
    assert isinstance(honest.results[0], Document)
    assert "memory" in named(large)
