"""What a workbook holds, as read: sheets, cells, plain values. No meaning yet; `values` gives them one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from generator.model.problem import Place

Value = str | int | float | bool | date | datetime | time | timedelta | None


class CellKind(StrEnum):
    """What a cell is to Excel. ERROR and UNCALCULATED have no usable value and must never pass for blank or 0."""

    BLANK = "空白"
    TEXT = "文本"
    NUMBER = "数字"
    BOOL = "逻辑值"
    DATE = "日期"
    ERROR = "错误值"
    UNCALCULATED = "未计算的公式"


class SheetKind(StrEnum):
    """Only a WORKSHEET has cells; the others keep their place among the sheets and are empty."""

    WORKSHEET = "工作表"
    CHART = "图表"
    MACRO = "宏表"
    DIALOG = "对话框"


class RawCell(msgspec.Struct, frozen=True):  # made for every cell that is looked at
    """One cell as the file has it.

    value: text exactly as typed (nothing stripped), a number, a bool, a date, a time (a length of time is a timedelta);
        for ERROR the error itself (`#DIV/0!`), for UNCALCULATED the formula (`=SUM(A1:A3)`); None when blank.
    formula: the value was computed by a formula when the file was last saved.
    """

    value: Value
    kind: CellKind
    formula: bool = False


BLANK = RawCell(None, CellKind.BLANK)

_KINDS = {
    str: CellKind.TEXT,
    float: CellKind.NUMBER,
    int: CellKind.NUMBER,
    bool: CellKind.BOOL,
    date: CellKind.DATE,
    datetime: CellKind.DATE,
    time: CellKind.DATE,
    timedelta: CellKind.DATE,
}


def as_cell(value: Value | RawCell, formula: bool = False) -> RawCell:
    """The cell that a plain value of `RawSheet.rows` stands for; a RawCell stands for itself.

    >>> as_cell(""), as_cell("甲").kind
    (RawCell(value=None, kind=<CellKind.BLANK: '空白'>, formula=False), <CellKind.TEXT: '文本'>)
    """
    if isinstance(value, RawCell):
        return value
    if value is None or value == "":
        return RawCell(None, CellKind.BLANK, True) if formula else BLANK
    return RawCell(value, _KINDS[type(value)], formula)


@dataclass(slots=True)
class RawSheet:
    """One sheet. `rows[0]` is row 1 of Excel and `rows[0][0]` is A1, whatever is empty before the first cell.

    rows: plain values, because an object per cell costs more than reading the file does. "" is a blank cell; a RawCell
        stands where a plain value would hide something: an error, a formula without a result, a computed value.
        Trailing blank rows and columns are not there; all rows are of one length.
    merges: 0-based (top, left, bottom, right), inclusive, in the order of the file.
    hidden_rows, hidden_columns: 1-based, filtered rows included, only as far as `rows` reaches.
    """

    file: str
    name: str
    hidden: bool = False
    kind: SheetKind = SheetKind.WORKSHEET
    rows: list[list[Value | RawCell]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def cell(self, row: int, column: int) -> RawCell:
        """The cell at 1-based row and column; a blank one outside of what the sheet holds."""
        if 1 <= row <= len(self.rows) and 1 <= column <= len(self.rows[row - 1]):
            return as_cell(self.rows[row - 1][column - 1])
        return BLANK

    def value(self, row: int, column: int) -> Value | RawCell:
        """As `cell`, but what `rows` has: quicker where most cells are blank or nothing but text."""
        if 1 <= row <= len(self.rows) and 1 <= column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return ""

    def place(self, row: int = 0, column: int = 0) -> Place:
        """Where row and column are, for a message; without them the whole sheet."""
        return Place(self.file, self.name, row, column)


@dataclass(slots=True)
class RawWorkbook:
    """A whole file. `file` is its name without the folder; `sheets` are in the order of the tabs, hidden ones included.

    properties: what the file says about itself: title, category, keywords and the custom properties (a template
        version stands there). Authors are left out on purpose. Empty when the format or the file has none.
    """

    file: str
    sheets: list[RawSheet]
    properties: dict[str, str] = field(default_factory=dict)
