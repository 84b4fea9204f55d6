"""Workbooks as offices make them: what is printed counts, what is not printed is left out or told."""

from decimal import Decimal

import openpyxl
import pytest

from generator.published.audit import audit
from generator.published.extract import read_published
from generator.published.tables import read_tables

HEAD = [["支出预算总表"], ["单位：某县水务局", None, None, None, "单位：万元"], ["科目编码", "科目名称", "合计", "基本支出", "项目支出"]]
ROWS = [[None, "合计", 70, 50, 20], ["213", "农林水支出", 60, 40, 20], ["21303", "水利", 60, 40, 20], ["208", "社会保障和就业支出", 10, 10, None]]


def workbook(tmp_path, edit=None, rows=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "支出"
    for row in rows or [*HEAD, *ROWS]:
        sheet.append(row)
    if edit:
        edit(book, sheet)
    path = tmp_path / "某县水务局2023年预算公开表.xlsx"
    book.save(path)
    return path


def read(path):
    document = read_published(path)
    return document, read_tables(document)


def test_a_number_is_what_the_page_shows(tmp_path):
    def edit(book, sheet):
        for row in sheet.iter_rows(min_row=4, min_col=3, max_col=5):
            for cell in row:
                cell.number_format = "#,##0.00_ "
        sheet["C4"], sheet["D4"], sheet["E4"] = 70.004999, 50.0012345, 20.0037645
        sheet["D5"] = 40.0012345

    path = workbook(tmp_path, edit)
    _, (table,) = read(path)
    assert [c.shown for c in table.rows[0].cells[2:]] == [Decimal("70.00"), Decimal("50.00"), Decimal("20.00")]
    assert audit([path]).findings == []


def test_digits_of_a_float_are_not_digits_of_the_table(tmp_path):
    def edit(book, sheet):
        sheet["C4"] = 0.1 + 0.2 + 69.7

    _, (table,) = read(workbook(tmp_path, edit))
    assert table.table.last_digit == 10000
    assert table.rows[0].cells[2].shown == 70


def test_a_percentage_is_no_amount(tmp_path):
    rows = [[*r, p] for r, p in zip([*HEAD, *ROWS], [None, None, "占比", 1, 0.8571, 0.8571, 0.1429], strict=True)]

    def edit(book, sheet):
        for n in range(4, 8):
            sheet.cell(n, 6).number_format = "0.00%"

    _, (table,) = read(workbook(tmp_path, edit, rows))
    assert table.rows[1].cells[5].text == "85.71%"
    assert [c.role for c in table.columns][-1] == "其他"


def test_hidden_sheets_and_columns_are_left_out_and_told(tmp_path):
    def edit(book, sheet):
        for n in range(3, 8):
            sheet.cell(n, 6).value = "上年" if n == 3 else 999
        sheet.column_dimensions["F"].hidden = True
        sheet.row_dimensions[6].hidden = True
        other = book.create_sheet("草稿")
        other.append(["去年的"])
        other.sheet_state = "hidden"

    document, (table,) = read(workbook(tmp_path, edit))
    assert len(table.columns) == 5
    assert len(table.rows) == 4  # the hidden row is in the total
    assert ["草稿" in t or "1 列是隐藏的" in t or "1 行是隐藏的" in t for t in document.unread] == [True] * 3


def test_a_formula_without_a_result_is_not_taken_for_nothing(tmp_path):
    def edit(book, sheet):
        sheet["C4"] = "=C5+C7"
        sheet["D4"] = "=SUM(D5,D7)"

    path = workbook(tmp_path, edit)
    document, (table,) = read(path)
    assert [c.text for c in table.faults] == ["未计算的公式C4", "未计算的公式D4"]
    assert any("2 格是未计算的公式（C4、D4）" in t for t in document.unread)
    assert audit([path]).findings == []


@pytest.mark.parametrize("text", ["70.00", " 70 ", "７０．００", "70.00万元", "700,000.00元"])
def test_numbers_kept_as_text(tmp_path, text):
    def edit(book, sheet):
        sheet["C4"] = text

    path = workbook(tmp_path, edit)
    _, (table,) = read(path)
    assert table.rows[0].cells[2].amount == 700000
    assert audit([path]).findings == []


def test_a_table_that_begins_in_the_middle_of_the_sheet(tmp_path):
    rows = [[], [None, "支出预算总表"], [None, None, "单位：某县水务局", None, None, "单位：万元"], *([None, *r] for r in [HEAD[2], *ROWS])]
    _, (table,) = read(workbook(tmp_path, rows=rows))
    assert (table.title, table.unit, table.organ) == ("支出预算总表", "万元", "某县水务局")
    assert [c.role for c in table.columns] == ["编码", "名称", "金额", "金额", "金额"]
    assert str(table.rows[0].cells[2].spot).endswith("支出!D5")


def test_two_tables_beside_each_other_on_one_sheet(tmp_path):
    left, right = [*HEAD, *ROWS], [["政府性基金预算支出表"], [None, "单位：万元"], ["项目", "合计"], ["合计", 5], ["公园", 5], [], []]
    _, tables = read(workbook(tmp_path, rows=[[*(a + [None] * (6 - len(a))), *b] for a, b in zip(left, right, strict=True)]))
    assert [t.title for t in tables] == ["支出预算总表", "政府性基金预算支出表"]
    assert [len(t.columns) for t in tables] == [5, 2]


def test_unit_and_department_in_one_line_of_labels(tmp_path):
    rows = [["支出预算总表"], ["部门名称", "某县水务局", None, "2023年", "单位：万元"], *HEAD[2:], *ROWS]
    _, (table,) = read(workbook(tmp_path, rows=rows))
    assert table.unit_printed
    assert [c.path for c in table.columns][:3] == [("科目编码",), ("科目名称",), ("合计",)]
