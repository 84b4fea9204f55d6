"""How an Excel sheet falls into printed pages: one page wide, or groups of columns; breaks where automatic ones would spoil a page;
forms drawn in so that each stays on its page.

Excel scales by itself when told "one page wide", but then takes no notice of breaks set by hand. So a sheet that needs breaks
gets a scale in per cent instead, a little on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from generator.model.table import SMALLEST_TYPE, LineKind, Merge, Table
from generator.render.heights import line_heights

LEAST_BOTTOM = 0.6  # inches below the table, for the page number
DEFAULT_HEIGHT = 15.0  # pt of a line whose height Excel chooses
SAFE = 0.98  # of the computed scale, where a column more on the page's edge would be one page more
SQUEEZE = 1.2  # how much too long a sheet may be to be drawn together onto a page less
MOST_OF_A_PAGE = 0.6  # a last page fuller than this is left as it is
FILLED = 0.93  # of several pages, what lines that do not break can fill
SMALLEST_FORM = 0.7  # scale of a form drawn together onto its page
LABEL = 20  # characters: a longer text is not a label, and is not said twice
ALONE = 3  # lines that a last page has at least


@dataclass(frozen=True, slots=True)
class SheetPages:
    """heights: of the lines, in pt; merges: the table's, cut where a page ends, so that their text stands on one page; tall: pages to
    fit the sheet to, 0 for as many as it takes; scale: per cent, instead of fitting; breaks: rows, across: columns before which a page
    begins."""

    heights: tuple[float | None, ...]
    merges: tuple[Merge, ...]
    tall: int = 0
    scale: int = 0
    breaks: tuple[int, ...] = ()
    across: tuple[int, ...] = ()


def sheet_pages(table: Table) -> SheetPages:
    """The print set-up of a table's sheet, and how high its lines are."""
    heights = tuple(line_heights(table))
    if table.form:
        return _form_pages(table, heights)
    lines = [h or DEFAULT_HEIGHT for h in heights]
    widths = [c.points for c in table.columns]
    if table.groups:
        labels = table.groups[0][0]
        scale = _scale(table, max(sum(widths[:labels]) + sum(widths[a:b]) for a, b in table.groups)) * SAFE
        return SheetPages(heights, table.merges, scale=_per_cent(scale), across=tuple(a for a, _ in table.groups[1:]))
    scale = _scale(table, sum(widths))
    starts = _page_starts(table, lines, scale)
    if len(starts) < 2:
        return SheetPages(heights, table.merges)
    foot = sum(line.kind is LineKind.FOOT for line in table.lines)
    alone = len(lines) - starts[-1] < ALONE + foot
    if alone:
        smaller = _drawn_together(table, lines, scale, len(starts) - 1)
        if smaller < scale and len(_page_starts(table, lines, smaller)) < len(starts):
            return SheetPages(heights, table.merges, tall=len(starts) - 1)
    if not alone and not any(_cut(table.merges, starts[1:])):
        return SheetPages(heights, table.merges)
    scale *= SAFE
    starts = _page_starts(table, lines, scale)
    if alone:
        starts[-1] = min(starts[-1], max(len(lines) - foot - ALONE, starts[-2] + 1))
    return SheetPages(heights, _cut_merges(table.merges, starts[1:]), scale=_per_cent(scale), breaks=tuple(starts[1:]))


def _form_pages(table: Table, heights: tuple[float | None, ...]) -> SheetPages:
    """Forms, each beginning a page: one too long for its page (or a little for several) has its lines lowered towards what their text needs,
    then all type shrinks."""
    lines, room = [h or DEFAULT_HEIGHT for h in heights], _room(table)
    scale = _scale(table, sum(c.points for c in table.columns)) * (SAFE if table.breaks else 1.0)
    too_long = [rows for rows in table.instances if sum(lines[r] for r in rows) * scale > room]
    if too_long:
        bare = replace(table, lines=tuple(replace(line, height=None) for line in table.lines))
        least = [min(own, needed or DEFAULT_HEIGHT) for own, needed in zip(lines, line_heights(bare), strict=True)]
        smallest = min(max(SMALLEST_TYPE / table.smallest_type, scale * SMALLEST_FORM), scale)
        drawn: list[tuple[range, float]] = []  # forms that can do with fewer pages, and the room they get
        natural = scale
        for rows in too_long:
            have, need = sum(lines[r] for r in rows) * natural, sum(least[r] for r in rows)
            pages = int(have / room)
            filled = room * pages * (SAFE if pages == 1 else FILLED)
            if need * smallest <= filled and (pages == 1 or have < room * (pages + MOST_OF_A_PAGE)):
                scale = min(scale, max(filled / need, smallest))
                drawn.append((rows, filled))
        for rows, filled in drawn:
            have, need = sum(lines[r] for r in rows), sum(least[r] for r in rows)
            if have * scale > filled:
                share = max((filled / scale - need) / (have - need), 0.0) if have > need else 0.0  # of what a line has beyond its text, what it keeps
                for r in rows:
                    lines[r] = least[r] + (lines[r] - least[r]) * share
    made = tuple(new if new < (old or DEFAULT_HEIGHT) else old for old, new in zip(heights, lines, strict=True))
    breaks: list[int] = []
    for rows in table.instances:
        starts = _page_starts(table, lines[rows.start : rows.stop], scale * SAFE if not table.breaks else scale, rows.start)
        breaks += [rows.start + start for start in starts if rows.start + start]
    if len(breaks) > len(table.breaks):
        return SheetPages(made, _cut_merges(table.merges, breaks), scale=_per_cent(scale if table.breaks else scale * SAFE), breaks=tuple(breaks))
    if table.breaks:
        return SheetPages(made, table.merges, scale=_per_cent(scale), breaks=table.breaks)
    return SheetPages(made, table.merges, tall=1)


def continued(table: Table, pages: SheetPages) -> Table:
    """The table as its sheet holds it: merged cells end with their page, and a label goes on with the next one, said again."""
    if pages.merges == table.merges:
        return table
    lines = [list(line.cells) for line in table.lines]
    for m in table.merges:
        first = table.cell(m.row, m.column)
        if first.shown is None and first.text and len(first.text) <= LABEL:
            for start in pages.breaks:
                if m.row < start < m.row + m.rows:
                    lines[start][m.column] = first
    return replace(table, merges=pages.merges, lines=tuple(replace(line, cells=tuple(cells)) for line, cells in zip(table.lines, lines, strict=True)))


def _cut(merges: Sequence[Merge], starts: Sequence[int]) -> Iterator[Merge]:
    """The merged cells in the midst of which a page begins."""
    return (m for m in merges if any(m.row < start < m.row + m.rows for start in starts))


def _cut_merges(merges: Sequence[Merge], starts: Sequence[int]) -> tuple[Merge, ...]:
    """The merged cells, each ending where its page ends and going on on the next."""
    made = []
    for m in merges:
        edges = [m.row, *(start for start in starts if m.row < start < m.row + m.rows), m.row + m.rows]
        made += [replace(m, row=a, rows=b - a) for a, b in pairwise(edges) if b - a > 1 or m.columns > 1]
    return tuple(made)


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


def _page_starts(table: Table, lines: Sequence[float], scale: float, first: int = 0) -> list[int]:
    """The rows with which pages begin when the table flows by itself; headings repeat on every page, a line that heads the next goes with it.

    lines: the heights of the table's lines from `first` on.
    """
    room, (_, bottom) = _room(table) / scale, table.heading_rows
    repeated = 0.0 if table.form else sum(lines[:bottom])
    starts, used = [0], 0.0
    for row, height in enumerate(lines):
        if used + height > room and row > starts[-1]:
            start = row
            while start - 1 > starts[-1] and table.heads(first + start - 1):
                start -= 1
            starts.append(start)
            used = (repeated if row >= bottom else 0.0) + sum(lines[start:row])
        used += height
    return starts


def _drawn_together(table: Table, lines: Sequence[float], scale: float, pages: int = 1) -> float:
    """A smaller scale that brings lines a little too long for `pages` pages onto them, never under 7 pt; else `scale`."""
    room = _room(table) * pages
    _, bottom = table.heading_rows
    needed = (sum(lines) + (pages - 1) * sum(lines[:bottom])) * scale
    if not room < needed <= room * SQUEEZE:
        return scale
    smaller = scale * room / needed * SAFE
    return smaller if table.smallest_type * smaller >= SMALLEST_TYPE else scale
