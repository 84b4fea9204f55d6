"""What a finished document is to the audit: paragraphs and grids in reading order, each piece with the place where a person finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from msgspec import structs

from generator.model.problem import Level, Place, column_letters
from generator.model.table import Cell, Column, Line, LineKind, Table


@dataclass(frozen=True, slots=True)
class Spot(Place):
    """A place in a published file: the Place of the cells of a table that was read.

    page: 1-based, 0 where the format has no fixed pages (Word, Excel). sheet: the sheet, the table's title or the section heading.
    row, column: of the sheet or of the table as printed, 1-based. paragraph: within the section, 1-based.
    workbook: it is a cell of a sheet, with an address.
    anchor: what the marker of this format needs to find it again; means nothing to the checks.
    """

    page: int = 0
    paragraph: int = 0
    workbook: bool = False
    anchor: tuple[object, ...] = field(default=(), compare=False)

    @property
    def part(self) -> str:
        """The sheet, table or section it stands in."""
        return self.sheet

    def __str__(self) -> str:
        if self.workbook:
            cell = f"{column_letters(self.column)}{self.row}" if self.row and self.column else f"第{self.row}行" if self.row else ""
            return "!".join(p for p in (self.file, self.part, cell) if p)
        page = f"第{self.page}页 " if self.page else ""
        if self.row:
            return f"{self.file} {page}{self.part} 第{self.row}行" + (f"第{self.column}列" if self.column else "")
        if self.paragraph:
            return f"{self.file} {page}" + (f"“{self.part}”下第{self.paragraph}段" if self.part else f"第{self.paragraph}段")
        return f"{self.file} {page}{self.part}".strip()


@dataclass(frozen=True, slots=True)
class GridCell:
    """One position of a grid. covered: "" for a cell of its own, "left" or "above" where a merged cell reaches over; text is the owner's then."""

    text: str
    spot: Spot
    covered: str = ""


def own_texts(row: Sequence[GridCell]) -> list[str]:
    """What stands in a row, each merged cell once."""
    return [c.text for c in row if c.text and not c.covered]


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table as it stands on the page or sheet. All rows of one length. name: the sheet's name, empty elsewhere.

    sure: merged cells are known for certain; False for text with tabs, where a blank may be a merge.
    """

    rows: tuple[tuple[GridCell, ...], ...]
    spot: Spot
    name: str = ""
    sure: bool = True


@dataclass(slots=True)
class Document:
    """One file as read.

    unread: what could not be read, in words for the report; lost: how many tables are among it; path: where it came from, for its marked copy.
    tables: once they are made out (read_tables); a changed copy makes its own.
    """

    file: str
    kind: str  # docx, xlsx, pdf, txt
    blocks: list[Paragraph | Grid] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    pages: int = 0
    path: Path | None = None
    lost: int = 0
    tables: list[ReadTable] | None = field(default=None, init=False)

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        return (b for b in self.blocks if isinstance(b, Paragraph))


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed amount. value in the cell's own unit; yuan: the same in 元; step: its last printed digit in 元."""

    value: Decimal
    yuan: Decimal
    step: Decimal

    @property
    def half(self) -> Decimal:
        return self.step / 2


class ReadCell(Cell, frozen=True):
    """A cell as read. text: all that is printed, figures too. step: the last printed digit of `amount` in 元; 0 when there is none.

    covered: "" for a cell of its own, "left" or "above" where a merged cell reaches over; text is the owner's then, amount None.
    """

    text: str = ""
    place: Spot = Spot("")
    step: Decimal = Decimal(0)
    covered: str = ""

    @property
    def spot(self) -> Spot:
        return self.place

    @property
    def figure(self) -> Figure | None:
        return None if self.amount is None or self.shown is None else Figure(self.shown, self.amount, self.step)

    def printing(self, figure: Figure) -> ReadCell:
        """The same cell with another figure, for what is added up of several cells."""
        return structs.replace(self, amount=figure.yuan, shown=figure.value, step=figure.step)


@dataclass(frozen=True, slots=True)
class ReadColumn(Column):
    """path: headings from the top, repeats removed. role: 金额, 数量, 编码, 名称, 其他. unit: that of its figures; empty for counts."""

    role: str = ""
    unit: str = ""

    @property
    def title(self) -> str:
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class ReadRow(Line):
    """A body line. code: functional or economic code standing in it; label: its name without ordinal."""

    cells: tuple[ReadCell, ...] = ()
    code: str = ""
    label: str = ""


@dataclass(frozen=True)
class ReadTable:
    """A published table: the Table that was read, and what only a page has to be asked for.

    table: its lines are LEAD, HEADING, NUMBERS, BODY (each a ReadRow) and FOOT, its cells ReadCells, its columns ReadColumns.
    organ: the unit named above it, organ_spot where; spot: where the table begins.
    lists: column groups of a statement: (label column, figure columns); empty for a table with one set of rows.
    unit_printed: False when no unit stands anywhere near and 万元 was taken.
    ragged: its rows do not stand under its headings; no figure of it is used.
    """

    table: Table
    spot: Spot
    organ: str = ""
    organ_spot: Spot | None = None
    lists: tuple[tuple[int, tuple[int, ...]], ...] = ()
    unit_printed: bool = True
    ragged: bool = False

    @property
    def number(self) -> str:
        return self.table.number

    @property
    def title(self) -> str:
        return self.table.title

    @property
    def unit(self) -> str:
        return self.table.unit

    @property
    def name(self) -> str:
        return f"{self.number} {self.title}".strip() or "无标题的表"

    @property
    def empty(self) -> bool:
        """No amount other than 0 stands in it."""
        return self.table.empty

    @cached_property
    def rows(self) -> tuple[ReadRow, ...]:
        return tuple(line for line in self.table.lines if isinstance(line, ReadRow))

    @cached_property
    def columns(self) -> tuple[ReadColumn, ...]:
        return tuple(column for column in self.table.columns if isinstance(column, ReadColumn))

    @cached_property
    def figure_columns(self) -> tuple[int, ...]:
        return tuple(i for i, c in enumerate(self.columns) if c.role == "金额")

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What stands under the body."""
        return tuple("".join(c.text or "" for c in line.cells) for _, line in self.table.of_kind(LineKind.FOOT))

    @cached_property
    def faults(self) -> tuple[ReadCell, ...]:
        """Cells under a heading of amounts with digits that are no amount; nothing that rests on them is claimed."""
        return tuple(c for r in self.rows for i in self.figure_columns if (c := r.cells[i]).figure is None and not c.covered and re.search(r"\d", c.text))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, or worth a look. other: the second place, for two figures that disagree; quote: the words it is about."""

    rule: str
    level: Level
    spot: Spot
    message: str
    hint: str = ""
    other: Spot | None = None
    quote: str = ""
    kind: str = ""

    def __str__(self) -> str:
        hint = f"\n    改法：{self.hint}" if self.hint else ""
        other = f"\n    对照：{self.other}" if self.other else ""
        quote = f"\n    原文：{self.quote}" if self.quote else ""
        return f"{self.spot}  {self.level}  {self.message}  [{self.rule}]{quote}{other}{hint}"
