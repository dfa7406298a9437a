"""Archives and Office files that mean harm."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

from tests.faults.whole import members, odt, whole, xlsx, zipped

LAUGHS = "<!DOCTYPE r [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
)
QUADRATIC = f"<!DOCTYPE r [<!ENTITY a '{'a' * 100_000}'>]>"
THIEF = "<!DOCTYPE r [<!ENTITY a11 SYSTEM 'file:///etc/passwd'>]>"


def with_member(suffix: str, name: str, change) -> bytes:
    """Change one part of a sound file."""
    parts = members(whole()[suffix])
    parts[name] = change(parts[name])
    return zipped(parts)


def entities(suffix: str, name: str, doctype: str, before: bytes) -> bytes:
    """Put entities into a part, and use one just after ``before``."""

    def change(part: bytes) -> bytes:
        end = part.index(b"?>") + 2
        use = b"&a;" * 20_000 if doctype == QUADRATIC else b"&a11;"
        rest = part[end:]
        place = rest.index(b">", rest.index(before)) + 1
        return part[:end] + doctype.encode() + rest[:place] + use + rest[place:]

    return with_member(suffix, name, change)


def zeros(size: int) -> bytes:
    """Give the deflated form of ``size`` zeros without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join(parts) + packer.flush()


def bomb(name: str, size: int, *, said: int | None = None) -> bytes:
    """One member that unpacks to ``size`` zeros; ``said`` is what the directory says of it."""
    data, encoded = zeros(size), name.encode()
    check = 0
    for _ in range(size >> 20):
        check = zlib.crc32(bytes(1 << 20), check)
    fields = (check, len(data), size if said is None else said)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, *fields, len(encoded), 0) + encoded + data
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, *fields, len(encoded), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) + len(encoded), len(local), 0)
    return local + entry + encoded + end


def nested(depth: int) -> bytes:
    data = b"The innermost text is never reached by anyone who counts."
    name = "a.txt"
    for level in range(depth):
        data, name = zipped({name: data}), f"level-{level}.zip"
    return data


def many(count: int, name: str = "{}.txt") -> bytes:
    return zipped({name.format(i): "words" for i in range(count)}, method=zipfile.ZIP_STORED)


def many_in_many(archives: int, files: int) -> bytes:
    """Archives, each with so many files that alone would be accepted."""
    inner = many(files)
    return zipped({f"{i}.zip": inner for i in range(archives)})


def with_huge_dictionary() -> bytes:
    """A member packed with LZMA that says its unpacker needs 4 GB of memory."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", b"words " * 1_000)
    data = bytearray(into.getvalue())
    properties = 30 + len("a.txt") + 4  # behind the local header, the name and the size of what follows
    data[properties + 1 : properties + 5] = b"\xff" * 4
    return bytes(data)


def escaping() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("../../escaped.txt", "/etc/escaped.txt", "C:\\escaped.txt", "a/../../escaped.txt"):
            archive.writestr(name, "words")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.txt", "The district pays for a second bus for pupils from the valley.")
    return data.getvalue()


def with_password() -> bytes:
    data = bytearray(zipped({"a.txt": "words"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def far_cell() -> bytes:
    """One cell in the last corner of a sheet: seventeen thousand million cells, if all were kept."""
    parts = members(xlsx())
    sheet = parts["xl/worksheets/sheet1.xml"]
    row = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", row)
    return zipped(parts)


def empty_rows(count: int) -> bytes:
    parts = members(xlsx())
    sheet = parts["xl/worksheets/sheet1.xml"]
    rows = b"".join(b'<row r="%d"/>' % i for i in range(10, 10 + count)) + b"</sheetData>"
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", rows)
    return zipped(parts)


def repeated_rows() -> bytes:
    many = 'office:value-type="string" table:number-columns-repeated="16384"'
    cell = f"<table:table-cell {many}><text:p>x</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="1000000000">{cell}</table:table-row>'
    return odt(f'<table:table table:name="a">{row}</table:table>', kind="spreadsheet")


def deep_docx(depth: int) -> bytes:
    opening, closing = b"<w:tbl><w:tr><w:tc>" * depth, b"</w:tc></w:tr></w:tbl>" * depth

    def change(part: bytes) -> bytes:
        return part.replace(b"<w:body>", b"<w:body>" + opening + b"<w:p/>" + closing, 1)

    return with_member(".docx", "word/document.xml", change)


def deep_pptx(depth: int) -> bytes:
    def change(part: bytes) -> bytes:
        group = b"<p:grpSp><p:nvGrpSpPr/><p:grpSpPr/>"
        return part.replace(b"</p:spTree>", group * depth + b"</p:grpSp>" * depth + b"</p:spTree>", 1)

    return with_member(".pptx", "ppt/slides/slide1.xml", change)


def large_docx(size: int) -> bytes:
    """A document as large as is accepted, packed just not too well: much to hold in memory."""

    def change(part: bytes) -> bytes:
        runs = b"".join(
            b"<w:p><w:r><w:t>bus %d %d</w:t></w:r></w:p>" % (i, i * 7919) for i in range(size // 50)
        )
        return part.replace(b"<w:body>", b"<w:body>" + runs, 1)

    return with_member(".docx", "word/document.xml", change)
