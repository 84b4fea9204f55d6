"""PDF pages as geometry: where each character stands and how large, and where the lines of tables run. In pt, from the top left."""

from __future__ import annotations

import ctypes
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader

THIN = 1.6  # a path no thicker than this is a line


@dataclass(frozen=True, slots=True)
class Char:
    """A character as printed: its box, the height of its base line, its size in pt."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    base: float
    size: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a table: across from `start` to `end` at `at`, or down."""

    across: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Printed:
    """One printed page."""

    number: int  # from 1
    width: float
    height: float
    chars: tuple[Char, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def text(self) -> str:
        """All its characters, without blanks, in the order they were drawn."""
        return "".join(c.text for c in self.chars)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(self.text)

    @cached_property
    def foot(self) -> tuple[Char, ...]:
        """The lowest line of the page, left to right."""
        lowest = max(c.base for c in self.chars)
        return tuple(sorted((c for c in self.chars if c.base > lowest - 3), key=lambda c: c.left))

    def cut(self) -> list[str]:
        """Characters that a line of a table runs through: text that does not fit its cell."""
        across = [r for r in self.rules if r.across]
        down = [r for r in self.rules if not r.across]
        found = []
        for c in self.chars:
            high, wide = (c.bottom - c.top) * 0.25, (c.right - c.left) * 0.25
            middle, centre = (c.left + c.right) / 2, (c.top + c.bottom) / 2
            if any(c.top + high < r.at < c.bottom - high and r.start < middle < r.end for r in across) or any(c.left + wide < r.at < c.right - wide and r.start < centre < r.end for r in down):
                found.append(c.text)
        return found


def printed_pages(pdf: bytes) -> list[Printed]:
    """The pages of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    return [_page(document[n], n + 1) for n in range(len(document))]


def _page(page: pypdfium2.PdfPage, number: int) -> Printed:
    width, height = page.get_size()
    text = page.get_textpage()
    chars = []
    for i in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, i)
        if code <= 32 or chr(code).isspace() or code in (0xFFFE, 0xFFFF):
            continue
        left, bottom, right, top = text.get_charbox(i)
        size = pdfium.FPDFText_GetFontSize(text, i)
        matrix = pdfium.FS_MATRIX()
        if pdfium.FPDFText_GetMatrix(text, i, ctypes.byref(matrix)):
            size *= max(abs(matrix.d), abs(matrix.b))
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(text, i, ctypes.byref(x), ctypes.byref(y))
        chars.append(Char(chr(code), left, height - top, right, height - bottom, height - y.value, size))
    rules = []
    for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=4):
        left, bottom, right, top = path.get_bounds()
        if top - bottom <= THIN < right - left:
            rules.append(Rule(True, height - (top + bottom) / 2, left, right))
        elif right - left <= THIN < top - bottom:
            rules.append(Rule(False, (left + right) / 2, height - top, height - bottom))
    return Printed(number, width, height, tuple(chars), tuple(rules))


def not_embedded(pdf: bytes) -> set[str]:
    """The names of fonts that are not in the file."""
    missing = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        fonts = page["/Resources"].get("/Font") or {}
        for font in (f.get_object() for f in fonts.values()):
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner.get("/FontDescriptor", {}).get_object() if "/FontDescriptor" in inner else {}
            if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                missing.add(str(inner["/BaseFont"]))
    return missing
