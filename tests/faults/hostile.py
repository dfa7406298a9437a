"""Make files that mean harm, or look as if: python -m tests.faults.hostile FOLDER."""

from __future__ import annotations

import json
import os
import random
import socket
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow
import pyarrow.parquet

from tests.faults import hostile_pdf as pdfs
from tests.faults import hostile_zip as zips
from tests.faults.whole import PROSE, epub, odt, rtf, whole

MEGA = 1 << 20
NOISE = random.Random(5).randbytes(200_000)  # noqa: S311 - the same every time
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
DOCX, PPTX, XLSX = "word/document.xml", "ppt/slides/slide1.xml", "xl/worksheets/sheet1.xml"
TEXT = "\n\n".join(PROSE)


def _big_parquet(path: Path) -> None:
    """Forty million rows in a few kilobytes."""
    column = pyarrow.DictionaryArray.from_arrays(
        pyarrow.nulls(40_000_000, pyarrow.int32()).fill_null(0), pyarrow.array([TEXT])
    )
    pyarrow.parquet.write_table(pyarrow.table({"text": column}), path, compression="zstd")


CONTENTS: Mapping[str, Callable[[], bytes]] = {
    # PDF
    "locked.pdf": pdfs.locked,
    "page tree loops.pdf": lambda: pdfs.plain(_2="<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
    "page is its own parent.pdf": lambda: pdfs.plain(_3=pdfs.PAGE.replace("2 0 R", "3 0 R")),
    "page tree is deep.pdf": lambda: pdfs.deep_tree(10_000),
    "says two thousand million pages.pdf": lambda: pdfs.plain(_2=pdfs.ONE_PAGE.replace("Count 1", "Count 2147483647")),
    "says less than no pages.pdf": lambda: pdfs.plain(_2=pdfs.ONE_PAGE.replace("Count 1", "Count -5")),
    "outline loops.pdf": lambda: pdfs.plain(
        _1="<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>",
        _6="<< /First 7 0 R /Last 7 0 R /Count 1 >>",
        _7="<< /Title (x) /Parent 6 0 R /Next 7 0 R /First 6 0 R >>",
    ),
    "object stream in itself.pdf": pdfs.object_stream_in_itself,
    "table of places loops.pdf": pdfs.table_loop,
    "form draws itself.pdf": lambda: pdfs.forms(3, 2, loop=True),
    "forms draw forms.pdf": lambda: pdfs.forms(9, 10, loop=False),
    "page as large as a country.pdf": lambda: pdfs.plain(_3=pdfs.PAGE.replace("612 792", "1e12 1e12")),
    "page without size.pdf": lambda: pdfs.plain(_3=pdfs.PAGE.replace("612 792", "0 0")),
    "page turned inside out.pdf": lambda: pdfs.plain(_3=pdfs.PAGE.replace("0 0 612 792", "612 792 0 0")),
    "page box of words.pdf": lambda: pdfs.plain(_3=pdfs.PAGE.replace("[0 0 612 792]", "(here)")),
    "letters a mile high.pdf": lambda: pdfs.page(pdfs.stream(pdfs.WORDS.replace("11 Tf", "1e30 Tf").encode())),
    "letters not numbers.pdf": lambda: pdfs.page(pdfs.stream(pdfs.WORDS.replace("40 700", "9e999 -9e999").encode())),
    "stream bomb.pdf": lambda: pdfs.page(pdfs.packed(bytes(300 * MEGA))),
    "stream bomb in a bomb.pdf": lambda: pdfs.page(pdfs.packed(bytes(300 * MEGA), 2)),
    "a million words in one place.pdf": lambda: pdfs.page(pdfs.packed(pdfs.WORDS.encode() * 10_000)),
    "a million open brackets.pdf": lambda: pdfs.page(pdfs.packed(b"[" * 10 * MEGA)),
    "noise after its head.pdf": lambda: b"%PDF-1.7\n" + NOISE,
    "5000 pages.pdf": lambda: pdfs.pages(5_000),
    # Archives
    "ratio.zip": lambda: zips.bomb("a.txt", 300 * MEGA),
    "size is a lie.zip": lambda: zips.bomb("a.txt", 300 * MEGA, said=100),
    "count.zip": lambda: zips.many(10_500),
    "long list.zip": lambda: zips.many(12_000, "a long name/" * 27 + "{}.txt"),
    "nested.zip": lambda: zips.nested(4),
    "leads out.zip": zips.escaping,
    "with a password.zip": zips.with_password,
    "asks for gigabytes.zip": zips.with_huge_dictionary,
    "archives in an archive.zip": lambda: zips.many_in_many(30, 1_000),
    "bomb for a name.odt": lambda: zips.bomb("mimetype", 300 * MEGA),
    # Office
    "locked.docx": lambda: OLE,
    "laughs.docx": lambda: zips.entities(".docx", DOCX, zips.LAUGHS, b"<w:t"),
    "laughs.pptx": lambda: zips.entities(".pptx", PPTX, zips.LAUGHS, b"<a:t>"),
    "laughs.xlsx": lambda: zips.entities(".xlsx", "xl/sharedStrings.xml", zips.LAUGHS, b"<t>"),
    "laughs.odt": lambda: odt("<text:p>&a11;</text:p>", doctype=zips.LAUGHS),
    "laughs.epub": lambda: epub(doctype=zips.LAUGHS, spine='<itemref idref="c"/>&a11;'),
    "laughs in a chapter.epub": lambda: epub(f"{zips.LAUGHS}<html><body><p>{TEXT}&a11;</p></body></html>"),
    "one long entity.odt": lambda: odt(f"<text:p>{'&a;' * 20_000}</text:p>", doctype=zips.QUADRATIC),
    "one long entity.docx": lambda: zips.entities(".docx", DOCX, zips.QUADRATIC, b"<w:t"),
    "thief.docx": lambda: zips.entities(".docx", DOCX, zips.THIEF, b"<w:t"),
    "thief.pptx": lambda: zips.entities(".pptx", PPTX, zips.THIEF, b"<a:t>"),
    "thief.odt": lambda: odt(f"<text:p>{TEXT} &a11;</text:p>", doctype=zips.THIEF),
    "thief.epub": lambda: epub(doctype=zips.THIEF, spine='<itemref idref="c"/>&a11;'),
    "deep.docx": lambda: zips.deep_docx(10_000),
    "deep.pptx": lambda: zips.deep_pptx(10_000),
    "deep.odt": lambda: odt("<text:list><text:list-item>" * 10_000 + "</text:list-item></text:list>" * 10_000),
    "chapter a thousand times.epub": lambda: epub(spine='<itemref idref="c"/>' * 100_000),
    # Tables
    "far cell.xlsx": zips.far_cell,
    "a million empty rows.xlsx": lambda: zips.empty_rows(1_000_000),
    "a million million cells.ods": zips.repeated_rows,
    "one cell of 50 MB.csv": lambda: b'title,text\nx,"' + TEXT.encode() * (50 * MEGA // len(TEXT)) + b'"\n',
    "a quote that never ends.csv": lambda: b"title,text\n" + b'x,"words and words\n' * 2_000,
    "a million columns.csv": lambda: b",".join(b"c%d" % i for i in range(1_000_000)) + b"\n" + b"x," * 1_000_000,
    "deep.jsonl": lambda: json.dumps({"text": TEXT}).encode() + b'\n{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "long number.jsonl": lambda: b'{"text": ' + b"9" * 100_000 + b"}\n",
    "noise.parquet": lambda: b"PAR1" + NOISE + b"PAR1",
    "says it is long.parquet": lambda: b"PAR1" + NOISE + b"\xff\xff\xff\x7fPAR1",
    # Texts
    "deep.html": lambda: b"<div>" * 10_000 + TEXT.encode(),
    "deep lists.html": lambda: b"<ul><li>" * 10_000 + TEXT.encode(),
    "deep tables.html": lambda: b"<table><tr><td>" * 10_000 + TEXT.encode(),
    "a cell over everything.html": lambda: (
        f"<html><table><tr><td colspan=1000000000 rowspan=1000000000>{TEXT}</td></tr></table>".encode()
    ),
    "a tag that never ends.html": lambda: b"<html><p>" + TEXT.encode() + b"<a " + b'b="' * 500_000,
    "deep.rtf": lambda: rtf("{" * 10_000 + TEXT + "}" * 10_000),
    "long numbers.rtf": lambda: rtf("\\u99999999999999999999 \\bin999999999 " + TEXT),
    "deep quotes.md": lambda: b">" * 10_000 + b" " + TEXT.encode(),
    "deep brackets.md": lambda: b"[" * 20_000 + TEXT.encode() + b"]" * 20_000,
    "stars.md": lambda: b"*a_ " * 20_000,
    "front matter laughs.md": lambda: (
        "---\na0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}x]\n" for i in range(1, 12)) + f"---\n{TEXT}"
    ).encode(),
    "NULs.txt": lambda: TEXT.encode() + bytes(2) + TEXT.encode(),
    "nothing but NULs.txt": lambda: bytes(MEGA),
    "two encodings.txt": lambda: (TEXT + " café – naïve").encode() + (TEXT + " café – naïve").encode("cp1252"),
    "half characters.rtf": lambda: rtf(TEXT + " \\u-10179? " + TEXT),
    "half a title.md": lambda: b'---\ntitle: "half \\ud83d of it"\n---\n\n' + TEXT.encode(),
    "half characters.html": lambda: b'<meta charset="unicode_escape"><p>half \\ud83d ' + TEXT.encode(),
    "half characters.txt": lambda: b"\xff\xfe" + TEXT.encode("utf-16-le") + b"\x3d\xd8" * 50 + b"x",
    "one line of 5 MB.txt": lambda: b"a" * 5 * MEGA,
    "lines of nothing.txt": lambda: b" \t\n" * 2_000_000 + TEXT.encode(),
    "dots.txt": lambda: b". . . . . . . . . . 1\n" * 50_000 + TEXT.encode(),
    "turned around.txt": lambda: ("\u202e" * 1000 + TEXT + "\u200b" * 100_000).encode(),
    # Names
    "a\nnew line.txt": TEXT.encode,
    "🌱👩‍🔬.txt": TEXT.encode,
    "=cmd|calc!A0.txt": TEXT.encode,
    "<script>alert(1)<_script>.txt": TEXT.encode,
    f"{'long' * 62}.txt": TEXT.encode,
    # What they are not
    **{f"program{suffix}": lambda: b"\x7fELF" + NOISE for suffix in (".pdf", ".docx", ".txt")},
    **{f"noise{suffix}": lambda: NOISE for suffix in (".pdf", ".docx", ".txt", ".html", ".rtf", ".csv", ".xlsx")},
    **{f"empty{suffix}": bytes for suffix in whole()},
}  # fmt: skip
# These take a minute each.
HEAVY: Mapping[str, Callable[[], bytes]] = {
    "50 MB.html": lambda: (
        b"<html><body>" + f"<p>{PROSE[0]}</p>".encode() * (50 * MEGA // 105) + b"</body></html>"
    ),
    "large.docx": lambda: zips.large_docx(60 * MEGA),
}
ENDLESS: Mapping[str, Callable[[Path], None]] = {
    "link in a circle.txt": lambda path: path.symlink_to(path.name),
    "link out.txt": lambda path: path.symlink_to("/etc/passwd"),
    "link to zeros.txt": lambda path: path.symlink_to("/dev/zero"),
    "pipe.txt": os.mkfifo,
    "device.txt": lambda path: _device(path),
    "socket.txt": lambda path: _socket(path),
    "forty million rows.parquet": _big_parquet,
}


def _socket(path: Path) -> None:
    """Leave the place of a socket behind; its name may not be long, so it is made from within the folder."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _device(path: Path) -> None:
    """Make a device that gives zeros without end, or where that is for the administrator, a pipe."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(path)


def make(folder: Path) -> set[str]:
    """Write every hostile file but the heavy ones into ``folder`` and give their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = set()
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content())
        names.add(name)
    for suffix, data in whole().items():
        for share in (2, 10):
            name = f"cut to a {'half' if share == 2 else 'tenth'}{suffix}"
            (folder / name).write_bytes(data[: max(len(data) // share, 8)])
            names.add(name)
    for name, put in ENDLESS.items():
        put(folder / name)
        names.add(name)
    undecodable = os.fsdecode(b"old \xff\xe9 name.txt")
    (folder / undecodable).write_text(TEXT)
    return names | {undecodable}


if __name__ == "__main__":
    print(len(make(Path(sys.argv[1]))))  # noqa: T201 - a command
