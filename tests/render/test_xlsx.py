"""The emitted workbook: what Excel shows is what the table says; odd texts stay texts."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from msgspec import structs

from generator.audit.readback import ReadbackError, prove, workbook_differences
from generator.model.table import Cell, Column, Line, LineKind, Merge, Page, Style, Table
from generator.render.heights import line_heights
from generator.render.sheet_pages import sheet_pages
from generator.render.xlsx import workbook
from tests.support import ROOT

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


def tall(count: int, height: float, size: float = 10.0, **changed) -> Table:
    """A heading and `count` lines of `height` pt on A4 landscape: 517 pt of room."""
    t = table([["甲", Decimal(1)]] * count, page=Page("A4", True, (0.4, 0.4, 0.5, 0.55)), **changed)
    return replace(t, lines=tuple(replace(line, height=height) for line in t.lines), styles=tuple(structs.replace(s, size=size) for s in t.styles))


def test_a_table_just_over_a_page_is_printed_on_one():
    assert sheet_pages(tall(34, 15.5)).tall == 1
    for fits in (tall(34, 14.0), tall(34, 25.0)):  # one page; two full ones
        made = sheet_pages(fits)
        assert (made.tall, made.scale, made.breaks) == (0, 0, ())


def test_a_last_line_does_not_stand_alone_on_a_page():
    made = sheet_pages(tall(2 * 24 + 1, 20.0, size=7.0))  # 25 lines a page, the heading repeated; type of 7 pt may not shrink
    assert made.breaks
    assert 2 * 24 + 2 - made.breaks[-1] >= 3, "the page before gives up lines"
    assert made.scale, "Excel takes no notice of breaks in a sheet fitted to pages"


def test_a_form_too_long_is_drawn_in_onto_its_page():
    made = sheet_pages(tall(28, 24.0, form=True))
    assert made.tall == 1
    assert sum(made.heights) < 517
    assert min(made.heights) > 10, "every line still holds its text"
    far = sheet_pages(tall(80, 24.0, form=True))
    assert far.tall == 0
    assert set(far.heights) == {24.0}, "what needs pages anyhow keeps its looks"


def test_a_merged_cell_ends_with_its_page():
    """Its text would stand in the midst of two pages, cut by both."""
    t = tall(60, 20.0, size=7.0, form=True)
    t = replace(t, columns=(*t.columns, Column(("",), False, 5.0)), lines=tuple(replace(line, cells=(*line.cells, Cell())) for line in t.lines), merges=(Merge(1, 2, 60, 1),))
    made = sheet_pages(t)
    assert [m.row for m in made.merges] == [1, *made.breaks]
    assert sum(m.rows for m in made.merges) == 60
    assert made.scale
    sheet = read(t)
    assert [b.id for b in sheet.row_breaks.brk] == list(made.breaks)
    prove("表", workbook_differences(workbook([t], "甲", WHEN), [t]))


def test_its_label_is_said_again_on_the_next_page():
    t = tall(60, 20.0, size=7.0, form=True)
    body = [replace(line, cells=(*line.cells, Cell("产出指标" if n == 1 else None))) for n, line in enumerate(t.lines)]
    t = replace(t, columns=(*t.columns, Column(("",), False, 5.0)), lines=tuple(body), merges=(Merge(1, 2, 60, 1),))
    starts = [1, *sheet_pages(t).breaks]
    assert len(starts) > 1
    data = workbook([t], "甲", WHEN)
    sheet = openpyxl.load_workbook(BytesIO(data))["表一"]
    assert [r for r in range(1, 61) if sheet.cell(r + 1, 3).value == "产出指标"] == starts
    prove("表", workbook_differences(data, [t]))


def test_forms_begin_pages_in_excel_too():
    t = tall(9, 20.0, form=True, breaks=(5,))
    sheet = read(t)
    assert [b.id for b in sheet.row_breaks.brk] == [5]
    assert not sheet.sheet_properties.pageSetUpPr or not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert 90 <= sheet.page_setup.scale <= 100


def test_the_first_workbook_of_a_process_is_like_every_other():
    """XlsxWriter changes the settings it is given: a batch would write other bytes than a single build."""
    import subprocess
    import sys

    script = (
        "from datetime import datetime\n"
        "from generator.model.table import Cell, Column, Line, LineKind, Table\n"
        "from generator.render.xlsx import workbook\n"
        "table = Table('表1', '表1', '收支总表', '万元', (Line(LineKind.BODY, (Cell('合计'),)),), (Column(('项目',), False),))\n"
        "one, two = (workbook([table], '标题', datetime(2022, 1, 1)) for _ in range(2))\n"
        "raise SystemExit(one != two)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_column_widths_count_a_font_that_measures_the_same_everywhere():
    book = openpyxl.load_workbook(BytesIO(workbook([table([["甲", Decimal(1)]])], "甲", WHEN)))
    assert (book._fonts[0].name, book._fonts[0].sz) == ("Arial", 9.5)
