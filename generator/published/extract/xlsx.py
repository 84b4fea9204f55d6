"""Excel → Document: every visible sheet is a grid; a sheet with several tables, below or beside each other, is cut where their titles stand."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

from generator.model.problem import column_letters
from generator.published.extract.printed import Formats, formats_of, needs_format, printed_number
from generator.published.model import Document, Grid, GridCell, Spot, own_texts
from generator.published.words import clean, looks_like_title
from generator.read.cells import CellKind, RawCell, RawSheet, as_cell
from generator.read.workbook import open_workbook

_NO_VALUE = (CellKind.ERROR, CellKind.UNCALCULATED)
_FOOT = re.compile(r"(?:注|备注|附注|说明)\s*\d*\s*[:：]")  # the last line of the table above
Row = tuple[GridCell, ...]


def read_xlsx(path: Path) -> Document:
    """What the pages would show. Raises Refused when it is no sound workbook.

    Hidden sheets and columns are left out; hidden rows stay, because the totals hold them. All three are told, and cells without a value.
    """
    book = open_workbook(path)
    document = Document(path.name, "xlsx")
    odd = [s.name for s in book.sheets if not s.hidden and any(needs_format(as_cell(v).value) for row in s.rows for v in row)]
    formats = formats_of(path.read_bytes(), odd) if odd else {}
    for sheet in book.sheets:
        if sheet.hidden:
            document.unread.append(f"工作表“{sheet.name}”是隐藏的，没有审核")
            continue
        if sheet.height:
            document.blocks += _grids(sheet, document, formats)
    return document


def _text(cell: RawCell, number_format: str) -> str:
    value = cell.value
    if isinstance(value, bool) or value is None:
        return "" if value is None else ("是" if value else "否")
    if isinstance(value, float):
        return printed_number(value, number_format)
    if isinstance(value, (date, datetime)):
        return f"{value.year}年{value.month}月{value.day}日"
    return clean(str(value)).strip()


def _grids(sheet: RawSheet, document: Document, formats: Formats) -> list[Grid]:
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    for top, left, bottom, right in sheet.merges:
        for r in range(top, min(bottom, sheet.height - 1) + 1):
            for c in range(left, min(right, sheet.width - 1) + 1):
                if (r, c) != (top, left):
                    covered[r, c] = (top, left)
    own_formats = formats.get(sheet.name, {})
    shown = [c for c in range(sheet.width) if c + 1 not in sheet.hidden_columns]
    without: defaultdict[CellKind, list[str]] = defaultdict(list)
    rows: list[Row] = []
    for r in range(sheet.height):
        line: list[GridCell] = []
        for c in shown:
            own_r, own_c = covered.get((r, c), (r, c))
            raw = as_cell(sheet.rows[own_r][own_c])
            address = f"{column_letters(own_c + 1)}{own_r + 1}"
            spot = Spot(document.file, sheet.name, own_r + 1, own_c + 1, workbook=True, anchor=("x", sheet.name, own_r + 1, own_c + 1))
            if raw.kind in _NO_VALUE and (own_r, own_c) == (r, c):
                without[raw.kind].append(address)
            # words instead of a value: a blank would be taken for 0, and the total above it for wrong
            text = f"{raw.kind}{address}" if raw.kind in _NO_VALUE else _text(raw, own_formats.get((own_r + 1, own_c + 1), "General"))
            how = "" if (own_r, own_c) == (r, c) else "left" if own_c != c and own_c + 1 not in sheet.hidden_columns else "above" if own_r != r else ""
            line.append(GridCell(text, spot, how))
        rows.append(tuple(line))
    for kind, cells in without.items():
        document.unread.append(f"工作表“{sheet.name}”有 {len(cells)} 格是{kind}（{'、'.join(cells[:3])}{'等' if len(cells) > 3 else ''}），没有审核；用 WPS 或 Excel 打开、重新计算、保存后再审")
    if len(shown) < sheet.width:
        document.unread.append(f"工作表“{sheet.name}”有 {sheet.width - len(shown)} 列是隐藏的，没有审核")
    if sheet.hidden_rows:
        document.unread.append(f"工作表“{sheet.name}”有 {len(sheet.hidden_rows)} 行是隐藏的，和看得见的行一起核对了")
    parts = [side for part in _parts(rows) for side in _sides(part)]
    return [Grid(part, Spot(document.file, sheet.name, workbook=True, anchor=("x", sheet.name, part[0][0].spot.row, part[0][0].spot.column)), sheet.name) for part in parts]


def _parts(rows: list[Row]) -> list[list[Row]]:
    """A new table begins at a title that stands alone in its row and follows rows with figures."""
    cuts, body = [0], False
    for r, row in enumerate(rows):
        own = own_texts(row)
        if body and len(own) == 1 and looks_like_title(own[0]):
            start = r
            while start > cuts[-1] + 1 and len(own_texts(rows[start - 1])) <= 1 and not any((t[:1].isdigit() and len(t) > 12) or _FOOT.match(t) for t in own_texts(rows[start - 1])):
                start -= 1
            cuts.append(start)
            body = False
        elif len(own) >= 2:
            body = True
    return [rows[a:b] for a, b in zip(cuts, [*cuts[1:], len(rows)], strict=True) if b > a]


def _sides(rows: list[Row]) -> list[tuple[Row, ...]]:
    """Two tables beside each other: a blank column between them, and a title of its own over each."""
    blank = [c for c in range(1, len(rows[0]) - 1) if not any(row[c].text for row in rows)]
    for c in blank:
        sides = [[row[:c] for row in rows], [row[c + 1 :] for row in rows]]
        if all(any(looks_like_title(t) for row in side[:4] for t in own_texts(row)) for side in sides):
            return [tuple(sides[0]), *_sides(sides[1])]
    return [tuple(rows)]
