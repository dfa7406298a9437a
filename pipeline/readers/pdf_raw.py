"""What pdfium knows of each character of a page, asked for all of them at once.

pdfium answers one question about one character a call. Its Python bindings check and convert every
argument of every call, which takes longer than the answer: here the arguments are plain numbers, the answers go
straight into an array, and the loop over the characters runs in C.
"""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

_BOLD = re.compile(r"bold|black|heavy|demi(?!ni)", re.IGNORECASE)
_ITALIC = re.compile(r"italic|oblique", re.IGNORECASE)
_BOLD_WEIGHT = 700
_DEGREES = 57.29578


@dataclass(slots=True)
class Style:
    """The type of a text object: its size in points, its weight and slant, and its angle in degrees.

    ``x`` and ``y`` are where its first character stands on its baseline, in PDF coordinates.
    """

    size: float
    bold: bool
    italic: bool
    angle: float
    x: float
    y: float


def _plain(function: Any, answer: Any, *arguments: Any) -> Any:
    """Give a function of pdfium's that takes addresses as numbers."""
    return ctypes.PYFUNCTYPE(answer, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_PAGE, _INDEX, _ADDRESS = ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
_code = _plain(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, _PAGE, _INDEX)
_object = _plain(pdfium_c.FPDFText_GetTextObject, ctypes.c_void_p, _PAGE, _INDEX)
_loose_box = _plain(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, _PAGE, _INDEX, _ADDRESS)
_origin = _plain(pdfium_c.FPDFText_GetCharOrigin, ctypes.c_int, _PAGE, _INDEX, _ADDRESS, _ADDRESS)
_angle = _plain(pdfium_c.FPDFText_GetCharAngle, ctypes.c_float, _PAGE, _INDEX)
_size = _plain(pdfium_c.FPDFText_GetFontSize, ctypes.c_double, _PAGE, _INDEX)
_matrix = _plain(pdfium_c.FPDFText_GetMatrix, ctypes.c_int, _PAGE, _INDEX, _ADDRESS)
_font = _plain(pdfium_c.FPDFTextObj_GetFont, ctypes.c_void_p, ctypes.c_void_p)
_generated = _plain(pdfium_c.FPDFText_IsGenerated, ctypes.c_int, _PAGE, _INDEX)


_drawn = _plain(pdfium_c.FPDFPage_GetObject, ctypes.c_void_p, ctypes.c_void_p, _INDEX)
_kind = _plain(pdfium_c.FPDFPageObj_GetType, ctypes.c_int, ctypes.c_void_p)


class Characters:
    """The characters of one page's text, as long as its text page is open.

    ``codes`` are pdfium's code points; ``boxes`` is an array of left, top, right and bottom in PDF coordinates;
    ``numbers`` gives each character's place in ``styles``, which has one entry a text object.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._page = page = ctypes.cast(raw, ctypes.c_void_p).value or 0
        count = max(pdfium_c.FPDFText_CountChars(raw), 0)
        self.codes: list[int] = list(map(_code, repeat(page), range(count)))
        self.boxes = _gather(_loose_box, page, range(count), ctypes.c_float, 4)  # FS_RECTF
        # None stands for characters without an object, such as the spaces that pdfium makes up.
        objects: list[int | None] = list(map(_object, repeat(page), range(count)))
        starts = [
            at
            for at, (one, other) in enumerate(zip(objects, [None, *objects], strict=False))
            if one is None or one != other
        ]
        self.numbers: list[int] = _numbers(starts, count)
        self._place = (ctypes.c_double * 2)()
        self._fonts: dict[int | None, tuple[bool, bool]] = {None: (False, False)}
        self.styles = self._styles(starts, [objects[at] for at in starts])

    def is_generated(self, index: int) -> bool:
        """Say whether pdfium made a character up: a space or line break between two text objects."""
        return bool(_generated(self._page, index))

    def origin(self, index: int) -> tuple[float, float]:
        """Return where a character stands on its baseline, in PDF coordinates."""
        start = ctypes.addressof(self._place)
        _origin(self._page, index, start, start + 8)
        return self._place[0], self._place[1]

    def _styles(self, starts: list[int], objects: list[int | None]) -> list[Style]:
        """Read the type at characters; its size is the set size times the text matrix's scale."""
        page = self._page
        matrices = _gather(_matrix, page, starts, ctypes.c_float, 6)
        a, b, c, d, _, _ = matrices.T
        scales = np.abs(a * d - b * c) ** 0.5
        scales[scales == 0] = 1.0
        sizes = np.maximum(np.array(list(map(_size, repeat(page), starts)), float) * scales, 1.0)
        angles = np.array(list(map(_angle, repeat(page), starts)), float) * _DEGREES
        places = np.zeros((len(starts), 2))
        first = places.ctypes.data
        xs, ys = (range(first + at, first + at + 16 * len(starts), 16) for at in (0, 8))
        deque(map(_origin, repeat(page), starts, xs, ys), maxlen=0)
        styles = []
        for at, holder, size, angle, (x, y) in zip(
            starts, objects, sizes.tolist(), angles.tolist(), places.tolist(), strict=True
        ):
            font = _font(holder) if holder else None
            if font not in self._fonts:
                self._fonts[font] = self._look(at)
            styles.append(Style(size, *self._fonts[font], angle, x, y))
        return styles

    def _look(self, index: int) -> tuple[bool, bool]:
        """Say whether a character's font is bold and whether it is italic."""
        name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        pdfium_c.FPDFText_GetFontInfo(self._raw, index, name, 128, flags)
        font = name.value.decode("utf-8", "replace")
        # The weight is a guess of pdfium's (550 for a regular Times): it counts where the name says nothing.
        heavy = pdfium_c.FPDFText_GetFontWeight(self._raw, index) >= _BOLD_WEIGHT
        return bool(_BOLD.search(font)) or heavy, bool(_ITALIC.search(font))


def drawings(page: Any) -> Iterator[tuple[Any, int]]:
    """Yield the objects of a page that are no text, as pdfium takes them, with their kinds."""
    count = max(pdfium_c.FPDFPage_CountObjects(page), 0)
    holder = ctypes.cast(page, ctypes.c_void_p).value or 0
    for index, kind in enumerate(map(_kind, map(_drawn, repeat(holder), range(count)))):
        if kind != pdfium_c.FPDF_PAGEOBJ_TEXT:
            yield pdfium_c.FPDFPage_GetObject(page, index), kind


def _gather(function: Any, page: int, indices: Sequence[int], kind: Any, columns: int) -> NDArray[np.float64]:
    """Let pdfium fill in one row of numbers a character; rows it does not fill in stay 0."""
    rows = np.zeros((len(indices), columns), kind)
    start, step = rows.ctypes.data, columns * ctypes.sizeof(kind)
    deque(map(function, repeat(page), indices, range(start, start + step * len(indices), step)), maxlen=0)
    return rows.astype(np.float64)


def _numbers(starts: Sequence[int], count: int) -> list[int]:
    """Number the characters by the last start at or before each."""
    marks = np.zeros(count, int)
    marks[list(starts)] = 1
    return list((np.cumsum(marks) - 1).tolist())
