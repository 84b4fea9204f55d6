"""How wide a table's columns should be: wide enough for their figures (no ####), narrower where that spares larger paper, and names
of 60 characters given the room that others do not need, so that a page holds more than a few lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from msgspec import structs

from generator.model.figures import written
from generator.model.table import CHARACTER, Cell, Column, LineKind, Table
from generator.model.wrapping import text_width

DIGIT = 0.55  # width of a digit in font sizes; 宋体 has 0.5, what stands in for it up to this
PIXEL = 0.75  # pt, Excel's step of column widths
PADDING = 4.5  # pt beside a text or figure
LONGEST_CODE = 12  # half-width characters; what is longer is a text and may break
HEADING = 3  # Chinese characters a narrowed column keeps room for
MANY = 8  # lines of a table that are too tall, before widths are weighed again
MOST_LINES = 4  # of one cell's text; more is too tall
EVERY_BUT = 20  # one name in so many may be longer than what a column is made for


def needed(table: Table) -> dict[int, float]:
    """Per column the width in pt that its longest figure or code needs; columns without any left out.

    Chinese text wraps, so it needs no width of its own.
    """
    merged = {(m.row, c) for m in table.merges if m.columns > 1 and table.lines[m.row].kind is LineKind.BODY for c in range(m.column, m.column + m.columns)}
    figures = [c for c, column in enumerate(table.columns) if column.figure]
    codes = [c for c, column in enumerate(table.columns) if not column.figure]
    largest: dict[int, tuple[Decimal, Cell]] = {}
    widths: dict[int, float] = {}
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
                widths[c] = max(widths.get(c, 0.0), _width(len(text), table.styles[line.cells[c].style].size))
    for c, (_, cell) in largest.items():
        style = table.styles[cell.style]
        widths[c] = _width(len(written(cell.shown, style.number_format)) if cell.shown is not None else 0, style.size)
    return widths


def _width(characters: int, size: float) -> float:
    return characters * size * DIGIT + PADDING


def wide_enough(table: Table) -> Table:
    """The table with every column as wide as its longest figure or code."""
    wanting = {c: width for c, width in needed(table).items() if width > table.columns[c].points}
    if not wanting:
        return table
    return with_widths(table, {c: _up(width) for c, width in wanting.items()})


def _up(points: float) -> float:
    """To the next whole pixel.

    >>> _up(52.5), _up(53)
    (52.5, 53.25)
    """
    return -(-points // PIXEL) * PIXEL


def with_widths(table: Table, points: Mapping[int, float]) -> Table:
    """The table with other widths for some of its columns, in pt."""
    return replace(table, columns=tuple(replace(column, width=round(points[c] / CHARACTER, 3)) if c in points else column for c, column in enumerate(table.columns)))


def narrowed(table: Table, room: float, smallest: float) -> tuple[Column, ...] | None:
    """The columns with figure columns narrowed so that the table just fits `room` pt; None when it cannot. smallest: type size in pt."""
    widths = [column.points for column in table.columns]
    least = [min(width, low) if column.figure else width for column, width, low in zip(table.columns, widths, _least(table, smallest), strict=True)]
    if table.form or sum(least) > room or sum(widths) <= sum(least):
        return None
    share = (room - sum(least)) / (sum(widths) - sum(least))  # of what a column has beyond its need, what it keeps
    made = {c: int((low + (high - low) * share) / PIXEL) * PIXEL for c, (low, high) in enumerate(zip(least, widths, strict=True)) if low < high}
    return with_widths(table, made).columns


def _least(table: Table, size: float) -> list[float]:
    """Per column the width in pt it cannot do without: its longest figure or code, and three characters of its heading."""
    widths = needed(table)
    return [max(widths.get(c, 0.0), HEADING * size + PADDING) for c in range(len(table.columns))]


def wrapping(table: Table) -> Table:
    """The table with wrapped text where a text on one line would be cut short by its merged cell, or by the cell beside it."""
    flat = {n for n, style in enumerate(table.styles) if not style.wrap and not style.vertical}
    if not flat:
        return table
    spans = {(m.row, m.column): m.columns for m in table.merges}
    points = [column.points for column in table.columns]
    styles = list(table.styles)
    other: dict[int, int] = {}
    lines = list(table.lines)
    for row, line in enumerate(table.lines):
        changed: dict[int, Cell] = {}
        for c, cell in enumerate(line.cells):
            if cell.style not in flat or not cell.text or (row, c) in table.covered:
                continue
            start, end = c, c + spans.get((row, c), 1)
            width = text_width(cell.text) * table.styles[cell.style].size / 2
            if width <= sum(points[start:end]):
                continue
            if (row, c) not in spans:  # text runs on over empty cells, away from the side it is aligned to
                free = [other_cell.blank and (row, k) not in table.covered for k, other_cell in enumerate(line.cells)]
                align = table.styles[cell.style].horizontal
                while align != "right" and end < len(free) and free[end]:
                    end += 1
                while align in ("right", "center") and start and free[start - 1]:
                    start -= 1
            if width > sum(points[start:end]):
                if cell.style not in other:
                    other[cell.style] = len(styles)
                    styles.append(structs.replace(table.styles[cell.style], wrap=True))
                changed[c] = structs.replace(cell, style=other[cell.style])
        if changed:
            lines[row] = replace(line, cells=tuple(changed.get(c, cell) for c, cell in enumerate(line.cells)))
    return replace(table, lines=tuple(lines), styles=tuple(styles)) if other else table


# --- names that wrap too often ----------------------------------------------------------------------------------------


def names(table: Table) -> dict[int, list[float]]:
    """The lengths in pt of the wrapped texts of a table whose lines are too tall, by column, longest last; empty when they are not."""
    if table.form:
        return {}
    merged = {(m.row, c) for m in table.merges for c in range(m.column, m.column + m.columns)}
    columns = [c for c, column in enumerate(table.columns) if not column.figure]
    lengths: dict[int, list[float]] = {}
    tall = 0
    for row, line in enumerate(table.lines):
        if line.kind is not LineKind.BODY:
            continue
        most = 0.0
        for c in columns:
            text, style = line.cells[c].text, table.styles[line.cells[c].style]
            if text and style.wrap and (row, c) not in merged and not (text.isascii() and len(text) <= LONGEST_CODE):
                length = text_width(text) * style.size / 2
                lengths.setdefault(c, []).append(length)
                most = max(most, length / (table.columns[c].points - PADDING))
        tall += most > MOST_LINES
    return {c: sorted(found) for c, found in lengths.items()} if tall >= MANY else {}


def for_names(table: Table, lengths: Mapping[int, list[float]], room: float, lines: int, smallest: float) -> Table | None:
    """The table with widths for `room` pt at which nearly all of its names take at most `lines` lines; None when there are none.

    Columns of names get what they need for that, those of figures and empty ones what they cannot do without; what is left over goes to all alike.
    """
    own_needs = needed(table)
    said = {c for line in table.lines if line.kind is LineKind.BODY for c, cell in enumerate(line.cells) if cell.text}
    points = [min(low, column.points) if column.figure or c not in said else column.points for c, (low, column) in enumerate(zip(_least(table, smallest), table.columns, strict=True))]
    for c, found in lengths.items():
        usual = found[-1 - len(found) // EVERY_BUT]
        character = smallest if lines > 1 else 0.0  # a line may end a character early
        points[c] = max(usual / lines + character + PADDING, own_needs.get(c, 0.0), HEADING * smallest + PADDING)
    if sum(points) > room:
        return None
    spare = [max(column.points - own, 0.0) for column, own in zip(table.columns, points, strict=True)]
    left = min(table_width(table), room) - sum(points)
    wanted = sum(spare, 0.0)
    share = min(left / wanted, 1.0) if left > 0 and wanted else 0.0
    return with_widths(table, {c: int((own + more * share) / PIXEL) * PIXEL for c, (own, more) in enumerate(zip(points, spare, strict=True))})


def table_width(table: Table) -> float:
    """All columns together, in pt."""
    return sum(column.points for column in table.columns)
