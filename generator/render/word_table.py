"""A Table as Word prints it: paragraphs for its lead lines and one `<w:tbl>` for its grid, built as strings.

Strings, because a set has some 27 000 cells and python-docx or lxml objects cost 5 to 1000 times as much (PERFORMANCE 4). What a cell
looks like is decided once for each kind of line, not for each cell: lines with the same styles, neighbours and merges share their prefixes.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from generator.model.problem import PackError
from generator.model.table import SMALLEST_TYPE, Border, Cell, Line, LineKind, Merge, Style, Table
from generator.model.wrapping import text_width
from generator.render.word_cell_style import PITCH, CellLook
from generator.render.word_lead import Lead, heading_text, lead, lead_height, lead_paragraphs
from generator.render.word_text import attribute, escaped, val

WIDEST = 63  # columns; Word opens no table with more
DIGIT = 0.55  # width of a half-width character, in font sizes; 宋体 has 0.5, the usual substitutes up to this
MARGIN = 40  # twips left and right of a cell's text
PADDING = 3.0  # pt above and below a cell's text, its line included
MOST_OF_A_PAGE = 0.6  # a last page fuller than this is left as it is
FILLED = 0.93  # of several pages, what lines that do not break can fill
STEPS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)  # how far type shrinks to bring a table onto one page
CONTINUED = "（续）"
HEADS = (LineKind.HEADING, LineKind.NUMBERS)

LINES = {
    "thin": ("single", 4),
    "hair": ("single", 2),
    "medium": ("single", 12),
    "thick": ("single", 24),
    "dashed": ("dashed", 4),
    "mediumDashed": ("dashed", 12),
    "dotted": ("dotted", 4),
    "double": ("double", 4),
    "dashDot": ("dotDash", 4),
    "dashDotDot": ("dotDotDash", 4),
}
SIDES = ("top", "left", "bottom", "right")
ALIGN = {"left": "left", "center": "center", "right": "right", "distributed": "distribute", "justify": "both", "centerContinuous": "center", "fill": "left"}
VALIGN = {"top": "top", "bottom": "bottom"}

_SPECIAL = re.compile("[<>& \t\r\n\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
TAIL = "</w:t></w:r></w:p></w:tc>"


# --- a table with its lead lines ---------------------------------------------------------------------------------------


def blocks(table: Table) -> list[tuple[Table, range, Lead]]:
    """What a table prints one after another, each under its own lead lines: its forms, or the groups of columns of one too wide."""
    made = [(part, rows, lead(part, rows)) for part in table.parts for rows in part.instances]
    if not table.groups:
        return made
    return [(part, rows, replace(own, title=own.title + CONTINUED) if n else own) for n, (part, rows, own) in enumerate(made)]


def block_xml(
    table: Table, width_twips: int, height_twips: int = 0, *, style: str = "", bookmark: str = "", bookmark_id: int = 0, new_page: bool = True, looks: set[CellLook] | None = None
) -> Iterator[str]:
    """A table with its lead lines, or all forms of a form table (all groups of columns of one too wide) one after another, each on a new page.

    height_twips: of the page's text; a table a little too long for one page is drawn together to fit. 0: left as the layout has it.
    In pieces, one form after another: a department may have hundreds. looks: takes those of the cells, which the document must have as styles.
    """
    for n, (part, rows, made) in enumerate(blocks(table)):
        yield lead_paragraphs(part, made, width_twips, *(("", "", 0) if n else (style, bookmark, bookmark_id)), new_page or n > 0)
        yield table_xml(part, width_twips, rows, height_twips and max(height_twips - lead_height(made), 1), looks)


# --- the grid ---------------------------------------------------------------------------------------------------------


def column_widths(table: Table, width_twips: int) -> list[int]:
    """Column widths in twips, in proportion to Column.width, that add up to `width_twips` exactly (WPS trusts the grid, Word the cells)."""
    shares = [max(c.width, 0.5) for c in table.columns]
    total, so_far, edges = sum(shares), 0.0, [0]
    for share in shares:
        so_far += share
        edges.append(round(width_twips * so_far / total))
    return [b - a for a, b in pairwise(edges)]


def scale(table: Table, width_twips: int) -> float:
    """How far a table shrinks to fit `width_twips`: at most 1."""
    natural = sum(c.points for c in table.columns)
    return min(1.0, width_twips / 20 / natural) if natural else 1.0


def printed_size(size: float, factor: float) -> float:
    """A type size in pt after shrinking, to half points; never under 7 pt unless the layout itself is smaller.

    >>> printed_size(10, 0.83), printed_size(10, 0.5), printed_size(6, 0.5)
    (8.0, 7.0, 6)
    """
    return max(int(size * factor * 2) / 2, min(SMALLEST_TYPE, size))


def table_xml(table: Table, width_twips: int, rows: range | None = None, height_twips: int = 0, looks: set[CellLook] | None = None) -> str:
    """The grid as one `<w:tbl>`: heading lines, body and foot; lead lines are not in it. rows: one form's lines; all when None.

    height_twips: what the page has left for it; type (not under 7 pt) and lines shrink when that brings the table onto one page. 0: no matter.
    looks: takes those of its cells, which the document must have as styles.
    Empty when there is nothing but lead lines. PackError when the table has more columns than Word can take.
    """
    if len(table.columns) > WIDEST:
        raise PackError(f"{table.name} 有 {len(table.columns)} 列，Word 的表格最多 {WIDEST} 列；请在版式里拆成两张表")
    grid = [r for r in (rows if rows is not None else range(len(table.lines))) if table.lines[r].kind is not LineKind.LEAD]
    if not grid or not table.columns:
        return ""
    made = _Grid(table, width_twips, grid, height_twips)
    xml = made.xml()
    if looks is not None:
        looks |= made.used
    return xml


Looks = tuple[int, ...]  # the styles of a line's cells, by serial number
Edges = tuple[str, str, str, str]  # border styles: top, left, bottom, right
Slot = tuple[str, str, str, str, int]  # prefix of a text cell, prefix of a figure cell, blank cell, number format, room in half-width characters
Row = tuple[list[tuple[int, Slot]], frozenset[CellLook]]  # the cells of a line with their columns; the looks they take

# What lines and cells look like, kept from table to table and unit to unit: a pack has some hundred kinds of lines, a county prints them
# 300 times. Keys hold everything the value depends on, so the caches never change what is written.
_SERIALS: dict[Style, int] = {}
_STYLES: list[Style] = []
_BORDERS: list[Edges] = []
_ROWS: dict[object, Row] = {}
_SLOTS: dict[object, tuple[Slot, tuple[CellLook, ...]]] = {}
MOST_KEPT = 20_000


def _serial(style: Style) -> int:
    number = _SERIALS.get(style)
    if number is None:
        number = _SERIALS[style] = len(_STYLES)
        _STYLES.append(style)
        _BORDERS.append(_edges(style.border))
    return number


def _forget() -> None:
    """Caches that grew beyond any pack start again."""
    if len(_SERIALS) + len(_ROWS) + len(_SLOTS) > MOST_KEPT:
        for kept in (_SERIALS, _STYLES, _BORDERS, _ROWS, _SLOTS):
            kept.clear()


class _Grid:
    """One Word table being written."""

    def __init__(self, table: Table, width_twips: int, grid: list[int], height_twips: int) -> None:
        self.table, self.grid, self.width = table, grid, width_twips
        self.columns = len(table.columns)
        self.widths = column_widths(table, width_twips)
        self.edges = [0]
        for width in self.widths:
            self.edges.append(self.edges[-1] + width)
        self.factor = scale(table, width_twips)
        _forget()
        serials = [_serial(s) for s in table.styles]
        self.lines = [self._full(table.lines[r]) for r in grid]
        self.looks: list[Looks] = [tuple([serials[cell.style] for cell in cells]) for cells in self.lines]
        self.base = self._base()
        self.touching = self._touching()
        self.squeezed: dict[tuple[str, int], str] = {}
        self.used: set[CellLook] = set()
        self.stretch = self.factor  # of the lines' heights
        if height_twips:
            self._fit(height_twips / 20)

    def _full(self, line: Line) -> tuple[Cell, ...]:
        missing = self.columns - len(line.cells)
        return line.cells if not missing else (*line.cells[: self.columns], *(Cell() for _ in range(missing)))

    def _texts_of(self, i: int) -> tuple[str, ...]:
        """What a line's cells print, as many as there are columns."""
        texts = self.table.printed[self.grid[i]]
        return texts if len(texts) >= self.columns else (*texts, *[""] * (self.columns - len(texts)))

    def _base(self) -> str:
        """The line most cells have; it is said once for the whole table."""
        sides = [side for style in set().union(*self.looks) for side in _BORDERS[style] if side]
        return "thin" if "thin" in sides else min(sides, default="")

    def _touching(self) -> dict[int, list[Merge]]:
        """Per grid line the merges that reach into it, left to right; those of lead lines and of other forms left out."""
        place = {row: i for i, row in enumerate(self.grid)}
        found: dict[int, list[Merge]] = {}
        for merge in sorted((m for row in self.grid for m in self.table.merges_from.get(row, ())), key=lambda m: m.column):
            if merge.rows * merge.columns > 1 and merge.column + merge.columns <= self.columns:
                for row in range(merge.row, merge.row + merge.rows):
                    if row in place:
                        found.setdefault(place[row], []).append(merge)
        return found

    # --- edges ---------------------------------------------------------------------------------------------------

    def _edge(self, i: int, column: int, side: int) -> str:
        """A cell's line on one side, its own or its neighbour's, as Excel shows it."""
        own = _BORDERS[self.looks[i][column]][side]
        if own:
            return own
        row, col = i + (-1, 0, 1, 0)[side], column + (0, -1, 0, 1)[side]
        if not (0 <= row < len(self.looks) and 0 <= col < self.columns):
            return ""
        return _BORDERS[self.looks[row][col]][(side + 2) % 4]

    def _plain(self, i: int) -> bool:
        """Whether every cell of a line has the table's own lines all round, so that none need be said."""
        return all(self._edge(i, c, side) == self.base for c in range(self.columns) for side in range(4))

    # --- lines ---------------------------------------------------------------------------------------------------

    def xml(self) -> str:
        table, lines = self.table, [self.table.lines[r] for r in self.grid]
        heads = next((i for i, line in enumerate(lines) if line.kind not in HEADS), len(lines))
        kept = self._kept(lines)
        shape = (tuple(self.widths), self.factor, self.base)
        any_vertical = any(s.vertical for s in table.styles)
        out = [self._opening()]
        add, special = out.append, _SPECIAL.search
        for i, line in enumerate(lines):
            around = (self.looks[i - 1] if i else None, self.looks[i], self.looks[i + 1] if i + 1 < len(lines) else None)
            merges = tuple((m.column, m.columns, m.rows, m.row == self.grid[i], m.row + m.rows - 1 == self.grid[i], self._floor(m)) for m in self.touching.get(i, ()))
            key = (shape, around, merges, i in kept)
            known = _ROWS.get(key)
            if known is None:
                known = _ROWS[key] = self._slots(i, i in kept)
            slots, looks = known
            self.used |= looks
            height = self._height(i, line, any_vertical)
            size = f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""
            add(f"<w:tr><w:trPr><w:cantSplit/>{size}{'<w:tblHeader/>' if i < heads else ''}</w:trPr>")
            cells, texts = self.lines[i], self._texts_of(i)
            for column, (opened, figure, blank, number_format, room) in slots:
                text = texts[column]
                if not text or not opened:
                    add(blank)
                elif cells[column].shown is None:
                    if special(text) or (len(text) > room and text.isascii()):
                        add(self._with_care(opened, text, room))
                    else:
                        add(opened + text + TAIL)
                elif len(text) > room or '"' in number_format:
                    add(self._with_care(figure, text, room))
                else:
                    add(figure + text + TAIL)
            add("</w:tr>")
        add("</w:tbl>")
        return "".join(out)

    def _with_care(self, opened: str, text: str, room: int) -> str:
        """A cell that needs care: characters to escape, or an unbreakable figure or code too long for its column (squeezed, not broken)."""
        if len(text) > room and text.isascii() and " " not in text and "\n" not in text:
            squeeze = max(50, 100 * room // len(text))
            narrow = self.squeezed.get((opened, squeeze))
            if narrow is None:
                narrow = self.squeezed[opened, squeeze] = f"{opened[: -len('<w:t>')]}<w:rPr>{val('w', squeeze)}</w:rPr><w:t>"
            opened = narrow
        return f'{opened[: -len("<w:t>")]}<w:t xml:space="preserve">{escaped(text)}{TAIL}'

    def _opening(self) -> str:
        lines = ""
        if self.base:
            kind, size = LINES.get(self.base, ("single", 4))
            lines = "<w:tblBorders>" + "".join(f'<w:{s} w:val="{kind}" w:sz="{size}" w:space="0" w:color="auto"/>' for s in (*SIDES, "insideH", "insideV")) + "</w:tblBorders>"
        return (
            f'<w:tbl><w:tblPr><w:tblW w:w="{self.width}" w:type="dxa"/><w:jc w:val="center"/>{lines}<w:tblLayout w:type="fixed"/>'
            f'<w:tblCellMar><w:top w:w="25" w:type="dxa"/><w:left w:w="{MARGIN}" w:type="dxa"/><w:bottom w:w="25" w:type="dxa"/><w:right w:w="{MARGIN}" w:type="dxa"/></w:tblCellMar>'
            f'<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{attribute(heading_text(self.table))}"/>'
            "</w:tblPr><w:tblGrid>" + "".join(f'<w:gridCol w:w="{w}"/>' for w in self.widths) + "</w:tblGrid>"
        )

    def _kept(self, lines: Sequence[Line]) -> set[int]:
        """Lines kept on the page of the next one: headings, also those within a form, the last body line but one, and from there down to the foot, so that none stands alone."""
        heads = next((i for i, line in enumerate(lines) if line.kind not in HEADS), 0)
        kept = set(range(heads))
        body = [i for i, line in enumerate(lines) if line.kind is LineKind.BODY]
        if body:
            kept |= {i for i, row in enumerate(self.grid[:-1]) if self.table.heads(row)}
            kept |= set(range(body[-2] if len(body) > 1 and body[-2] == body[-1] - 1 else body[-1], min(len(lines) - 1, body[-1] + 4)))
        return kept

    def _height(self, i: int, line: Line, any_vertical: bool) -> int:
        """The least height of a line in twips; 0: as its text needs. Text written downwards does not raise its line by itself."""
        need = (line.height or 0.0) * self.stretch
        if any_vertical:
            tall = {m.column: m for m in self.touching.get(i, ())}
            for c, cell in enumerate(self.lines[i]):
                style = self.table.styles[cell.style]
                if style.vertical and cell.text:
                    rows = tall[c].rows if c in tall else 1
                    size = printed_size(style.size, self.factor)
                    need = max(need, (max(map(len, cell.text.split("\n"))) * size * 1.1 + 6) / rows)
        return round(need * 20)

    def _fit(self, page: float) -> None:
        """Type and lines made smaller, if that brings a table a little too long for one page (or several) of `page` pt onto it; else left alone."""
        wanted = [(self.table.lines[r].height or 0.0) * self.factor for r in self.grid]
        need = sum(max(h, 10.0) for h in wanted)
        if need < 0.6 * page or (need >= 2 * page and not self.table.form):
            return
        lines = [self._texts(i) for i in range(len(self.grid))]

        def heights(step: float) -> list[float]:
            sizes = {style.size: printed_size(style.size, self.factor * step) for style in self.table.styles}
            return [_text_height(line, sizes) for line in lines]

        natural = sum(map(max, wanted, heights(1.0)))
        pages = int(natural / page)
        if pages > 1 and not (self.table.form and natural < (pages + MOST_OF_A_PAGE) * page):
            return
        room = page if pages <= 1 else page * pages * FILLED
        if natural <= room or sum(heights(STEPS[-1])) > room:
            return
        large, small = 0, len(STEPS) - 1  # the largest type whose text fits
        while large < small:
            middle = (large + small) // 2
            if sum(heights(STEPS[middle])) <= room:
                small = middle
            else:
                large = middle + 1
        texts = heights(STEPS[small])
        lower = next((k for k in (n / 20 for n in range(20, 0, -1)) if sum(max(h * k, t) for h, t in zip(wanted, texts, strict=True)) <= room), 0.0)
        self.stretch = self.factor * lower
        self.factor *= STEPS[small]

    def _texts(self, i: int) -> list[tuple[float, float, list[float]]]:
        """A line's texts: type size before shrinking, width of the cell in pt, width of each of its own lines in half-width characters.

        Cells over several lines and text written downwards left out. Figures and codes never wrap.
        """
        merges = {m.column: m for m in self.touching.get(i, ())}
        found: list[tuple[float, float, list[float]]] = []
        for column, cell in enumerate(self.lines[i]):
            text = cell.text
            if text and not text.isascii():
                style, merge = self.table.styles[cell.style], merges.get(column)
                if not style.vertical and not (merge and merge.rows > 1):
                    width = (self.edges[column + (merge.columns if merge else 1)] - self.edges[column] - 2 * MARGIN) / 20
                    found.append((style.size, width, [text_width(part) for part in text.split("\n")]))
        found.append((max(_STYLES[look].size for look in set(self.looks[i])), 1.0, [0.0]))
        return found

    # --- the parts of a line that its cells share -----------------------------------------------------------------

    def _floor(self, merge: Merge) -> str:
        """The line under a merged range: its last row's."""
        last = bisect_right(self.grid, merge.row + merge.rows - 1) - 1
        return self._edge(last, merge.column, 2)

    def _slots(self, i: int, keep: bool) -> Row:
        """The cells a line emits, covered ones left out."""
        plain = self._plain(i)
        merges = {m.column: m for m in self.touching.get(i, ())}
        slots: list[tuple[int, Slot]] = []
        looks: set[CellLook] = set()

        def add(column: int, columns: int, join: str, borders: str) -> None:
            slot, used = self._slot(i, column, columns, join, borders, keep)
            slots.append((column, slot))
            looks.update(used)

        column = 0
        while column < self.columns:
            merge = merges.get(column)
            if merge is None:
                add(column, 1, "", self._sides(i, column, 1, None, plain))
                column += 1
                continue
            join = "" if merge.rows == 1 else '<w:vMerge w:val="restart"/>' if merge.row == self.grid[i] else "<w:vMerge/>"
            add(column, merge.columns, join, self._sides(i, column, merge.columns, merge, plain))
            column += merge.columns
        return slots, frozenset(looks)

    def _sides(self, i: int, column: int, columns: int, merge: Merge | None, plain: bool) -> str:
        """A cell's own lines as XML; empty where the table's own will do."""
        if plain:
            return ""
        last = column + columns - 1
        edges = [self._edge(i, column, 0), self._edge(i, column, 1), self._edge(i, column, 2), self._edge(i, last, 3)]
        if merge and merge.rows > 1:
            if merge.row != self.grid[i]:
                edges[0] = ""
            edges[2] = self._floor(merge) if merge.row == self.grid[i] or merge.row + merge.rows - 1 == self.grid[i] else ""
        if all(edge == self.base for edge in edges):
            return ""
        return f"<w:tcBorders>{''.join(_side_xml(name, edge) for name, edge in zip(SIDES, edges, strict=True))}</w:tcBorders>"

    def _slot(self, i: int, column: int, columns: int, join: str, borders: str, keep: bool) -> tuple[Slot, tuple[CellLook, ...]]:
        number = self.looks[i][column]
        style = _STYLES[number]
        size = printed_size(style.size, self.factor)
        width = self.edges[column + columns] - self.edges[column]
        key = (number, size, width, columns, join, borders, keep)
        if key in _SLOTS:
            return _SLOTS[key]
        fill = style.fill.strip().upper()
        shaded = re.fullmatch("[0-9A-F]{6}", fill) and fill != "FFFFFF"
        properties = "".join(
            (
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>',
                val("gridSpan", columns) if columns > 1 else "",
                join,
                borders,
                f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if shaded else "",
                val("textDirection", "tbRlV") if style.vertical else "",
                val("vAlign", VALIGN.get(style.vertical_align, "center")),
                "</w:tcPr>",
            )
        )
        align = ALIGN.get(style.horizontal, "")
        side = "" if align == "left" else align
        indent = round(style.indent * size * 20) if style.indent else 0
        look = CellLook(style.font, size, style.bold, side, indent)
        of_figures = look if align else CellLook(style.font, size, style.bold, "right")

        def opened(look: CellLook) -> str:
            return f'{properties}<w:p><w:pPr><w:pStyle w:val="{look.id}"/>{"<w:keepNext/>" if keep else ""}</w:pPr>'

        text = f"{opened(look)}<w:r><w:t>"
        figure = f"{opened(of_figures)}<w:r><w:t>"
        blank = f"{opened(look)}</w:p></w:tc>"
        if join == "<w:vMerge/>":  # what stands in the covered cells of a merge is never printed
            text = figure = ""
        room = max(int((width - 2 * MARGIN) / 20 / (size * DIGIT)), 1)
        _SLOTS[key] = made = ((text, figure, blank, style.number_format, room), (look, of_figures))
        return made


def _text_height(line: list[tuple[float, float, list[float]]], sizes: dict[float, float]) -> float:
    """About how high a line's texts are in pt. sizes: each type size as it is after shrinking."""
    most = 0.0
    for layout_size, width, parts in line:
        size = sizes[layout_size]
        room = width / (size * DIGIT)
        if len(parts) == 1 and parts[0] <= room:
            height = size * PITCH
        else:
            height = sum(math.ceil(part / room) if part > room > 2 else 1 for part in parts) * size * PITCH
        if height > most:
            most = height
    return most + PADDING


def _edges(border: Border) -> Edges:
    return (border.top, border.left, border.bottom, border.right)


def _side_xml(side: str, line: str) -> str:
    if not line:
        return f'<w:{side} w:val="nil"/>'
    kind, size = LINES.get(line, ("single", 4))
    return f'<w:{side} w:val="{kind}" w:sz="{size}" w:space="0" w:color="auto"/>'
