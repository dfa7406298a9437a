"""Give a cut-off PDF the ending it lost, so that the pages it still holds can be read.

A PDF's table of contents of objects stands at its end; pdfium can rebuild it, but not without
a trailer. The pages themselves are mostly plain objects: they are gathered under a new root.
Files that pack their objects in compressed streams (most of PDF 1.5 on) may stay unreadable.
"""

from __future__ import annotations

import re

_OBJECT = re.compile(rb"(?<!\d)(\d{1,7})\s+(\d{1,5})\s+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_ENCRYPTED = re.compile(rb"/Encrypt\b")


def with_new_ending(data: bytes) -> bytes | None:
    """Return the file with a page tree, a root and a trailer behind it; None where it holds no whole page."""
    if _ENCRYPTED.search(data):
        return None
    pages: dict[bytes, bytes] = {}
    highest = 0
    found = list(_OBJECT.finditer(data))
    for place, match in enumerate(found):
        highest = max(highest, int(match[1]))
        end = found[place + 1].start() if place + 1 < len(found) else len(data)
        body = data[match.end() : end]
        dictionary, whole, _ = body.partition(b"endobj")
        if whole and _PAGE.search(dictionary.partition(b"stream")[0]):
            pages[match[1]] = match[1] + b" " + match[2] + b" R"
    if not pages:
        return None
    tree, root = highest + 1, highest + 2
    kids = b" ".join(pages.values())
    return data + (
        b"\nendstream\nendobj\n%d 0 obj\n<< /Type /Pages /Kids [%b] /Count %d >>\nendobj\n"
        b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n"
        b"trailer\n<< /Root %d 0 R /Size %d >>\nstartxref\n0\n%%%%EOF\n"
        % (tree, kids, len(pages), root, tree, root, root + 1)
    )
