"""How high a line must be for its text to show whole; Excel does not grow merged or imported lines by itself."""

from __future__ import annotations

from generator.model.figures import written
from generator.model.table import CHARACTER, Cell, Style, Table
from generator.model.wrapping import wrapped

LINE = 1.32  # height of a line of 宋体, in font sizes
PITCH = 1.45  # from line to line in what stands in for 宋体 where it is missing; 宋体 has 1.3
INSET = 4.5  # pt that Excel keeps free left and right of a cell's text
PADDING = 4.0  # pt above and below the text
TALLEST = 405.0  # Excel's limit is 409.5 pt


def lines_needed(text: str, width: float, size: float) -> int:
    """Lines `text` takes in a column of `width` Excel characters in `size` pt.

    >>> lines_needed("机关事业单位基本养老保险缴费支出", 20, 10), lines_needed("依照上年度支出情况，以及", 17.5, 10)
    (2, 2)
    """
    return wrapped(text, max((width * CHARACTER - INSET) * 2 / size, 2.0))


def line_heights(table: Table) -> list[float | None]:
    """A height in pt for every line: the layout's own, raised where wrapped text needs more; None leaves Excel's default."""
    heights: list[float | None] = [line.height for line in table.lines]
    spans = {(m.row, m.column): m for m in table.merges}
    covered, widths = table.covered, [column.width for column in table.columns]
    touched = {r for m in table.merges for r in range(m.row, m.row + m.rows)}
    tall: list[tuple[int, int, float]] = []
    for r, line in enumerate(table.lines):
        need = 0.0
        chosen, merged = line.height, r in touched  # chosen by the layout, for one line of text
        for c, cell in enumerate(line.cells):
            text = cell.text
            if not text and (chosen or cell.shown is None):
                continue  # nothing there, or a figure, which takes one line
            if merged and (r, c) in covered:
                continue
            span, style = spans.get((r, c)) if merged else None, table.styles[cell.style]
            width = sum(widths[c : c + span.columns]) if span else widths[c]
            if chosen and text and not style.vertical and "\n" not in text and (not style.wrap or len(text) * style.size < width * CHARACTER - INSET):
                continue  # one line surely, however wide its characters
            height = cell_height(cell, style, width)
            if heights[r] and height <= one_line(style.size):
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
    if cell.shown is not None and not style.vertical:
        return one_line(style.size)  # a figure never wraps
    text = cell.text if cell.text is not None else written(cell.shown, style.number_format) if cell.shown is not None else ""
    if style.vertical:
        return len(text) * style.size * 1.15 + PADDING
    lines = lines_needed(text, width, style.size) if style.wrap else text.count("\n") + 1
    return (LINE + (lines - 1) * PITCH) * style.size + PADDING


def one_line(size: float) -> float:
    """Height of a single line of `size` pt."""
    return size * LINE + PADDING
