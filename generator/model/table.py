"""The waist of the program: a finished table, as built from a master or as read from a page.

A Table is a grid of lines: lead (number, title, unit), heading, body, foot. Excel, Word, PDF and the checks all take this
one grid, so none of them can disagree about what a table says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

import msgspec
from msgspec import structs

from generator.model.figures import written
from generator.model.problem import Place, column_letters


class Border(msgspec.Struct, frozen=True, cache_hash=True):
    """Line styles as Excel names them (thin, medium, …); empty is no line."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


class Style(msgspec.Struct, frozen=True, cache_hash=True):  # looked up for every table of every unit
    """How a cell looks. Sizes in pt; number_format in Excel's language; `vertical` writes the text downwards."""

    font: str = "宋体"
    size: float = 10.0
    bold: bool = False
    horizontal: str = ""  # left, center, right, distributed; empty: general
    vertical_align: str = "center"
    wrap: bool = False
    indent: int = 0
    vertical: bool = False
    fill: str = ""  # RRGGBB
    border: Border = Border()
    number_format: str = "General"


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One cell of a Table. A Struct (`msgspec.structs.replace` changes one), because a set has ten thousand: made at an eighth of a dataclass's cost, and
    the garbage collector need not look at what cannot refer to itself.

    text: what is printed, except for figures. None and no amount prints blank.
    amount: exact, in 元 (or as counted, for people and quantities). None prints blank, Decimal(0) prints as the style says.
    shown: `amount` as printed, in the table's unit, rounded once. None when amount is None.
    place: where a person looks for this number in a table read from a page; None in a table just built.
    origin: the master cells it was computed from; filled only when a trace was asked for.
    style: number into Table.styles.
    """

    text: str | None = None
    amount: Decimal | None = None
    shown: Decimal | None = None
    style: int = 0
    place: Place | None = None
    origin: tuple[Place, ...] = ()

    @property
    def blank(self) -> bool:
        return self.amount is None and not self.text


class LineKind(StrEnum):
    """What a line of the grid is; also the word in column A of a layout sheet."""

    LEAD = "标题"
    HEADING = "表头"
    NUMBERS = "栏次"
    BODY = "正文"
    FOOT = "表尾"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the grid. level: 0 for a 合计 line, growing inwards; height in pt, None to fit the text."""

    kind: LineKind
    cells: tuple[Cell, ...]
    level: int = 0
    height: float | None = None
    key: tuple[str, ...] = ()  # what a body line stands for: ("124001", "2010301"); empty for fixed lines


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range over the whole grid, 0-based."""

    row: int
    column: int
    rows: int
    columns: int


CHARACTER = 5.25  # pt: Excel's unit of column width (a digit at the default font, 7 pixels)
SMALLEST_TYPE = 7.0  # pt; below it a printed table does not count as readable
PAPER = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}  # mm: short side, long side
SIDES = 10.0  # mm, the least margin left and right: office printers cannot reach further
POINT = 72 / 25.4  # a millimetre in pt


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the grid. path: its headings from the top down; figure: it holds amounts or counts; width in Excel characters."""

    path: tuple[str, ...]
    figure: bool
    width: float = 10.0

    @property
    def points(self) -> float:
        """The width in pt, to Excel's whole pixels."""
        return max(round(self.width * 7), 1) * 0.75


@dataclass(frozen=True, slots=True)
class Page:
    """How a table is printed. Margins in inches, as Excel keeps them."""

    paper: str = "A4"  # A4, A3
    landscape: bool = True
    margins: tuple[float, float, float, float] = (0.5, 0.5, 0.6, 0.6)  # left, right, top, bottom

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper as it lies, in pt."""
        short, long = (side * POINT for side in PAPER[self.paper])
        return (long, short) if self.landscape else (short, long)

    @property
    def room(self) -> float:
        """Width left for a table, in pt."""
        return self.size[0] - sum(max(margin * 72, SIDES * POINT) for margin in self.margins[:2])


@dataclass(frozen=True)
class Table:
    """A finished table.

    unit: 元, 万元 or 人: of the shown figures. last_digit: 0 when built from a master, else half the doubt of a page in 元.
    empty: no data behind it; what it prints then is the pack's rule.
    breaks: grid rows before which a new page begins (forms, one a project). apart: each of them is a sheet of its own in Excel.
    name: the sheet's name and what `explain` calls it; number and title as in the contents.
    groups: too wide for any paper: the ranges of columns (first, one past the last) that print one after another, each with
    the label columns left of the first group. Empty when the table prints whole.
    """

    name: str
    number: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    merges: tuple[Merge, ...] = ()
    styles: tuple[Style, ...] = (Style(),)
    page: Page = Page()
    empty: bool = False
    form: bool = False
    breaks: tuple[int, ...] = ()
    last_digit: Decimal = Decimal(0)
    apart: bool = False
    groups: tuple[tuple[int, int], ...] = ()

    def of_kind(self, *kinds: LineKind) -> Iterator[tuple[int, Line]]:
        """The lines of these kinds with their grid row (0-based)."""
        return ((i, line) for i, line in enumerate(self.lines) if line.kind in kinds)

    @property
    def heading_rows(self) -> tuple[int, int]:
        """First and one past the last grid row of the heading with its line of column numbers; (0, 0) when there is none."""
        rows = [i for i, _ in self.of_kind(LineKind.HEADING, LineKind.NUMBERS)]
        return (rows[0], rows[-1] + 1) if rows else (0, 0)

    @cached_property
    def instances(self) -> list[range]:
        """The grid rows of each form; one range for a table that is not a form."""
        starts = sorted({0, *(b for b in self.breaks if 0 < b < len(self.lines))})
        return [range(a, b) for a, b in zip(starts, [*starts[1:], len(self.lines)], strict=True)]

    @property
    def sheets(self) -> tuple[Table, ...]:
        """The table as Excel's sheets: itself, or with `apart` one a form, numbered 附件3-32（1）, 附件3-32（2） …"""
        return self._forms or (self,)

    @property
    def parts(self) -> tuple[Table, ...]:
        """The table as Word prints it: itself, or a Table a group of columns, each with the label columns."""
        return self._groups or (self,)

    # What is kept does not hold the table itself: a table that holds itself waits for the garbage collector, with all its cells.

    @cached_property
    def _forms(self) -> tuple[Table, ...]:
        return tuple(self._form(n, rows) for n, rows in enumerate(self.instances, 1)) if self.apart and self.breaks else ()

    @cached_property
    def _groups(self) -> tuple[Table, ...]:
        return tuple(self._part(*group) for group in self.groups)

    def _part(self, first: int, end: int) -> Table:
        """The label columns and those of one group. No merge lies across their borders (see build/paper.py)."""
        labels = self.groups[0][0]
        shift = first - labels
        lines = tuple(replace(line, cells=line.cells[:labels] + line.cells[first:end]) for line in self.lines)
        merges = [m for m in self.merges if m.column < labels] + [replace(m, column=m.column - shift) for m in self.merges if first <= m.column < end]
        return replace(self, lines=lines, columns=self.columns[:labels] + self.columns[first:end], merges=tuple(merges), groups=())

    def _form(self, n: int, rows: range) -> Table:
        number = f"{self.number}（{n}）"
        lines = tuple(
            replace(line, cells=tuple(structs.replace(c, text=number) if c.text == self.number else c for c in line.cells)) if line.kind is LineKind.LEAD else line
            for line in self.lines[rows.start : rows.stop]
        )
        merges = tuple(replace(m, row=m.row - rows.start) for m in self.merges if m.row in rows)
        return replace(self, name=f"{self.name}（{n}）", number=number, lines=lines, merges=merges, breaks=())

    def heads(self, row: int) -> bool:
        """Whether a line of a form heads the next one and belongs on its page: 一级指标 … over the indicators, 收入合计 … over its figures."""
        if not self.form or row + 1 >= len(self.lines):
            return False
        line, below = self.lines[row], self.lines[row + 1]
        if line.kind is not LineKind.BODY or line.key or any(cell.amount is not None for cell in line.cells):
            return False
        return bool(below.key) or (any(cell.amount is not None for cell in below.cells) and not any(cell.text for cell in below.cells))

    @cached_property
    def smallest_type(self) -> float:
        """The smallest type that prints, in pt."""
        return min((self.styles[cell.style].size for line in self.lines for cell in line.cells if not cell.blank), default=SMALLEST_TYPE)

    @cached_property
    def printed(self) -> tuple[tuple[str, ...], ...]:
        """What every cell prints, a merge's covered cells among them; blank is empty."""
        formats = [style.number_format for style in self.styles]
        figures: dict[tuple[Decimal, str], str] = {}  # the same few figures fill many cells

        def figure(shown: Decimal, number_format: str) -> str:
            text = figures.get((shown, number_format))
            if text is None:
                text = figures[shown, number_format] = written(shown, number_format)
            return text

        return tuple(tuple([cell.text or "" if cell.shown is None else figure(cell.shown, formats[cell.style]) for cell in line.cells]) for line in self.lines)

    @cached_property
    def merges_from(self) -> dict[int, list[Merge]]:
        """The merged ranges by their first row, left to right."""
        found: dict[int, list[Merge]] = {}
        for merge in sorted(self.merges, key=lambda m: m.column):
            found.setdefault(merge.row, []).append(merge)
        return found

    @cached_property
    def covered(self) -> frozenset[tuple[int, int]]:
        """The cells (row, column) that a merge covers, its first cell not among them."""
        return frozenset((r, c) for m in self.merges for r in range(m.row, m.row + m.rows) for c in range(m.column, m.column + m.columns) if (r, c) != (m.row, m.column))

    @cached_property
    def covered_rows(self) -> frozenset[int]:
        """The rows that have covered cells."""
        return frozenset(r for r, _ in self.covered)

    @cached_property
    def beside(self) -> frozenset[tuple[int, int]]:
        """Those covered cells that have their merge's first column to the left: Word does not have them at all."""
        return frozenset((r, c) for m in self.merges for r in range(m.row, m.row + m.rows) for c in range(m.column + 1, m.column + m.columns))

    def cell(self, row: int, column: int) -> Cell:
        return self.lines[row].cells[column]

    def address(self, row: int, column: int) -> str:
        """The cell's address in the emitted workbook: `F7`."""
        return f"{column_letters(column + 1)}{row + 1}"
