"""PDF files that mean harm, written by hand."""

from __future__ import annotations

import io
import zlib

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.faults.whole import PROSE

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
WORDS = f"BT /F 11 Tf 40 700 Td ({PROSE[0]}) Tj ET"


def pdf(objects: dict[int, str | bytes], *, trailer: str = "") -> bytes:
    """Put numbered objects into a file with its table of places; object 1 is the root."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = {}
    for number, body in objects.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n" % number + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n")
    table = out.tell()
    out.write(b"xref\n")
    for number, place in places.items():
        out.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    size = max(places) + 1
    out.write(f"trailer\n<< /Root 1 0 R /Size {size} {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def stream(data: bytes, extra: str = "") -> bytes:
    return f"<< /Length {len(data)} {extra} >>\nstream\n".encode() + data + b"\nendstream"


def packed(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, f"/Filter [{'/FlateDecode ' * times}]")


def page(content: bytes, **changes: str | bytes) -> bytes:
    objects: dict[int, str | bytes] = {1: CATALOG, 2: ONE_PAGE, 3: PAGE, 4: content, 5: FONT}
    objects.update({int(name[1:]): body for name, body in changes.items()})
    return pdf(objects)


def plain(**changes: str | bytes) -> bytes:
    return page(stream(WORDS.encode()), **changes)


def locked() -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data, encrypt=StandardEncryption("secret"))
    canvas.drawString(40, 700, PROSE[0])
    canvas.save()
    return data.getvalue()


def pages(count: int) -> bytes:
    """An honest file: every page has a line of its own."""
    objects: dict[int, str | bytes] = {1: CATALOG, 5: FONT}
    numbers = range(10, 10 + 2 * count, 2)
    kids = " ".join(f"{n} 0 R" for n in numbers)
    objects[2] = f"<< /Type /Pages /Kids [{kids}] /Count {count} >>"
    for n in numbers:
        objects[n] = PAGE.replace("4 0 R", f"{n + 1} 0 R")
        objects[n + 1] = stream(WORDS.replace("bus", f"bus number {n}").encode())
    return pdf(objects)


def deep_tree(depth: int) -> bytes:
    objects: dict[int, str | bytes] = {1: CATALOG, 4: stream(WORDS.encode()), 5: FONT}
    objects[2] = "<< /Type /Pages /Kids [10 0 R] /Count 1 >>"
    for n in range(10, 10 + depth):
        objects[n] = f"<< /Type /Pages /Parent {n - 1} 0 R /Kids [{n + 1} 0 R] /Count 1 >>"
    objects[10 + depth] = PAGE
    return pdf(objects)


def forms(levels: int, each: int, *, loop: bool) -> bytes:
    """Forms that draw forms: a loop, or ``each`` to the power of ``levels`` times one line."""
    objects: dict[int, str | bytes] = {1: CATALOG, 2: ONE_PAGE, 5: FONT}
    resources = "/Resources << /Font << /F 5 0 R >> /XObject << /X {} 0 R >> >>"
    objects[3] = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R {resources.format(10)} >>"
    )
    objects[4] = stream(b"/X Do")
    for n in range(10, 10 + levels):
        last = n == 9 + levels
        following = 10 if loop and last else n + 1
        content = WORDS if last and not loop else "/X Do " * each
        extra = f"/Type /XObject /Subtype /Form /BBox [0 0 612 792] {resources.format(following)}"
        objects[n] = stream(content.encode(), extra)
    objects[10 + levels] = stream(WORDS.encode(), "/Type /XObject /Subtype /Form /BBox [0 0 612 792]")
    return pdf(objects)


def object_stream_in_itself() -> bytes:
    inside = b"3 0 4 100 " + PAGE.encode()
    holder = stream(inside, "/Type /ObjStm /N 2 /First 10 /Extends 6 0 R")
    table = b"".join(
        bytes([kind]) + a.to_bytes(4, "big") + bytes([b])
        for kind, a, b in [
            (0, 0, 0),
            (2, 6, 0),
            (2, 6, 1),
            (2, 6, 2),
            (2, 6, 3),
            (2, 6, 4),
            (2, 6, 5),
            (1, 400, 0),
        ]
    )
    body = b"%PDF-1.7\n6 0 obj\n" + holder + b"\nendobj\n"
    place = len(body)
    body += b"7 0 obj\n" + stream(table, "/Type /XRef /Size 8 /W [1 4 1] /Root 1 0 R") + b"\nendobj\n"
    return body + f"startxref\n{place}\n%%EOF\n".encode()


def table_loop() -> bytes:
    data = plain()
    place = data.index(b"xref\n")
    return data.replace(b"/Size 6", f"/Size 6 /Prev {place}".encode())
