"""How high a line must be for its text to show whole; Excel does not grow merged or imported lines by itself."""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

from generator.model.figures import written
from generator.model.table import Cell, Style, Table

LINE = 1.32  # line pitch of Chinese fonts, in font sizes
PADDING = 4.0  # pt above and below the text
TALLEST = 405.0  # Excel's limit is 409.5 pt


@lru_cache(maxsize=8192)
def text_width(text: str) -> float:
    """Width in half-width characters: a Chinese character is two.

    >>> text_width("预算01表")
    8
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def lines_needed(text: str, width: float, size: float) -> int:
    """Lines `text` takes in a column of `width` Excel characters (measured at 11 pt) in `size` pt."""
    room = max((width - 0.8) * 11 / size, 2.0)
    return sum(max(1, math.ceil(text_width(part) / room)) for part in text.split("\n"))


def line_heights(table: Table) -> list[float | None]:
    """A height in pt for every line: the layout's own, raised where wrapped text needs more; None leaves Excel's default."""
    heights: list[float | None] = [line.height for line in table.lines]
    spans = {(m.row, m.column): m for m in table.merges}
    covered = {(r, c) for m in table.merges for r in range(m.row, m.row + m.rows) for c in range(m.column, m.column + m.columns)} - set(spans)
    tall: list[tuple[int, int, float]] = []
    for r, line in enumerate(table.lines):
        need = 0.0
        for c, cell in enumerate(line.cells):
            if (r, c) in covered or (cell.text is None and (cell.shown is None or line.height)):
                continue  # nothing there, or a figure: one line, for which the layout's height was chosen
            span = spans.get((r, c))
            width = sum(col.width for col in table.columns[c : c + (span.columns if span else 1)])
            height = cell_height(cell, table.styles[cell.style], width)
            if heights[r] and height <= one_line(table.styles[cell.style].size):
                continue  # the layout's own height was chosen for one line
            if span and span.rows > 1:
                tall.append((r, span.rows, height))
            else:
                need = max(need, height)
        own = heights[r]
        if need and (own is None or need > own):
            heights[r] = min(need, TALLEST)
    for first, count, height in tall:  # a cell over several lines: what is missing is shared by all of them
        have = sum(heights[r] or 15.0 for r in range(first, first + count))
        if height > have:
            for r in range(first, first + count):
                heights[r] = min((heights[r] or 15.0) + (height - have) / count, TALLEST)
    return heights


def cell_height(cell: Cell, style: Style, width: float) -> float:
    """Height of one cell's text in pt."""
    text = cell.text if cell.text is not None else written(cell.shown, style.number_format) if cell.shown is not None else ""
    if style.vertical:
        return len(text) * style.size * 1.15 + PADDING
    lines = lines_needed(text, width, style.size) if style.wrap and cell.shown is None else text.count("\n") + 1
    return lines * style.size * LINE + PADDING


def one_line(size: float) -> float:
    """Height of a single line of `size` pt."""
    return size * LINE + PADDING
