"""The boxes of the notes, in VML, the language Excel keeps them in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from generator.model.wrapping import text_width

VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout></xml>'
)
_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape {spaces}id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;margin-top:2pt;width:{width}pt;height:{height}pt;z-index:{z};visibility:hidden"'
    ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SPACES = {"v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office", "x": "urn:schemas-microsoft-com:office:excel"}
SHAPE = re.compile(rb"<v:shape\s(?:(?!</v:shape>).)*</v:shape>", re.DOTALL)
_CHARACTERS = 46  # half-width characters on a line of a note, at 9 pt


def note_of(shape: bytes) -> tuple[int, int] | None:
    """0-based (row, column) of the cell whose note the shape is."""
    row, column = re.search(rb"<x:Row>\s*(\d+)\s*</x:Row>", shape), re.search(rb"<x:Column>\s*(\d+)\s*</x:Column>", shape)
    return (int(row[1]), int(column[1])) if row and column and b'ObjectType="Note"' in shape else None


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one width (in Excel characters), first to last."""

    first: int
    last: int
    width: float
    hidden: bool


@dataclass(slots=True)
class Boxes:
    """Where the box of a note stands: it is held by the cells under it, so their sizes must be known."""

    columns: list[Columns]
    heights: dict[int, float]
    width: float
    height: float
    _next: int = field(default=0)

    def drawn(self, shapes: bytes, new: dict[tuple[int, int], str], grown: dict[tuple[int, int], str], number: int) -> bytes:
        """The drawing with a box for every new note, and larger boxes for those that have more to say."""
        made = [] if b'"_x0000_t202"' in re.sub(rb'type="#?_x0000_t202"', b"", shapes) else [_TYPE]
        spaces = "".join(f'xmlns:{k}="{v}" ' for k, v in _SPACES.items() if f"xmlns:{k}=".encode() not in shapes)
        used = max((int(n) for n in re.findall(rb"_x0000_s(\d{1,9})", shapes)), default=0)
        self._next = max(used, 1024 * number) + 1
        for z, ((row, column), note) in enumerate(new.items(), 1):
            wide, high = _size(note)
            made.append(_BOX.format(spaces=spaces, id=self._next, width=wide * 0.75, height=high * 0.75, z=z, anchor=self.anchor(row, column, wide, high), row=row - 1, column=column - 1))
            self._next += 1
        if grown:
            places = {(row - 1, column - 1): self.anchor(row, column, *_size(text)).encode() for (row, column), text in grown.items()}

            def resized(shape: re.Match[bytes]) -> bytes:
                anchor = places.get(note_of(shape[0]) or (-1, -1))
                return shape[0] if anchor is None else re.sub(rb"(<x:Anchor>)[^<]*(</x:Anchor>)", lambda a: a[1] + anchor + a[2], shape[0])

            shapes = SHAPE.sub(resized, shapes)
        head, close, tail = shapes.rpartition(b"</xml>")
        return head + "".join(made).encode() + close + tail

    def anchor(self, row: int, column: int, wide: int, high: int) -> str:
        """Excel's eight numbers: cell and offset in pixels of the left, top, right and bottom edge. The box stands right of the cell."""
        left, top = column, max(row - 2, 0)  # 0-based: the column right of the cell, the line above it
        right, x = self._walk(left, 12 + wide, self._column)
        bottom, y = self._walk(top, 6 + high, self._row)
        return f"{left}, 12, {top}, 6, {right}, {x}, {bottom}, {y}"

    @staticmethod
    def _walk(start: int, distance: int, size: Callable[[int], int]) -> tuple[int, int]:
        at = start
        while at < start + 400 and distance >= (step := size(at + 1)):
            distance -= step
            at += 1
        return at, max(int(distance), 0)

    def _column(self, number: int) -> int:
        found = next((c for c in self.columns if c.first <= number <= c.last), None)
        if found is not None and found.hidden:
            return 0
        return max(int((found.width if found else self.width) * 7 + 0.5), 1)

    def _row(self, number: int) -> int:
        return int(self.heights.get(number, self.height) * 4 / 3 + 0.5)


def _size(note: str) -> tuple[int, int]:
    """Width and height in pixels in which the note shows whole."""
    wide = _CHARACTERS if text_width(note) < 600 else _CHARACTERS * 2
    lines = sum(max(1, math.ceil(text_width(part) / wide)) for part in note.split("\n"))
    return int(wide * 6.4) + 16, min(lines * 17 + 16, 640)
