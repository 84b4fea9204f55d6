"""How one would do it with the usual libraries and no thought of speed.

openpyxl reads the master twice (values, then formulas), an openpyxl template is filled and saved, docxtpl row loops fill
the same tables in Word. It is given the finished figures: it computes and checks nothing. Its proof is one of its own: the
written workbook is loaded again by openpyxl, the written document by python-docx, and every cell looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
from docx.enum.section import WD_ORIENT
from docxtpl import DocxTemplate

from generator.model.figures import written
from generator.model.table import Cell, LineKind, Table


def read(path: Path) -> int:
    """Every cell, once for its value and once for its formula."""
    cells = 0
    for values_only in (True, False):
        book = openpyxl.load_workbook(path, data_only=values_only)
        for sheet in book:
            for row in sheet.iter_rows():
                cells += sum(c.value is not None for c in row)
    return cells


def fill_workbook(template: Path, tables: Sequence[Table]) -> bytes:
    """The template with every figure and text written into it."""
    book = openpyxl.load_workbook(template)
    for table in tables:
        sheet = book[table.name]
        for r, line in enumerate(table.lines):
            for c, cell in enumerate(line.cells):
                if (r, c) not in table.covered:
                    sheet.cell(r + 1, c + 1).value = float(cell.shown) if cell.shown is not None else cell.text
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def word_template(path: Path, tables: Sequence[Table]) -> None:
    """A .docx with one table per table: heading lines as text, one line looped over the body. Made beforehand, not timed."""
    document = docx.Document()
    document.sections[0].orientation = WD_ORIENT.LANDSCAPE
    for n, table in enumerate(tables):
        document.add_heading(table.title, 2)
        heads = [line for _, line in table.of_kind(LineKind.HEADING, LineKind.NUMBERS)]
        width = len(table.columns)
        grid = document.add_table(rows=len(heads) + 3, cols=width, style="Table Grid")
        cells = grid._cells
        for r, line in enumerate(heads):
            for c, cell in enumerate(line.cells):
                cells[r * width + c].text = cell.text or ""
        first = len(heads) * width
        cells[first].text = "{%tr for r in t" + str(n) + " %}"
        for c in range(width):
            cells[first + width + c].text = "{{ r[" + str(c) + "] }}"
        cells[first + 2 * width].text = "{%tr endfor %}"
    document.save(str(path))


def fill_word(template: Path, tables: Sequence[Table]) -> bytes:
    """The Word template with every body line looped in."""
    document = DocxTemplate(str(template))
    context = {f"t{n}": [[_text(table, cell) for cell in line.cells] for _, line in table.of_kind(LineKind.BODY)] for n, table in enumerate(tables)}
    document.render(context, autoescape=True)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def prove(workbook: Path, document: Path, tables: Sequence[Table]) -> tuple[int, int]:
    """Both files loaded again and every cell held against what was to be written; how many cells of each agree.

    The document's tables are read row by row, as python-docx offers it; asking for single cells would take many times as long.
    """
    book = openpyxl.load_workbook(workbook, data_only=True)
    right = 0
    for table in tables:
        sheet = book[table.name]
        for r, line in enumerate(table.lines):
            for c, cell in enumerate(line.cells):
                if (r, c) not in table.covered:
                    right += sheet.cell(r + 1, c + 1).value == (float(cell.shown) if cell.shown is not None else cell.text)
    said = 0
    for table, grid in zip(tables, docx.Document(str(document)).tables, strict=True):
        lines = [line for _, line in table.of_kind(LineKind.HEADING, LineKind.NUMBERS, LineKind.BODY)]
        for line, row in zip(lines, grid.rows, strict=False):
            said += sum(cell.text == _text(table, wanted) for cell, wanted in zip(row.cells, line.cells, strict=False))
    return right, said


def _text(table: Table, cell: Cell) -> str:
    return written(cell.shown, table.styles[cell.style].number_format) if cell.shown is not None else cell.text or ""
