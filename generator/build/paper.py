"""How a table comes onto paper, decided once for Excel, Word and PDF.

Columns are made wide enough for their figures (no ####). When type would print under 7 pt, the table takes larger paper than its
layout asks for: A4 landscape, A3 landscape. Where A3 will not do, figure columns give away the room they do not need; and where
that will not do either, the columns print in groups one after another, each with the label columns and the title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from generator.model.figures import written
from generator.model.table import CHARACTER, SMALLEST_TYPE, Cell, Column, Line, LineKind, Merge, Page, Table

DIGIT = 0.55  # width of a digit in font sizes; 宋体 has 0.5, what stands in for it up to this
PIXEL = 0.75  # pt, Excel's step of column widths
PADDING = 4.5  # pt beside a figure
LONGEST_CODE = 12  # half-width characters; what is longer is a text and may break
HEADING = 3  # Chinese characters a narrowed column keeps room for
MOST_LABELS = 0.5  # of the page's width for label columns repeated with every group
INSIDE = 0.06  # of the page's width that a cut between two headings may cost to spare one within a heading


def on_paper(table: Table) -> Table:
    """The table with columns, paper and groups of columns that print whole and readable. Its lines stay where they are."""
    table = _wide_enough(table)
    if _fits(table.columns, table.page, min((style.size for style in table.styles), default=SMALLEST_TYPE)):
        return table  # nearly every table: no need to look which of its styles print
    smallest = min((table.styles[cell.style].size for line in table.lines for cell in line.cells if not cell.blank), default=SMALLEST_TYPE)
    for page in _papers(table.page):
        if _fits(table.columns, page, smallest):
            return replace(table, page=page)
    if (columns := _narrowed(table, page, smallest)) is not None:
        return replace(table, page=page, columns=columns)
    return _grouped(table, page, smallest)


def _papers(page: Page) -> list[Page]:
    """What to print on, the layout's own page first. Never empty."""
    larger = [Page("A4", True, page.margins), Page("A3", True, page.margins)]
    return [page, *(p for p in larger if p.room > page.room)]


def _least(smallest: float) -> float:
    """How far a table may shrink whose smallest type is `smallest` pt. What the layout itself has under 7 pt is the officer's wish."""
    return min(SMALLEST_TYPE, smallest) / smallest


def _fits(columns: Sequence[Column], page: Page, smallest: float) -> bool:
    return page.room >= sum(c.points for c in columns) * _least(smallest) - 0.5


# --- widths -----------------------------------------------------------------------------------------------------------


def _needed(table: Table) -> dict[int, float]:
    """Per column the width in pt that its longest figure or code needs; columns without any left out.

    Chinese text wraps, so it needs no width of its own.
    """
    merged = {(m.row, c) for m in table.merges for c in range(m.column, m.column + m.columns) if m.columns > 1}
    figures = [c for c, column in enumerate(table.columns) if column.figure]
    codes = [c for c, column in enumerate(table.columns) if not column.figure]
    largest: dict[int, tuple[Decimal, Cell]] = {}
    needed: dict[int, float] = {}
    for row, line in enumerate(table.lines):
        if line.kind is not LineKind.BODY:
            continue
        for c in figures:
            cell = line.cells[c]
            if cell.shown and (row, c) not in merged:
                size = cell.shown if cell.shown > 0 else -10 * cell.shown  # a minus sign is one digit more
                if c not in largest or size > largest[c][0]:
                    largest[c] = (size, cell)
        for c in codes:
            text = line.cells[c].text
            if text and len(text) <= LONGEST_CODE and text.isascii() and (row, c) not in merged:
                needed[c] = max(needed.get(c, 0.0), _width(len(text), table.styles[line.cells[c].style].size))
    for c, (_, cell) in largest.items():
        style = table.styles[cell.style]
        needed[c] = _width(len(written(cell.shown, style.number_format)) if cell.shown is not None else 0, style.size)
    return needed


def _width(characters: int, size: float) -> float:
    return characters * size * DIGIT + PADDING


def _wide_enough(table: Table) -> Table:
    """The table with every column as wide as its longest figure or code."""
    wanting = {c: width for c, width in _needed(table).items() if width > table.columns[c].points}
    if not wanting:
        return table
    return replace(table, columns=tuple(replace(column, width=_characters(wanting[c])) if c in wanting else column for c, column in enumerate(table.columns)))


def _characters(points: float) -> float:
    """A width in Excel characters that is not under `points`.

    >>> _characters(52.5), _characters(53)
    (10.0, 10.1)
    """
    return -(-points // (CHARACTER / 10)) / 10


def _narrowed(table: Table, page: Page, smallest: float) -> tuple[Column, ...] | None:
    """The columns with figure columns narrowed so that the table just fits; None when it cannot."""
    needed = _needed(table)
    least = HEADING * smallest + PADDING
    widths = [column.points for column in table.columns]
    mean = [min(width, max(needed.get(c, 0.0), least)) if column.figure else width for c, (column, width) in enumerate(zip(table.columns, widths, strict=True))]
    room = page.room / _least(smallest)
    if table.form or sum(mean) > room or sum(widths) <= sum(mean):
        return None
    share = (room - sum(mean)) / (sum(widths) - sum(mean))  # of what a column has beyond its need, what it keeps
    narrowed = (int((low + (high - low) * share) / PIXEL) * PIXEL / CHARACTER for low, high in zip(mean, widths, strict=True))
    return tuple(replace(column, width=round(width, 3)) if low < high else column for column, width, low, high in zip(table.columns, narrowed, mean, widths, strict=True))


# --- groups of columns ------------------------------------------------------------------------------------------------


def _grouped(table: Table, page: Page, smallest: float) -> Table:
    """The table in groups of columns, each fitting the page with the label columns; as it is when a form or it has no columns to part."""
    room = page.room / _least(smallest)
    widths = [column.points for column in table.columns]
    labels = next((c for c, column in enumerate(table.columns) if column.figure), 0)
    while labels and sum(widths[:labels]) > room * MOST_LABELS:
        labels -= 1
    ends = _cuts(widths, labels, room - sum(widths[:labels]), [column.path[:1] for column in table.columns])
    if table.form or len(ends) < 2:
        return replace(table, page=page)
    starts = [labels, *ends[:-1]]
    parted = replace(table, page=page, groups=tuple(zip(starts, ends, strict=True)))
    return _mended(parted)


def _cuts(widths: Sequence[float], first: int, room: float, heads: Sequence[tuple[str, ...]]) -> list[int]:
    """The ends of the fewest groups of columns from `first` on that fit `room`, about equally wide, cut between headings rather than within.

    >>> _cuts([10, 10, 10, 10, 10], 1, 25, [(), (), (), (), ()])
    [3, 5]
    """
    count = len(widths)
    fewest: dict[int, tuple[int, float, list[int]]] = {count: (0, 0.0, [])}  # from a column on: groups, badness, their ends
    for start in range(count - 1, first - 1, -1):
        width = 0.0
        best: tuple[int, float, list[int]] | None = None
        for end in range(start + 1, count + 1):
            width += widths[end - 1]
            if width > room and end > start + 1:
                break
            groups, bad, ends = fewest[end]
            inside = end < count and bool(heads[end]) and heads[end] == heads[end - 1]
            made = (groups + 1, bad + (width / room) ** 2 + (INSIDE if inside else 0.0), [end, *ends])
            if best is None or made[:2] < best[:2]:
                best = made
        assert best is not None  # a group always holds its first column
        fewest[start] = best
    return fewest[first][2]


def _mended(table: Table) -> Table:
    """The parted table with no cell lying across a border of groups: merges are cut there, titles, headings and the amount unit said in each."""
    labels = table.groups[0][0]
    pieces = [(0, labels), *table.groups] if labels else list(table.groups)
    grid = [list(line.cells) for line in table.lines]
    merges: list[Merge] = []
    for m in table.merges:
        own = [(max(a, m.column), min(b, m.column + m.columns)) for a, b in pieces if a < m.column + m.columns and m.column < b]
        merges += [Merge(m.row, a, m.rows, b - a) for a, b in own if m.rows > 1 or b - a > 1]
        if len(own) > 1:
            cell = grid[m.row][m.column]
            grid[m.row][m.column] = Cell(style=cell.style)
            for a, _ in _said(table, m, own):
                grid[m.row][a] = cell
    taken = {(r, c) for m in merges for r in range(m.row, m.row + m.rows) for c in range(m.column, m.column + m.columns)}
    for row, line in enumerate(table.lines):
        if line.kind is LineKind.LEAD:
            merges += _repeated_right(table, row, grid[row], merges, taken)
    lines = tuple(Line(line.kind, tuple(cells), line.level, line.height, line.key) for line, cells in zip(table.lines, grid, strict=True))
    return replace(table, lines=lines, merges=tuple(merges))


def _said(table: Table, merge: Merge, pieces: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """In which of the pieces a cut merge says its text: a heading or title in every group, anything else once.

    The label columns print again with every group, so that a title begun in them would stand there cut short.
    """
    labels = table.groups[0][0]
    of_groups = [piece for piece in pieces if piece[0] >= labels] or pieces
    kind = table.lines[merge.row].kind
    if kind in (LineKind.HEADING, LineKind.NUMBERS) or (kind is LineKind.LEAD and merge.columns * 2 > len(table.columns)):
        return of_groups
    return pieces[:1] if kind is LineKind.LEAD else of_groups[:1]


def _repeated_right(table: Table, row: int, cells: list[Cell], merges: Sequence[Merge], taken: set[tuple[int, int]]) -> list[Merge]:
    """The amount unit, which stands above the last columns, said above the last columns of every group. Fills `cells`; new merges."""
    first, end = table.groups[-1]
    made: list[Merge] = []
    spans = {m.column: m.columns for m in merges if m.row == row and m.rows == 1}
    for c in range(first, end):
        covered = any(m.row <= row < m.row + m.rows and m.column < c < m.column + m.columns for m in merges)
        if cells[c].blank or covered or any(cells[g].text == cells[c].text for a, b in table.groups[:-1] for g in range(a, b)):
            continue
        span = spans.get(c, 1)
        for start, stop in table.groups[:-1]:
            at = stop - (end - c)
            if at >= start and not any((row, k) in taken for k in range(at, at + span)) and all(cells[k].blank for k in range(at, at + span)):
                cells[at] = cells[c]
                if span > 1:
                    made.append(Merge(row, at, 1, span))
    return made
