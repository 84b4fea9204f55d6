"""What a finished document is to the audit: paragraphs and grids in reading order, each piece with the place where a person finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from generator.model.problem import Level, column_letters


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands in a published file.

    page: 1-based, 0 where the format has no fixed pages (Word, Excel). part: the sheet, the table's title or the section heading.
    row, column: of the sheet or of the table as printed, 1-based. paragraph: within `part`, 1-based.
    anchor: what the marker of this format needs to find it again; means nothing to the checks.
    """

    file: str
    page: int = 0
    part: str = ""
    row: int = 0
    column: int = 0
    paragraph: int = 0
    sheet: bool = False
    anchor: tuple[object, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        if self.sheet:
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
    """One file as read. unread: what could not be read, in words for the report; path: where it came from, for its marked copy."""

    file: str
    kind: str  # docx, xlsx, pdf, txt
    blocks: list[Paragraph | Grid] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    pages: int = 0
    path: Path | None = None

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


@dataclass(frozen=True, slots=True)
class ReadCell:
    text: str
    spot: Spot
    figure: Figure | None = None
    covered: str = ""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """path: headings from the top, repeats removed. role: 金额, 数量, 编码, 名称, 其他."""

    path: tuple[str, ...]
    role: str

    @property
    def title(self) -> str:
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A body row. code: functional or economic code standing in it; label: its name without ordinal; ordinal: 一、 （一） 1. as printed."""

    cells: tuple[ReadCell, ...]
    code: str = ""
    label: str = ""


@dataclass(frozen=True)
class ReadTable:
    """A table understood: title, number, unit, columns by their headings, body rows, notes under it.

    lists: column groups of a statement: (label column, figure columns); empty for a table with one set of rows.
    faults: cells under a heading of amounts that hold something else; nothing that rests on them is claimed.
    """

    number: str
    title: str
    unit: str
    organ: str
    spot: Spot
    columns: tuple[ReadColumn, ...]
    rows: tuple[ReadRow, ...]
    lists: tuple[tuple[int, tuple[int, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[ReadCell, ...] = ()
    unit_printed: bool = True
    organ_spot: Spot | None = None

    @property
    def name(self) -> str:
        return f"{self.number} {self.title}".strip() or "无标题的表"

    @cached_property
    def figure_columns(self) -> tuple[int, ...]:
        return tuple(i for i, c in enumerate(self.columns) if c.role == "金额")

    @cached_property
    def empty(self) -> bool:
        """No amount other than 0 stands in it."""
        return not any(c.figure and c.figure.value for r in self.rows for c in r.cells)


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
