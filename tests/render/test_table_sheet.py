"""The fast way to write a table's cells holds XlsxWriter's own way beside it: the same bytes for any table."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.format import Format

from generator.model.figures import written
from generator.model.table import Border, Cell, Column, Line, LineKind, Merge, Style, Table
from generator.render.table_sheet import TableSheet
from generator.render.xlsx import Formats

STYLES = (Style(wrap=True), Style(number_format="0.00;-0.00;", horizontal="right"), Style(number_format="#,##0.00", bold=True, border=Border("thin", "thin", "thin", "thin")))


def by_xlsxwriter(book: xlsxwriter.Workbook, table: Table, formats: list[Format], heights: list[float | None]) -> None:
    """Every cell through XlsxWriter's public calls."""
    sheet = book.add_worksheet(table.name)
    for n, column in enumerate(table.columns):
        sheet.set_column_pixels(n, n, round(column.width * 7))
    for row, height in enumerate(heights):
        if height:
            sheet.set_row(row, height)
    for m in table.merges:
        sheet.merge_range(m.row, m.column, m.row + m.rows - 1, m.column + m.columns - 1, "", formats[table.cell(m.row, m.column).style])
    for row, line in enumerate(table.lines):
        for column, cell in enumerate(line.cells):
            style = formats[cell.style]
            if (row, column) in table.covered:
                continue
            if cell.shown is not None and (cell.shown or written(cell.shown, table.styles[cell.style].number_format)):
                sheet.write_number(row, column, float(cell.shown), style)
            elif cell.shown is None and cell.text:
                sheet.write_string(row, column, cell.text, style)
            else:
                sheet.write_blank(row, column, None, style)


def ours(book: xlsxwriter.Workbook, table: Table, formats: list[Format], heights: list[float | None]) -> None:
    book.add_worksheet(table.name, TableSheet).fill(table, formats, heights)


def parts(way: Callable[..., None], table: Table, heights: list[float | None]) -> dict[str, bytes]:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    made = Formats(book)
    formats = [made[s] for s in table.styles]
    for f in formats:
        f._get_xf_index()  # numbered in the same order on both sides
    way(book, table, formats, heights)
    book.close()
    with ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 30))
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
    amounts = st.decimals(-(10**9), 10**9, places=2) | st.just(Decimal("0.00"))
    cell = st.one_of(
        st.builds(lambda t, s: Cell(t, style=s), texts, st.integers(0, 2)),
        st.builds(lambda a, s: Cell(None, a * 10000, a, s), amounts, st.integers(0, 2)),
        st.builds(lambda s: Cell(style=s), st.integers(0, 2)),
    )
    lines = tuple(Line(LineKind.BODY, tuple(draw(st.lists(cell, min_size=width, max_size=width)))) for _ in range(height))
    merges = []
    for row in range(0, height - 1, 2):
        if width > 1 and draw(st.booleans()):
            column = draw(st.integers(0, width - 2))
            merges.append(Merge(row, column, draw(st.integers(1, 2)), draw(st.integers(2, width - column))))
    widths = draw(st.lists(st.sampled_from((10.0, 64 / 7, 12.5)) | st.floats(1, 80), min_size=width, max_size=width))  # 64 pixels is Excel's own width
    return Table("表", "表", "某表", "万元", lines, tuple(Column((str(c),), True, own) for c, own in enumerate(widths)), tuple(merges), STYLES)


@given(tables(), st.lists(st.none() | st.just(15.0) | st.floats(1, 400), min_size=6, max_size=6))
@settings(max_examples=150, deadline=None)
def test_the_same_bytes_as_xlsxwriter_would_write(table, heights):
    assert parts(ours, table, heights[: len(table.lines)]) == parts(by_xlsxwriter, table, heights[: len(table.lines)])


@pytest.mark.parametrize("merges", [(Merge(0, 0, 1, 2), Merge(0, 1, 2, 1)), (Merge(0, 0, 2, 2), Merge(0, 0, 1, 2))])
def test_merges_that_overlap_are_refused(merges):
    lines = tuple(Line(LineKind.BODY, (Cell("甲"), Cell("乙"), Cell("丙"))) for _ in range(3))
    table = Table("表", "表", "某表", "万元", lines, tuple(Column((c,), False) for c in "甲乙丙"), merges, STYLES)
    with pytest.raises(ValueError, match="overlap"):
        parts(ours, table, [None] * 3)
