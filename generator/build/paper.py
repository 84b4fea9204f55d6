"""How a table comes onto paper, decided once for Excel, Word and PDF.

Columns are made wide enough for their figures, and for names so long that a page would hold few lines (build/columns.py). When type
would print under 7 pt, the table takes larger paper than its layout asks for: A4 landscape, A3 landscape. Where A3 will not do, figure
columns give away the room they do not need; and where that will not do either, the columns print in groups one after another, each
with the label columns and the title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.build.columns import for_names, names, narrowed, table_width, wide_enough, wrapping
from generator.model.table import SMALLEST_TYPE, Cell, Line, LineKind, Merge, Page, Table
from generator.model.wrapping import text_width

MOST_LABELS = 0.5  # of the page's width for label columns repeated with every group
INSIDE = 0.06  # badness of a cut within a heading: what it must spare to be better than one between headings
COMFORTABLE = 0.85  # of the layout's type size: shrinking this far is no loss
SAFE = 0.98  # of the room reckoned with: programs round widths of columns their own way


def on_paper(table: Table) -> Table:
    """The table with columns, paper and groups of columns that print whole and readable. Its lines stay where they are."""
    return wrapping(_sized(table))


def _sized(table: Table) -> Table:
    table = wide_enough(table)
    if lengths := names(table):
        table = _with_room_for(table, lengths)
    if _fits(table, table.page, min((style.size for style in table.styles), default=SMALLEST_TYPE)):
        return table  # nearly every table: no need to look which of its styles print
    smallest = table.smallest_type
    for page in _papers(table.page):
        if _fits(table, page, smallest):
            return replace(table, page=page)
    largest = _papers(table.page)[-1]
    if (columns := narrowed(table, largest.room * SAFE / _least(smallest), smallest)) is not None:
        return replace(table, page=largest, columns=columns)
    return _grouped(table, smallest)


def _papers(page: Page) -> list[Page]:
    """What to print on, the layout's own page first, the widest last. Never empty."""
    larger = [Page("A4", True, page.margins), Page("A3", True, page.margins)]
    return [page, *(p for p in larger if p.room > page.room)]


def _least(smallest: float) -> float:
    """How far a table may shrink whose smallest type is `smallest` pt. What the layout itself has under 7 pt is the officer's wish."""
    return min(SMALLEST_TYPE, smallest) / smallest


def _fits(table: Table, page: Page, smallest: float) -> bool:
    return page.room * SAFE >= table_width(table) * _least(smallest)


def _with_room_for(table: Table, lengths: dict[int, list[float]]) -> Table:
    """Widths and paper at which names take three lines in comfortable type; failing that four lines in the smallest, or as few as can be."""
    smallest = table.smallest_type
    papers = _papers(table.page)
    least = _least(smallest)
    tries = [(page, share, lines) for page in papers for share, most in ((max(COMFORTABLE, least), 3), (least, 4)) for lines in range(1, most + 1)]
    tries += [(papers[-1], least, lines) for lines in range(5, 60)]
    for page, share, lines in tries:
        if (made := for_names(table, lengths, page.room * SAFE / share, lines, smallest)) is not None:
            return replace(made, page=page)
    return table


# --- groups of columns ------------------------------------------------------------------------------------------------


def _grouped(table: Table, smallest: float) -> Table:
    """The table in groups of columns, each fitting the page with the label columns; as it is when a form or it has no columns to part.

    The fewest groups; of papers that need as few, the smallest.
    """
    widths, papers = [column.points for column in table.columns], _papers(table.page)
    best: tuple[Page, int, list[int]] | None = None
    for page in reversed(papers):
        room = page.room * SAFE / _least(smallest)
        labels = next((c for c, column in enumerate(table.columns) if column.figure), 0)
        while labels and sum(widths[:labels]) > room * MOST_LABELS:
            labels -= 1
        ends = _cuts(widths, labels, room - sum(widths[:labels]), [column.path[:1] for column in table.columns])
        if best is None or (len(ends) <= len(best[2]) and labels == best[1]):
            best = page, labels, ends
    assert best is not None  # there is always a page
    page, labels, ends = best
    if table.form or len(ends) < 2:
        return replace(table, page=papers[-1])
    return _mended(replace(table, page=page, groups=tuple(zip([labels, *ends[:-1]], ends, strict=True))))


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
    for row, line in enumerate(table.lines):
        if line.kind is LineKind.LEAD:
            _say_in_groups(table, grid[row], sum(c.points for c in table.columns[:labels]))
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


def _say_in_groups(table: Table, cells: list[Cell], room: float) -> None:
    """A text of the lead lines too long for the label columns, which would stand there cut short, said in every group instead. Changes `cells`."""
    for c in range(table.groups[0][0]):
        text = cells[c].text
        if text and text_width(text) * table.styles[cells[c].style].size / 2 > room and all(cells[first].blank for first, _ in table.groups):
            for first, _ in table.groups:
                cells[first] = cells[c]
            cells[c] = Cell(style=cells[c].style)


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
