"""An EMF: a picture of lines, boxes and text that Word, WPS and LibreOffice show sharp at any size.

Written by hand because it is small: a page of records in struct, while a plotting library costs half a second of import,
170 MB on disk, and a PNG in whatever Chinese font that machine has (DECISIONS). Text stays text: shown in the reader's own
font, found by a search, read back by the proof (audit/charts.py). [MS-EMF]; the record numbers are the specification's.

Lengths are in 0.01 mm, which is also the unit inside the file: bounds, frame and device agree, so no program needs to scale.
"""

from __future__ import annotations

import struct

from generator.model.wrapping import text_width

PER_POINT = 2540 / 72  # 0.01 mm
BLACK, WHITE = 0x000000, 0xFFFFFF
LEFT, RIGHT, CENTRE = 0x00, 0x02, 0x06
BASELINE = 0x18
GB2312 = 134  # charset: a program without the font looks for another Chinese one
HEADER, END, TEXT = 1, 14, 84
STEPS = {"%": 0.8, ".": 0.35}  # font sizes: half a size in 宋体, but no such width in what stands in for it; fits both


class Picture:
    """Draw, then `data()`. Colours are 0xBBGGRR."""

    def __init__(self, width: int, height: int, title: str = "") -> None:
        self.width, self.height, self.title = width, height, title
        self._records: list[bytes] = []
        self._handles = 0
        self._fonts: dict[tuple[str, float, bool], int] = {}
        self._brushes: dict[int, int] = {}
        self._pens: dict[tuple[int, int], int] = {}
        self._record(18, struct.pack("<I", 1))  # background of text: transparent

    def box(self, left: int, top: int, right: int, bottom: int, fill: int, line: int = BLACK, thick: int = 15) -> None:
        """A rectangle, filled."""
        self._select(self._brush(fill))
        self._select(self._pen(line, thick))
        self._record(43, struct.pack("<4i", left, top, right, bottom))

    def hatched(self, left: int, top: int, right: int, bottom: int, step: int = 120) -> None:
        """A white rectangle under slanting lines; drawn line by line, for programs scale GDI's own hatches as they like."""
        self.box(left, top, right, bottom, WHITE)
        high, wide = bottom - top, right - left
        for start in range(step, wide + high, step):
            x1, y1 = (left + start, bottom) if start <= wide else (right, bottom - (start - wide))
            x2, y2 = (left, bottom - start) if start <= high else (left + start - high, top)
            self.line(x1, y1, x2, y2, thick=12)

    def line(self, x1: int, y1: int, x2: int, y2: int, colour: int = BLACK, thick: int = 15) -> None:
        self._select(self._pen(colour, thick))
        self._record(27, struct.pack("<2i", x1, y1))
        self._record(54, struct.pack("<2i", x2, y2))

    def text(self, x: int, y: int, words: str, font: str, size: float, align: int = LEFT, bold: bool = False) -> None:
        """Words on the base line `y`. size in pt."""
        self._select(self._font(font, size, bold))
        self._record(22, struct.pack("<I", align | BASELINE))
        encoded = words.encode("utf-16-le")
        count = len(encoded) // 2
        encoded += bytes(-len(encoded) % 4)
        em = size * PER_POINT
        steps = [step for c in words for step in (round(STEPS.get(c, text_width(c) / 2) * em), *([0] if ord(c) > 0xFFFF else []))]
        at = 76  # of the string in the record
        bounds = struct.pack("<4i", 0, 0, self.width, self.height)
        body = struct.pack("<Iff", 1, 1.0, 1.0) + struct.pack("<2iIII", x, y, count, at, 0) + struct.pack("<4i", 0, 0, 0, 0) + struct.pack("<I", at + len(encoded))
        self._record(TEXT, bounds + body + encoded + struct.pack(f"<{count}i", *steps))

    def data(self) -> bytes:
        """The file."""
        end = struct.pack("<5I", END, 20, 0, 16, 20)
        words = f"yusuan\0{self.title}\0\0".encode("utf-16-le")
        words += bytes(-len(words) % 4)
        size = 108 + len(words)
        body = b"".join(self._records) + end
        box = (0, 0, self.width, self.height)
        header = struct.pack("<II", HEADER, size) + struct.pack("<4i", *box) + struct.pack("<4i", *box)
        header += struct.pack("<4sIIIHHIII", b" EMF", 0x10000, size + len(body), len(self._records) + 2, self._handles + 1, 0, len(words) // 2, 108, 0)
        header += struct.pack("<2I2I", 32000, 24000, 320, 240) + struct.pack("<3I", 0, 0, 0) + struct.pack("<2I", 320000, 240000)
        return header + words + body

    def _record(self, kind: int, body: bytes) -> None:
        self._records.append(struct.pack("<II", kind, 8 + len(body)) + body)

    def _select(self, handle: int) -> None:
        self._record(37, struct.pack("<I", handle))

    def _made(self, kind: int, body: bytes) -> int:
        self._handles += 1
        self._record(kind, struct.pack("<I", self._handles) + body)
        return self._handles

    def _brush(self, colour: int) -> int:
        if colour not in self._brushes:
            self._brushes[colour] = self._made(39, struct.pack("<III", 0, colour, 0))
        return self._brushes[colour]

    def _pen(self, colour: int, thick: int) -> int:
        if (colour, thick) not in self._pens:
            self._pens[colour, thick] = self._made(38, struct.pack("<IiiI", 0, thick, 0, colour))
        return self._pens[colour, thick]

    def _font(self, font: str, size: float, bold: bool) -> int:
        if (font, size, bold) not in self._fonts:
            name = font.encode("utf-16-le")[:62].ljust(64, b"\0")
            logical = struct.pack("<5i8B", -round(size * PER_POINT), 0, 0, 0, 700 if bold else 400, 0, 0, 0, GB2312, 0, 0, 0, 0) + name
            self._fonts[font, size, bold] = self._made(82, logical + bytes(228))  # no full name, style or PANOSE
        return self._fonts[font, size, bold]
