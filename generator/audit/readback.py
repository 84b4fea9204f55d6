"""What was written, read back and held against the model, figure by figure, before anything is handed over.

A difference is never the clerk's fault: it stops the build as ours and names the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO

import python_calamine

from generator.model.figures import written
from generator.model.table import Cell, Table


class ReadbackError(Exception):
    """A written file does not say what the model says. Our fault: exit status 3."""


def covered_cells(table: Table) -> set[tuple[int, int]]:
    """The cells that a merge covers (its first cell not among them)."""
    return {
        (r, c)
        for m in table.merges
        for r in range(m.row, m.row + m.rows)
        for c in range(m.column, m.column + m.columns)
        if (r, c) != (m.row, m.column)
    }


def expected_text(table: Table, cell: Cell) -> str:
    """What a reader sees in the cell."""
    if cell.shown is not None:
        return written(cell.shown, table.styles[cell.style].number_format)
    return cell.text or ""


def workbook_differences(data: bytes, tables: Sequence[Table]) -> Iterator[str]:
    """Where the workbook differs from the tables: sheet, cell, both values."""
    book = python_calamine.load_workbook(BytesIO(data))
    names = book.sheet_names
    for table in tables:
        if table.name not in names:
            yield f"缺工作表 {table.name}"
            continue
        grid = book.get_sheet_by_name(table.name).to_python(skip_empty_area=False)
        covered = covered_cells(table)
        for r, line in enumerate(table.lines):
            row = grid[r] if r < len(grid) else []
            for c, cell in enumerate(line.cells):
                found = row[c] if c < len(row) else ""
                wanted = "" if (r, c) in covered else expected_text(table, cell)
                if cell.shown is not None and wanted and (r, c) not in covered:
                    same = isinstance(found, (int, float)) and Decimal(repr(found)) == cell.shown
                else:
                    same = str(found) == wanted
                if not same:
                    yield f"{table.name}!{table.address(r, c)} 应为 {wanted or '空白'}，写出来是 {found if found != '' else '空白'}"


def prove_workbook(data: bytes, tables: Sequence[Table]) -> None:
    """ReadbackError when the workbook does not say what the tables say."""
    wrong = list(workbook_differences(data, tables))
    if wrong:
        raise ReadbackError("预算公开表.xlsx 与数据不一致：" + "；".join(wrong[:10]))
