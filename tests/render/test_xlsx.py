"""The emitted workbook: what Excel shows is what the table says; odd texts stay texts."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from generator.audit.readback import ReadbackError, prove, workbook_differences
from generator.model.table import Cell, Column, Line, LineKind, Merge, Page, Style, Table
from generator.render.heights import line_heights
from generator.render.sheet_pages import SheetPages, _page_starts, sheet_pages
from generator.render.xlsx import workbook

WHEN = datetime(2022, 1, 1)
STYLES = (Style(wrap=True), Style(number_format="0.00;-0.00;", horizontal="right"))


def table(rows: list[list[object]], **changed) -> Table:
    """A small table: texts and Decimals under one heading line."""
    lines = [Line(LineKind.HEADING, tuple(Cell(f"栏{c}") for c in range(len(rows[0]))))]
    for row in rows:
        lines.append(Line(LineKind.BODY, tuple(Cell(None, v * 10000, v, 1) if isinstance(v, Decimal) else Cell(v) for v in row), key=("x",)))
    columns = tuple(Column((f"栏{c}",), isinstance(rows[0][c], Decimal), 12) for c in range(len(rows[0])))
    return Table("表一", "表一", "某表", "万元", tuple(lines), columns, styles=STYLES, **changed)


def read(t: Table) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(BytesIO(workbook([t], "甲", WHEN)))["表一"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", "{{ 7*7 }}", "<b>&", "http://x.y", "0123", "1e5"])
def test_a_text_is_a_text_whatever_it_looks_like(text):
    cell = read(table([[text, Decimal("1.00")]]))["A2"]
    assert cell.value == text
    assert cell.data_type == "s"
    assert cell.hyperlink is None


def test_zero_prints_as_the_rule_says():
    sheet = read(table([["甲", Decimal("0.00")], ["乙", Decimal("1.50")]]))
    assert sheet["B2"].value is None, "a zero that prints blank is blank"
    assert sheet["B3"].value == 1.5


def test_no_person_in_the_properties():
    book = openpyxl.load_workbook(BytesIO(workbook([table([["甲", Decimal(1)]])], "甲", WHEN)))
    assert not book.properties.creator
    assert not book.properties.lastModifiedBy


def test_a_changed_figure_is_found_and_named():
    good = table([["甲", Decimal("1.00")], ["乙", Decimal("2.00")]])
    data = workbook([good], "甲", WHEN)
    prove("表", workbook_differences(data, [good]))
    other = table([["甲", Decimal("1.00")], ["乙", Decimal("2.01")]])
    with pytest.raises(ReadbackError, match=r"表一!B3 应为 2.01，写出来是 2.0"):
        prove("表", workbook_differences(data, [other]))
    missing = table([["甲", Decimal("1.00")], ["乙", Decimal("2.00")], ["丙", Decimal("3.00")]])
    assert len(list(workbook_differences(data, [missing]))) == 2


def test_wrapped_text_shows_whole():
    long = "机关事业单位基本养老保险缴费支出以及其他很长很长的名称" * 2
    t = table([[long, Decimal(1)]], merges=())
    heights = line_heights(t)
    assert heights[1] > 4 * 10, "five lines of 10 pt need more than one line's height"
    wide = table([[long, Decimal(1)]], merges=(Merge(1, 0, 1, 2),))
    assert line_heights(wide)[1] < heights[1], "over two columns it needs fewer lines"


def test_a_table_just_over_a_page_is_printed_on_one():
    t = table([["甲", Decimal(1)]] * 34, page=Page("A4", True, (0.4, 0.4, 0.5, 0.55)))
    assert sheet_pages(t, [15.5] * len(t.lines)).tall == 1
    assert sheet_pages(t, [14.0] * len(t.lines)) == SheetPages(), "it fits"
    assert sheet_pages(t, [25.0] * len(t.lines)) == SheetPages(), "two pages are two pages"


def test_a_last_line_does_not_stand_alone_on_a_page():
    t = table([["甲", Decimal(1)]] * 89, page=Page("A4", True, (0.4, 0.4, 0.5, 0.55)))
    small = replace(t, styles=tuple(replace(s, size=7.0) for s in t.styles))
    per_page = 33  # lines of 15 pt, the heading repeated on top
    heights = [15.0] * (1 + 1 + 3 * per_page)
    many = replace(small, lines=(*small.lines, *[small.lines[-1]] * (len(heights) - len(small.lines))))
    alone = next(n for n in range(60, 101) if 0 < len(many.lines[:n]) - _last_start(many, heights[:n], n) <= 2)
    found = sheet_pages(replace(many, lines=many.lines[:alone]), heights[:alone])
    assert found.breaks == (alone - 3,), "the page before gives up lines, type would be under 7 pt"
    assert found.scale, "Excel takes no notice of breaks in a sheet fitted to pages"


def _last_start(t: Table, heights: list[float], count: int) -> int:
    return _page_starts(replace(t, lines=t.lines[:count]), heights, 1.0)[-1]


def test_forms_begin_pages_in_excel_too():
    t = table([["甲", Decimal(1)]] * 9, form=True, breaks=(5,))
    sheet = read(t)
    assert [b.id for b in sheet.row_breaks.brk] == [5]
    assert not sheet.sheet_properties.pageSetUpPr or not sheet.sheet_properties.pageSetUpPr.fitToPage
