"""Excel → Document: every visible sheet is a grid; a sheet with several tables below each other is cut where a title stands."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from generator.published.model import Document, Grid, GridCell, Spot
from generator.published.words import looks_like_title
from generator.read.cells import CellKind, RawCell, RawSheet, as_cell
from generator.read.workbook import _read


def read_xlsx(path: Path) -> Document:
    """Raises Refused when it is no sound workbook. Hidden sheets and error cells are told as unread."""
    book = _read(path)
    document = Document(path.name, "xlsx")
    for sheet in book.sheets:
        if sheet.hidden:
            document.unread.append(f"工作表“{sheet.name}”是隐藏的，没有审核")
            continue
        if sheet.height:
            document.blocks += _grids(sheet, document)
    return document


def _text(cell: RawCell) -> str:
    value = cell.value
    if isinstance(value, bool) or value is None:
        return "" if value is None else ("是" if value else "否")
    if isinstance(value, float):
        exact = Decimal(repr(value))
        return str(int(exact)) if exact == exact.to_integral_value() and abs(exact) < 10**15 else f"{exact:f}"
    if isinstance(value, (date, datetime)):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value).strip()


def _grids(sheet: RawSheet, document: Document) -> list[Grid]:
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for top, left, bottom, right in sheet.merges:
        for r in range(top, min(bottom, sheet.height - 1) + 1):
            for c in range(left, min(right, sheet.width - 1) + 1):
                if (r, c) != (top, left):
                    covered[r, c] = (top, left)
    rows: list[tuple[GridCell, ...]] = []
    for r in range(sheet.height):
        line: list[GridCell] = []
        for c in range(sheet.width):
            own_r, own_c = covered.get((r, c), (r, c))
            raw = as_cell(sheet.rows[own_r][own_c])
            spot = Spot(document.file, sheet=sheet.name, row=own_r + 1, column=own_c + 1, workbook=True, anchor=("x", sheet.name, own_r + 1, own_c + 1))
            if raw.kind in (CellKind.ERROR, CellKind.UNCALCULATED) and (own_r, own_c) == (r, c):
                document.unread.append(f"{spot} 是{raw.kind}（{raw.value}），没有审核")
            text = "" if raw.kind in (CellKind.ERROR, CellKind.UNCALCULATED) else _text(raw)
            how = "" if (own_r, own_c) == (r, c) else "left" if own_c != c else "above"
            line.append(GridCell(text, spot, how))
        rows.append(tuple(line))
    return [Grid(part, Spot(document.file, sheet=sheet.name, workbook=True, anchor=("x", sheet.name, part[0][0].spot.row, 1)), sheet.name) for part in _parts(rows)]


def _parts(rows: list[tuple[GridCell, ...]]) -> list[tuple[tuple[GridCell, ...], ...]]:
    """A new table begins at a title that stands alone in its row and follows rows with figures."""
    cuts, body = [0], False
    for r, row in enumerate(rows):
        own = [c.text for c in row if c.text and not c.covered]
        if body and len(own) == 1 and looks_like_title(own[0]):
            start = r
            while (
                start > cuts[-1] + 1 and sum(bool(c.text) and not c.covered for c in rows[start - 1]) <= 1 and not any(ch.isdigit() and len(c.text) > 12 for c in rows[start - 1] for ch in c.text[:1])
            ):
                start -= 1
            cuts.append(start)
            body = False
        elif len(own) >= 2:
            body = True
    return [tuple(rows[a:b]) for a, b in zip(cuts, [*cuts[1:], len(rows)], strict=True) if b > a]
