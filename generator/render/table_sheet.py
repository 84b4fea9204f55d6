"""A Table's cells (TableSheet), or lines of texts (TextSheet), as one worksheet's `<sheetData>`, for XlsxWriter to put into its workbook.

XlsxWriter takes every cell through four calls and keeps it as an object until the end, which is more than half of what
writing a set costs (docs/性能.md). Here rows whose shape is known are written at once; all else of the
workbook stays XlsxWriter's: package, styles, shared strings, print set-up. What comes out is what
XlsxWriter itself would have written (tests/render/test_table_sheet.py and test_excel_book.py hold the two against each other).

`worksheet_class` is XlsxWriter's way to add a worksheet of one's own; `_write_sheet_data`, `_write_cols` and
`_write_merge_cells` are methods that its Worksheet calls, each at its place in the sheet's XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.figures import written
from generator.model.problem import column_letters
from generator.model.table import Cell, Table

LONGEST = 32767  # characters in a cell
_ZERO = Decimal(0)
_ROW = "\0"  # stands for a line's number; nothing of a line holds it, texts are shared


class TableSheet(Worksheet):
    """A worksheet filled once, by `fill`. Cells and columns set besides are not in it; links and print set-up are XlsxWriter's."""

    _rows = ""
    _widths: Sequence[int] = ()  # of the columns, in pixels

    def fill(self, table: Table, formats: Sequence[Format], heights: Sequence[float | None]) -> None:
        """Takes the cells, merges, column widths and line heights (pt) of a table. formats: one for each of table.styles.

        Raises ValueError when merges overlap, which Excel would call a broken file.
        """
        if len(table.covered) != sum(m.rows * m.columns - 1 for m in table.merges) or any((m.row, m.column) in table.covered for m in table.merges):
            raise ValueError(f"{table.name}: merged ranges overlap")
        self.merge = [[m.row, m.column, m.row + m.rows - 1, m.column + m.columns - 1] for m in table.merges]
        self._widths = [round(column.width * 7) for column in table.columns]  # as stored: they include Excel's padding
        if not table.lines or not table.columns:
            return
        self.dim_rowmin, self.dim_rowmax, self.dim_colmin, self.dim_colmax = 0, len(table.lines) - 1, 0, len(table.columns) - 1
        self._rows = "".join(self._lines(table, [f._get_xf_index() for f in formats], heights))

    def _lines(self, table: Table, styles: Sequence[int], heights: Sequence[float | None]) -> list[str]:
        letters = [column_letters(n + 1) for n in range(len(table.columns))]
        blank_zero = [not written(_ZERO, style.number_format) for style in table.styles]
        hidden: dict[int, list[tuple[int, Cell]]] = {}  # by row, what stands under a merge: nothing, in the style of its first cell
        for m in table.merges:
            under = Cell(style=table.cell(m.row, m.column).style)
            for r in range(m.row, m.row + m.rows):
                hidden.setdefault(r, []).extend((c, under) for c in range(m.column, m.column + m.columns) if (r, c) != (m.row, m.column))
        begins: list[dict[int, str]] = [{} for _ in letters]  # by column and style, how a cell begins; the row's number is put in for the whole line at once
        shared = self.str_table._get_shared_string_index
        out: list[str] = []
        for row, line in enumerate(table.lines):
            made = [_opening(_ROW, len(letters), heights[row] or 0, self.default_row_height)]
            cells: Sequence[Cell] = line.cells
            if row in hidden:
                cells = list(cells)
                for column, cell in hidden[row]:
                    cells[column] = cell
            for letter, known, cell in zip(letters, begins, cells, strict=True):
                style, shown, text = cell.style, cell.shown, cell.text
                begin = known.get(style)
                if begin is None:
                    begin = known[style] = f'<c r="{letter}{_ROW}" s="{styles[style]}"'
                if shown is not None and (shown or not blank_zero[style]):
                    made.append(f"{begin}><v>{float(shown):.16G}</v></c>")
                elif shown is None and text:
                    made.append(f'{begin} t="s"><v>{shared(text[:LONGEST])}</v></c>')
                else:  # nothing, or a zero that prints blank
                    made.append(begin + "/>")
            made.append("</row>")
            out.append("".join(made).replace(_ROW, str(row + 1)))
        return out

    def _write_cols(self) -> None:
        """XlsxWriter's hook, at its place in the sheet's XML; it would keep an object for each column."""
        self._xml_start_tag("cols")
        last = 0
        for pixels, alike in groupby(self._widths):
            first, last = last + 1, last + len(list(alike))
            own = ' customWidth="1"' if pixels != self.default_col_width else ""
            self.fh.write(f'<col min="{first}" max="{last}" width="{pixels * 256 // self.max_digit_width / 256:.16g}"{own}/>')
        self._xml_end_tag("cols")

    def _write_sheet_data(self) -> None:
        """XlsxWriter's hook again."""
        self._xml_start_tag("sheetData")
        self.fh.write(self._rows)
        self._xml_end_tag("sheetData")

    def _write_merge_cells(self) -> None:
        """XlsxWriter's hook again: the merged ranges, of which a set has more than a thousand."""
        if self.merge:
            ranges = [f'<mergeCell ref="{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"/>' for top, left, bottom, right in self.merge]
            self.fh.write(f'<mergeCells count="{len(ranges)}">{"".join(ranges)}</mergeCells>')


class TextSheet(Worksheet):
    """A worksheet of texts, filled once by `fill`: as a TableSheet, whole rows at once, the same bytes as cell by cell."""

    _lines: Sequence[tuple[Sequence[int | None], Sequence[Format], float]] = ()

    def fill(self, rows: Sequence[tuple[Sequence[str | None], Sequence[Format], float]]) -> None:
        """Takes the rows: the texts (None for an empty cell), a format for each, the height in pt (0 for Excel's own). All are of one length."""
        shared = self.str_table._get_shared_string_index
        self._lines = [([None if text is None else shared(text) for text in texts], formats, height) for texts, formats, height in rows]
        self.dim_rowmin, self.dim_rowmax, self.dim_colmin, self.dim_colmax = 0, len(rows) - 1, 0, len(rows[0][0]) - 1

    def _write_sheet_data(self) -> None:
        """XlsxWriter's hook, at its place in the sheet's XML; formats have their numbers from here on."""
        self._xml_start_tag("sheetData")
        for number, (texts, formats, height) in enumerate(self._lines, 1):
            cells = [
                f'<c r="{column_letters(column)}{number}" s="{style._get_xf_index()}"' + ("/>" if text is None else f' t="s"><v>{text}</v></c>')
                for column, (text, style) in enumerate(zip(texts, formats, strict=True), 1)
            ]
            self.fh.write(f'{_opening(str(number), len(cells), height, self.default_row_height)}{"".join(cells)}</row>')
        self._xml_end_tag("sheetData")


def _opening(number: str, width: int, height: float, default: float) -> str:
    """How a line begins. height: in pt, 0 for Excel's own; default: Excel's own in pixels."""
    pixels = int(height * 4.0 / 3.0 + 0.5)
    tall = f' ht="{pixels * 0.75:.16g}" customHeight="1"' if pixels and pixels != default else ""
    return f'<row r="{number}" spans="1:{width}"{tall}>'
