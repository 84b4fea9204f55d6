"""How an Excel sheet falls into printed pages: one page wide, or groups of columns; breaks where automatic ones would spoil a page.

Excel scales by itself when told "one page wide", but then takes no notice of breaks set by hand. So a sheet that needs breaks
gets a scale in per cent instead, a little on the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.table import SMALLEST_TYPE, LineKind, Table

LEAST_BOTTOM = 0.6  # inches below the table, for the page number
DEFAULT_HEIGHT = 15.0  # pt of a line whose height Excel chooses
SAFE = 0.98  # of the computed scale, where a column more on the page's edge would be one page more
SQUEEZE = 1.2  # how much too long a sheet may be to be drawn together onto a page less
ALONE = 3  # lines that a last page has at least


@dataclass(frozen=True, slots=True)
class SheetPages:
    """tall: pages to fit the sheet to, 0 for as many as it takes; scale: per cent, instead of fitting; breaks: rows, across: columns before which a page begins."""

    tall: int = 0
    scale: int = 0
    breaks: tuple[int, ...] = ()
    across: tuple[int, ...] = ()


def sheet_pages(table: Table, heights: Sequence[float | None]) -> SheetPages:
    """The print set-up of a table's sheet. heights: of its lines, in pt."""
    lines = [h or DEFAULT_HEIGHT for h in heights]
    widths = [c.points for c in table.columns]
    if table.groups:
        labels = table.groups[0][0]
        scale = _scale(table, max(sum(widths[:labels]) + sum(widths[a:b]) for a, b in table.groups)) * SAFE
        return SheetPages(scale=_per_cent(scale), across=tuple(a for a, _ in table.groups[1:]))
    scale = _scale(table, sum(widths))
    if table.breaks:
        scale *= SAFE
        for rows in table.instances:
            scale = _drawn_together(table, lines[rows.start : rows.stop], scale)
        return SheetPages(scale=_per_cent(scale), breaks=table.breaks)
    starts = _page_starts(table, lines, scale)
    if len(starts) < 2 or len(lines) - starts[-1] >= ALONE + len([i for i in range(starts[-1], len(lines)) if table.lines[i].kind is LineKind.FOOT]):
        return SheetPages()
    pages = len(starts) - 1
    smaller = _drawn_together(table, lines, scale, pages)
    if smaller < scale and len(_page_starts(table, lines, smaller)) <= pages:
        return SheetPages(tall=pages)
    foot = sum(line.kind is LineKind.FOOT for line in table.lines)
    start = max(len(lines) - foot - ALONE, starts[-2] + 1)
    return SheetPages(scale=_per_cent(scale * SAFE), breaks=(start,)) if not _within_merge(table, start) else SheetPages()


def _scale(table: Table, width: float) -> float:
    """The scale Excel prints with to bring `width` onto the page."""
    left, right, _, _ = table.page.margins
    room = table.page.size[0] - (left + right) * 72
    return min(1.0, room / width) if width else 1.0


def _per_cent(scale: float) -> int:
    return max(min(int(scale * 100), 100), 10)


def _room(table: Table) -> float:
    """Height of the page between its margins, in pt."""
    _, _, top, bottom = table.page.margins
    return table.page.size[1] - (top + max(bottom, LEAST_BOTTOM)) * 72


def _page_starts(table: Table, lines: Sequence[float], scale: float) -> list[int]:
    """The rows with which pages begin when the table flows by itself; headings repeat on every page."""
    room, (_, bottom) = _room(table) / scale, table.heading_rows
    repeated = 0.0 if table.form else sum(lines[:bottom])
    starts, used = [0], 0.0
    for row, height in enumerate(lines):
        if used + height > room and row > starts[-1]:
            starts.append(row)
            used = repeated if row >= bottom else 0.0
        used += height
    return starts


def _drawn_together(table: Table, lines: Sequence[float], scale: float, pages: int = 1) -> float:
    """A smaller scale that brings lines a little too long for `pages` pages onto them, never under 7 pt; else `scale`."""
    room = _room(table) * pages
    _, bottom = table.heading_rows
    needed = (sum(lines) + (pages - 1) * (0.0 if table.form else sum(lines[:bottom]))) * scale
    if not room < needed <= room * SQUEEZE:
        return scale
    smaller = scale * room / needed * SAFE
    return smaller if _smallest(table) * smaller >= SMALLEST_TYPE else scale


def _smallest(table: Table) -> float:
    return min((table.styles[c.style].size for line in table.lines for c in line.cells if not c.blank), default=SMALLEST_TYPE)


def _within_merge(table: Table, row: int) -> bool:
    """Whether a break before the row would cut a merged cell."""
    return any(m.row < row < m.row + m.rows for m in table.merges)
