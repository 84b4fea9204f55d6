"""A table's figures by name: what its line is, what its column is, where it stands. For open data, comparison, consolidation.

A position says nothing once a line has been added above it; a name does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

import msgspec

from generator.model.figures import written
from generator.model.table import Cell, Line, LineKind, Table
from generator.pack.pack import TableSpec

FIELD_OF_LEVEL = {  # the word of a row dimension → the field its value is; words that are not here are fields themselves
    "主管部门": "主管部门编码",
    "单位": "单位编码",
    **{f"功能{word}": "功能科目编码" for word in "类款项"},
    **{f"部门经济{word}": "部门经济编码" for word in "类款"},
    **{f"政府经济{word}": "政府经济编码" for word in "类款"},
    "项目": "项目名称",
    "来源": "资金来源",
}


class Named(msgspec.Struct, frozen=True):  # made for every figure of a set: a dataclass takes five times as long to make
    """A cell of a table. sheet, row, column: where it stands in 预算公开表.xlsx, 0-based. dimensions: field → value of its line, one object a line.

    label: the words left of it in its line, in a statement or a form the nearest ones; path: its headings from the top down.
    """

    sheet: Table
    row: int
    column: int
    cell: Cell
    label: str
    path: str
    dimensions: Mapping[str, str]

    @property
    def address(self) -> str:
        return self.sheet.address(self.row, self.column)


def dimensions(spec: TableSpec, line: Line) -> dict[str, str]:
    """What a line is limited to, by field: {"单位编码": "124001", "功能科目编码": "2010301"}. Empty for a 合计 and for fixed lines."""
    found: dict[str, str] = {}
    if not line.key or line.key == ("合计",):
        return found
    words = [word for level in spec.levels if level != ("合计",) for word in level]
    for word, value in zip(words, line.key, strict=False):
        if word == "明细":
            continue
        if word == "项目":
            found["单位编码"], _, value = value.partition("\0")
        found[FIELD_OF_LEVEL.get(word, word)] = value
    return found


@lru_cache(maxsize=8192)
def squeezed(text: str) -> str:
    """A label without the blanks and line breaks that only space it out.

    >>> squeezed("收 入 总\\n计")
    '收入总计'
    """
    return re.sub(r"\s+", "", text)


def path_of(table: Table, column: int) -> str:
    """The headings of a column, top down: 一般公共预算拨款›小计."""
    return _joined(table.columns[column].path)


@lru_cache(maxsize=4096)
def _joined(path: tuple[str, ...]) -> str:
    return "›".join(p for p in dict.fromkeys(map(squeezed, path)) if p)


def named_figures(table: Table, spec: TableSpec) -> Iterator[Named]:
    """Every cell of the table that prints a figure, merged ones once, sheet by sheet as the workbook has them."""
    nearest = spec.kind in ("收支表", "申报表")
    prints_zero = [bool(written(Decimal(0), style.number_format)) for style in table.styles]
    for sheet in table.sheets:
        paths = [path_of(sheet, c) for c in range(len(sheet.columns))]
        for r, line in enumerate(sheet.lines):
            if line.kind is not LineKind.BODY:
                continue
            shared = dimensions(spec, line)
            label = ""
            for c, cell in enumerate(line.cells):
                if cell.shown is not None:
                    if (cell.shown or prints_zero[cell.style]) and (r, c) not in sheet.covered:
                        yield Named(sheet, r, c, cell, label, paths[c], shared)
                elif cell.text:
                    own = squeezed(cell.text)
                    label = own if nearest or not label else label if own in label.split() else f"{label} {own}"
