"""Every trap of an .xlsx, each with the smallest sheet that has it."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
import xlsxwriter

from generator.model.problem import DataError, Place
from generator.read import BLANK, CellKind, RawCell, RawSheet, RawWorkbook, SheetKind, read_workbook, to_amount

if TYPE_CHECKING:
    from conftest import Inputs

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def row(*cells: str, number: int = 1, more: str = "") -> str:
    return f'<row r="{number}"{more}>{"".join(cells)}</row>'


def only(book: RawWorkbook) -> RawSheet:
    (sheet,) = book.sheets
    return sheet


# Positions ------------------------------------------------------------------------------------------------------------


def test_positions_are_those_of_excel_even_when_the_sheet_starts_late(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="C5"><v>7</v></c>', number=5)))
    assert sheet.cell(5, 3) == RawCell(7.0, CellKind.NUMBER)
    assert sheet.rows == [["", "", ""]] * 4 + [["", "", 7.0]]
    assert (sheet.height, sheet.width) == (5, 3)


def test_outside_of_the_sheet_all_is_blank(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><v>1</v></c>')))
    for position in ((1, 2), (2, 1), (0, 1), (1, 0), (-1, -1), (10**6, 10**6)):
        assert sheet.cell(*position) is BLANK


def test_a_place_names_file_sheet_and_cell(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><v>1</v></c>'), name="曾都区2024.xlsx"))
    assert str(sheet.place(7, 3)) == "曾都区2024.xlsx!表!C7"
    assert sheet.place() == Place("曾都区2024.xlsx", "表")


def test_an_empty_sheet_has_no_rows(inputs: Inputs) -> None:
    book = inputs.xlsx(sheets={"空": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>', "没有": f'<worksheet xmlns="{MAIN}"/>'})
    assert [(sheet.name, sheet.rows, sheet.width) for sheet in book.sheets] == [("空", [], 0), ("没有", [], 0)]


# Kinds of values ------------------------------------------------------------------------------------------------------


def test_text_is_kept_as_typed(inputs: Inputs) -> None:
    strings = '<si><t xml:space="preserve"> １，２３４.５０ </t></si><si><r><t>部门</t></r><r><t>预算</t></r><rPh sb="0" eb="1"><t>bù</t></rPh></si><si><t>第一行\n第二行_x000D_</t></si>'
    sheet = only(inputs.xlsx(row(*(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABC"))), strings=strings))
    assert sheet.rows == [[" １，２３４.５０ ", "部门预算", "第一行\n第二行\r"]]
    assert sheet.cell(1, 1).kind is CellKind.TEXT


def test_inline_text_and_truth_values(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1" t="inlineStr"><is><t>甲&amp;乙</t></is></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="b"><v>0</v></c>')))
    assert [sheet.cell(1, column) for column in (1, 2, 3)] == [
        RawCell("甲&乙", CellKind.TEXT),
        RawCell(True, CellKind.BOOL),
        RawCell(False, CellKind.BOOL),
    ]


def test_a_text_number_stays_text(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1" t="s"><v>0</v></c>'), strings="<si><t>0201</t></si>"))
    assert sheet.cell(1, 1) == RawCell("0201", CellKind.TEXT)


def test_dates(inputs: Inputs) -> None:
    values = [(1, "44562", date(2022, 1, 1)), (2, "44562.75", datetime(2022, 1, 1, 18)), (1, "0.5", time(12)), (4, "1.5", timedelta(days=1.5))]
    # Format 31 is yyyy"年"m"月"d"日" in Chinese Excel, which does not write its definition into the file.
    values.append((3, "44562", date(2022, 1, 1)))
    sheet = only(inputs.xlsx(row(*(f'<c r="{chr(65 + i)}1" s="{style}"><v>{value}</v></c>' for i, (style, value, _) in enumerate(values)))))
    for column, (_, _, expected) in enumerate(values, start=1):
        assert sheet.cell(1, column) == RawCell(expected, CellKind.DATE)


def test_dates_of_1904(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1" s="1"><v>43100</v></c>'), workbook='<workbookPr date1904="1"/>'))
    assert sheet.cell(1, 1).value == date(2022, 1, 1)


def test_a_float_reads_exact_through_fifteen_digits(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><v>0.30000000000000004</v></c><c r="B1"><v>72606.25999999999</v></c>')))
    assert [str(to_amount(cell).value) for cell in sheet.rows[0]] == ["0.3", "72606.26"]


# Errors and formulas ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["#DIV/0!", "#REF!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#BLOCKED!"])
def test_an_error_is_an_error_and_never_blank(inputs: Inputs, error: str) -> None:
    sheet = only(inputs.xlsx(row(f'<c r="A1"><v>1</v></c><c r="B1" t="e"><f>1/0</f><v>{error}</v></c><c r="C1" t="e"><v>{error}</v></c>')))
    assert sheet.cell(1, 2) == RawCell(error, CellKind.ERROR, True)
    assert sheet.cell(1, 3) == RawCell(error, CellKind.ERROR)
    assert sheet.rows[0][1] == sheet.cell(1, 2), "whoever walks the plain rows meets the error, too"
    assert "错误值" in to_amount(sheet.cell(1, 2)).error


def test_a_formula_with_its_result(inputs: Inputs) -> None:
    sheet = only(
        inputs.xlsx(
            row(
                '<c r="A1"><f>B1*2</f><v>12.5</v></c>',
                '<c r="B1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>',
                '<c r="C1" t="b"><f>A1&gt;1</f><v>1</v></c>',
                '<c r="D1" s="1"><f>TODAY()</f><v>44562</v></c>',
            )
        )
    )
    assert sheet.cell(1, 1) == RawCell(12.5, CellKind.NUMBER, True)
    assert sheet.cell(1, 2) == RawCell("ab", CellKind.TEXT, True)
    assert sheet.cell(1, 3) == RawCell(True, CellKind.BOOL, True)
    assert sheet.cell(1, 4) == RawCell(date(2022, 1, 1), CellKind.DATE, True)


@pytest.mark.parametrize("result", ["", "<v></v>", "<v/>", "<v />"])
def test_a_formula_without_a_result_is_not_calculated(inputs: Inputs, result: str) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><v>1</v></c>', f'<c r="B1" s="1"><f>SUM(A1:A3)&amp;"&lt;"</f>{result}</c>')))
    assert sheet.cell(1, 2) == RawCell('=SUM(A1:A3)&"<"', CellKind.UNCALCULATED, True)
    assert to_amount(sheet.cell(1, 2)).error == "公式没有算出结果，请用 WPS 或 Excel 打开保存一次"


def test_a_formula_that_gives_an_empty_text_is_blank_and_calculated(inputs: Inputs) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><v>1</v></c><c r="B1" t="str"><f>IF(A1=1,"",A1)</f><v></v></c>')))
    assert sheet.cell(1, 2) == RawCell(None, CellKind.BLANK, True)


def test_shared_formulas(inputs: Inputs) -> None:
    sheet = only(
        inputs.xlsx(
            row('<c r="A1"><f t="shared" ref="A1:A3" si="0">B1+1</f><v>5</v></c>')
            + row('<c r="A2"><f t="shared" si="0"/><v>6</v></c>', number=2)
            + row('<c r="A3"><f t="shared" si="0"/></c>', number=3)
        )
    )
    assert [sheet.cell(number, 1) for number in (1, 2)] == [RawCell(5.0, CellKind.NUMBER, True), RawCell(6.0, CellKind.NUMBER, True)]
    assert sheet.cell(3, 1) == RawCell("=B1+1", CellKind.UNCALCULATED, True), "beyond the last value, and still there"


def test_what_an_array_formula_without_result_fills_is_not_calculated(inputs: Inputs) -> None:
    cells = row('<c r="A1"><f t="array" ref="A1:B2">C1:D2*2</f></c><c r="C1"><v>1</v></c><c r="D1"><v>2</v></c>') + row('<c r="C2"><v>3</v></c>', number=2)
    sheet = only(inputs.xlsx(cells))
    assert {sheet.cell(r, c).kind for r in (1, 2) for c in (1, 2)} == {CellKind.UNCALCULATED}
    assert sheet.cell(2, 3) == RawCell(3.0, CellKind.NUMBER)


def test_openpyxl_stores_no_results(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = 1, "=SUM(A1)"
    book.save(tmp_path / "a.xlsx")
    assert read_workbook(tmp_path / "a.xlsx").sheets[0].cell(2, 1) == RawCell("=SUM(A1)", CellKind.UNCALCULATED, True)


def test_the_zeros_that_xlsxwriter_stores_for_want_of_a_result_are_not_results(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_formula("A1", "=SUM(B1:B3)")
        sheet.write_formula("A2", "=SUM(B1:B3)", None, 12.5)
    found = read_workbook(tmp_path / "a.xlsx").sheets[0]
    assert found.cell(1, 1) == RawCell("=SUM(B1:B3)", CellKind.UNCALCULATED, True)
    assert found.cell(2, 1) == RawCell(12.5, CellKind.NUMBER, True)


@pytest.mark.parametrize("calculation", ['<calcPr calcId="191029"/>', '<calcPr calcId="191029" fullCalcOnLoad="1"/>', '<calcPr calcId="124519"/>', ""])
def test_a_zero_that_a_spreadsheet_program_stored_is_a_result(inputs: Inputs, calculation: str) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><f>B1</f><v>0</v></c>'), workbook=calculation))
    assert sheet.cell(1, 1) == RawCell(0.0, CellKind.NUMBER, True)


# Around the cells -------------------------------------------------------------------------------------------------------


def test_merges_and_hidden_rows_and_columns(inputs: Inputs) -> None:
    cells = "".join(row(f'<c r="A{number}"><v>1</v></c><c r="D{number}"><v>1</v></c>', number=number, more=' ht="5" hidden="1"' * (number in (2, 4))) for number in range(1, 6))
    around = (
        '<cols><col min="2" max="3" width="9" hidden="1"/><col min="9" max="16384" hidden="1"/></cols>',
        '<mergeCells count="2"><mergeCell ref="A1:D1"/><mergeCell ref="B3:C5"/><mergeCell ref="D4"/></mergeCells>',
    )
    sheet = only(inputs.xlsx(cells, around=around))
    assert sheet.merges == [(0, 0, 0, 3), (2, 1, 4, 2)]
    assert sheet.hidden_rows == {2, 4}
    assert sheet.hidden_columns == {2, 3}, "only as far as the sheet is used"


def test_sheets_in_order_with_names_and_states(inputs: Inputs) -> None:
    one = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>%d</v></c></row></sheetData></worksheet>'
    names = ["基本支出—工资福利", "a&amp;b", "收入 ", "隐"]
    book = inputs.xlsx(sheets={name: one % i for i, name in enumerate(names)}, states={"收入 ": "hidden", "隐": "veryHidden"})
    assert [(sheet.name, sheet.hidden, sheet.cell(1, 1).value) for sheet in book.sheets] == [
        ("基本支出—工资福利", False, 0.0),
        ("a&b", False, 1.0),
        ("收入 ", True, 2.0),
        ("隐", True, 3.0),
    ]


def test_chart_sheets_keep_their_place_and_are_empty(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("甲").write(0, 0, 1)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=甲!$A$1:$A$1"})
        book.add_chartsheet("图").set_chart(chart)
        book.add_worksheet("乙").write(0, 0, 2)
    sheets = read_workbook(tmp_path / "a.xlsx").sheets
    assert [(sheet.name, sheet.kind, len(sheet.rows)) for sheet in sheets] == [("甲", SheetKind.WORKSHEET, 1), ("图", SheetKind.CHART, 0), ("乙", SheetKind.WORKSHEET, 1)]
    assert sheets[2].cell(1, 1).value == 2.0


@pytest.mark.parametrize(("kind", "expected"), [("dialogsheet", SheetKind.DIALOG), ("xlMacrosheet", SheetKind.MACRO), ("xlIntlMacrosheet", SheetKind.MACRO)])
def test_macro_and_dialog_sheets_are_not_looked_into(inputs: Inputs, kind: str, expected: SheetKind) -> None:
    parts = inputs.parts(sheets={"表": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>', "别的": "<<<"})
    relations = str(parts["xl/_rels/workbook.xml.rels"])
    parts["xl/_rels/workbook.xml.rels"] = relations.replace('relationships/worksheet" Target="worksheets/sheet2', f'relationships/{kind}" Target="worksheets/sheet2')
    book = read_workbook(inputs.zip(parts))
    assert [(sheet.name, sheet.kind, sheet.height) for sheet in book.sheets] == [("表", SheetKind.WORKSHEET, 1), ("别的", expected, 0)]


def test_macros_are_ignored(inputs: Inputs) -> None:
    parts = inputs.parts(row('<c r="A1"><v>1</v></c>')) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 not even a real one"}
    assert only(read_workbook(inputs.zip(parts, "带宏.xlsm"))).cell(1, 1).value == 1.0


def test_properties(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet()
        book.set_properties({"title": "主工作簿", "category": "zengdu-2024", "keywords": "预算", "author": "张三", "manager": "李四", "created": datetime(2024, 1, 5)})
        book.set_custom_property("模板版本", "3")
        book.set_custom_property("行数", 20)
    properties = read_workbook(tmp_path / "a.xlsx").properties
    assert properties == {"title": "主工作簿", "category": "zengdu-2024", "keywords": "预算", "模板版本": "3", "行数": "20", "created": "2024-01-05T00:00:00Z", "modified": "2024-01-05T00:00:00Z"}


def test_a_file_without_properties_has_none(inputs: Inputs) -> None:
    assert inputs.xlsx(row('<c r="A1"><v>1</v></c>')).properties == {}


# Other ways to write the same ----------------------------------------------------------------------------------------------

REGULAR = row(
    '<c r="A1" s="1"><v>44562</v></c>',
    '<c r="B1" t="str"><f>"x"</f><v> x </v></c>',
    '<c r="C1" t="e"><v>#N/A</v></c>',
    '<c r="D1"><f>1+1</f></c>',
    '<c r="E1" t="inlineStr"><is><t xml:space="preserve"> 甲&lt;乙 </t></is></c>',
) + row('<c r="B3"><f>2*3</f><v>6</v></c>', '<c r="C3" t="s"><v>0</v></c>', number=3, more=' hidden="1"')
IRREGULAR = {
    "prefixed": '<x:worksheet xmlns:x="{main}"><x:cols><x:col min="1" max="1" hidden="1"/></x:cols><x:sheetData><x:row r="1"><x:c r="A1" s="1"><x:v>44562</x:v></x:c><x:c r="B1" t="str"><x:f>"x"</x:f><x:v> x </x:v></x:c><x:c r="C1" t="e"><x:v>#N/A</x:v></x:c><x:c r="D1"><x:f>1+1</x:f></x:c><x:c r="E1" t="inlineStr"><x:is><x:t xml:space="preserve"> 甲&lt;乙 </x:t></x:is></x:c></x:row><x:row r="3" hidden="1"><x:c r="B3"><x:f>2*3</x:f><x:v>6</x:v></x:c><x:c r="C3" t="s"><x:v>0</x:v></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="D4:E5"/></x:mergeCells></x:worksheet>',
    "other order, single quotes, no r where it follows, comments, CDATA, blanks between tags": """<worksheet xmlns='{main}'><cols><col hidden='true' max='1' min='1'/></cols>
  <sheetData>
    <row><c s='1'><v>44562</v></c><!-- <c r="Z9"><v>1</v></c> -->
      <c t='str'>
        <f>"x"</f><v> x </v>
      </c><c t='e' r='C1'><v><![CDATA[#N/A]]></v></c>
      <c r='D1'>
        <f>1+1</f>
        <v></v>
      </c><c t='inlineStr'><is><r><t> 甲</t></r><r><t>&lt;乙 </t></r><rPh sb='0' eb='1'><t>jiǎ</t></rPh></is></c></row>
    <row hidden='1' r='3'><c r='B3'><f ca='1'>2*3</f><v> 6 </v></c><c t='s'><v>0</v></c></row>
  </sheetData><mergeCells><mergeCell ref='D4:E5'/></mergeCells></worksheet>""",
    "attributes the other way round": '<worksheet xmlns="{main}"><cols><col max="1" min="1" hidden="1"/></cols><sheetData><row r="1"><c s="1" r="A1"><v>44562</v></c><c t="str" r="B1"><f>"x"</f><v> x </v></c><c t="e" r="C1"><v>#N/A</v></c><c r="D1"><f>1+1</f></c><c t="inlineStr" r="E1"><is><t xml:space="preserve"> 甲&lt;乙 </t></is></c></row><row hidden="1" r="3"><c r="B3"><f>2*3</f><v>6</v></c><c t="s" r="C3"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="D4:E5"/></mergeCells></worksheet>',
}


@pytest.mark.parametrize("way", IRREGULAR)
def test_the_same_sheet_written_in_another_way_reads_the_same(inputs: Inputs, way: str) -> None:
    strings = "<si><t>丙</t></si>"
    regular = only(inputs.xlsx(REGULAR, strings=strings, around=('<cols><col min="1" max="1" hidden="1"/></cols>', '<mergeCells><mergeCell ref="D4:E5"/></mergeCells>')))
    assert regular.rows[0] == [date(2022, 1, 1), RawCell(" x ", CellKind.TEXT, True), RawCell("#N/A", CellKind.ERROR), RawCell("=1+1", CellKind.UNCALCULATED, True), " 甲<乙 "]
    assert regular.rows[2] == ["", RawCell(6.0, CellKind.NUMBER, True), "丙", "", ""]
    assert (regular.merges, regular.hidden_rows, regular.hidden_columns) == ([(3, 3, 4, 4)], {3}, {1})
    assert only(inputs.xlsx(sheets={"表": IRREGULAR[way].replace("{main}", MAIN)}, strings=strings)) == regular


def test_the_strict_form_of_the_standard(inputs: Inputs) -> None:
    parts = {
        name: str(content)
        .replace("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships")
        .replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        for name, content in inputs.parts(row('<c r="A1"><v>1</v></c>')).items()
    }
    assert only(read_workbook(inputs.zip(parts))).cell(1, 1).value == 1.0


def test_parts_in_utf_16_and_with_a_byte_order_mark(inputs: Inputs) -> None:
    parts = inputs.parts(row('<c r="A1" t="s"><v>0</v></c>'), strings="<si><t>丙</t></si>")
    for name, encoding in (("xl/worksheets/sheet1.xml", "utf-16"), ("xl/sharedStrings.xml", "utf-16-be"), ("xl/workbook.xml", "utf-8-sig")):
        declared = encoding.removesuffix("-sig").removesuffix("-be")
        parts[name] = f'<?xml version="1.0" encoding="{declared}"?>{parts[name]}'.encode(encoding)
    assert only(read_workbook(inputs.zip(parts))).rows == [["丙"]]


def test_parts_with_backslashes_capitals_and_absolute_targets(inputs: Inputs) -> None:
    parts = {name.replace("xl/worksheets/", "XL\\Worksheets\\"): content for name, content in inputs.parts(row('<c r="A1"><v>1</v></c>')).items()}
    assert only(read_workbook(inputs.zip(parts))).cell(1, 1).value == 1.0


def test_a_name_that_leads_out_of_the_zip_is_harmless(inputs: Inputs) -> None:
    parts = inputs.parts(row('<c r="A1"><v>1</v></c>')) | {"../../etc/evil": b"x"}
    assert only(read_workbook(inputs.zip(parts))).cell(1, 1).value == 1.0
    assert not (inputs.folder.parent / "etc").exists()


def test_an_ending_says_nothing(inputs: Inputs) -> None:
    for name in ("主工作簿.xls", "主工作簿.et", "主工作簿", "主工作簿.csv"):
        assert only(inputs.xlsx(row('<c r="A1"><v>1</v></c>'), name)).cell(1, 1).value == 1.0


# Far and large --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stray", ["XFD1048576", "A1048576", "XFD1"])
def test_a_formatted_empty_cell_far_away_does_no_harm(inputs: Inputs, stray: str) -> None:
    number = int(stray.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    sheet = only(inputs.xlsx(row('<c r="A1"><v>1</v></c>') + row(f'<c r="{stray}" s="1"/>', number=number)))
    assert sheet.rows == [[1.0]]


@pytest.mark.parametrize("writing", ['<c r="XFD1048576"><v>1</v></c>', "<c r='XFD1048576'><v>1</v></c>", '<x:c r="XFD1048576"><x:v>1</x:v></x:c>', '<c\tr="&#88;FD1048576"><f>1</f></c>'])
def test_a_stray_cell_at_the_end_of_the_sheet_is_named_and_nothing_is_built(inputs: Inputs, writing: str) -> None:
    xml = f'<worksheet xmlns="{MAIN}" xmlns:x="{MAIN}"><sheetData>{row("<c r={0}A1{0}><v>1</v></c>".format(chr(34)), writing)}</sheetData></worksheet>'
    problem = inputs.refusal(inputs.zip(inputs.parts(sheets={"收入": xml})))
    assert str(problem.place) == "主工作簿.xlsx!收入!XFD1048576"
    assert problem.message == "工作表用到了第 1048576 行、第 16384 列，太大了"


def test_far_rows_and_far_columns_together(inputs: Inputs) -> None:
    cells = row('<c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c>') + row('<c r="A90000"><v>3</v></c>', number=90000)
    assert inputs.refusal(inputs.zip(inputs.parts(cells))).place.cell == "XFD1"


@pytest.mark.parametrize(("reference", "height", "width"), [("A99999", 99999, 1), ("XFD99", 99, 16384), ("ZZ5000", 5000, 702), ("C600000", 600000, 3)])
def test_long_and_broad_sheets_within_the_limit_are_read(inputs: Inputs, reference: str, height: int, width: int) -> None:
    sheet = only(inputs.xlsx(row('<c r="A1"><v>1</v></c>') + row(f'<c r="{reference}"><v>2</v></c>', number=height)))
    assert (sheet.height, sheet.width, sheet.cell(height, width).value) == (height, width, 2.0)


def test_all_sheets_together_are_limited(inputs: Inputs) -> None:
    xml = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="9999"><c r="ZZ5000"><v>1</v></c></row></sheetData></worksheet>'
    problem = inputs.refusal(inputs.zip(inputs.parts(sheets={"一": xml, "二": xml})))
    assert problem.place.sheet == "二"


def test_an_unreadable_sheet_is_named(inputs: Inputs) -> None:
    problem = inputs.refusal(inputs.zip(inputs.parts(row('<c r="A1" t="zz"><v>1</v></c>'))))
    assert problem.place.sheet == "表"
    assert "损坏" in problem.message


def test_a_huge_text_that_every_cell_points_to_is_refused(inputs: Inputs) -> None:
    cells = "".join(row(*(f'<c r="{c}{n}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ"), number=n) for n in range(1, 1001))
    assert "文字总量" in inputs.refusal(inputs.zip(inputs.parts(cells, strings=f"<si><t>{'长' * 40_000}</t></si>"))).message


def test_one_long_text_among_many_short_ones_is_fine(inputs: Inputs) -> None:
    cells = "".join(row(*(f'<c r="{c}{n}" t="s"><v>{int(c == "A" and n == 1)}</v></c>' for c in "ABCDEFGHIJ"), number=n) for n in range(1, 1001))
    sheet = only(inputs.xlsx(cells, strings=f"<si><t>短</t></si><si><t>{'长' * 40_000}</t></si>"))
    assert len(str(sheet.cell(1, 1).value)) == 40_000


# Against another reader ---------------------------------------------------------------------------------------------------------


def test_reads_what_openpyxl_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number in range(3):
            sheet = book.add_worksheet(f"表{number}")
            for r in range(2 + number, 40):
                sheet.write(r, number, f"单位{r}")
                sheet.write(r, number + 1, r * 1.1)
                sheet.write(r, number + 3, datetime(2022, 1, 1) + timedelta(days=r), day)
                sheet.write_formula(r, number + 4, f"=B{r}*2", None, r * 2.5)
                sheet.write_boolean(r, number + 5, r % 2 == 0)
            sheet.merge_range(0, 0, 0, 5, "标题")
            sheet.set_row(5, None, None, {"hidden": True})
    oracle = openpyxl.load_workbook(path, data_only=True)
    book = read_workbook(path)
    assert [sheet.name for sheet in book.sheets] == oracle.sheetnames
    for sheet in book.sheets:
        expected = oracle[sheet.name]
        assert (sheet.height, sheet.width) == (expected.max_row, expected.max_column)
        for cells in expected.iter_rows():
            for cell in cells:
                found = sheet.cell(cell.row, cell.column).value
                assert (datetime(found.year, found.month, found.day) if isinstance(found, date) else found) == cell.value
        assert sheet.merges == [(m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in expected.merged_cells.ranges]
        assert sheet.hidden_rows == {n for n, dimension in expected.row_dimensions.items() if dimension.hidden}


def test_the_file_is_not_changed_or_kept_open(inputs: Inputs) -> None:
    path = inputs.zip(inputs.parts(row('<c r="A1"><v>1</v></c>')))
    before = path.read_bytes()
    read_workbook(path)
    assert path.read_bytes() == before
    path.unlink()


def test_the_same_bytes_read_the_same(inputs: Inputs) -> None:
    path = inputs.zip(inputs.parts(REGULAR, strings="<si><t>丙</t></si>"))
    assert read_workbook(path) == read_workbook(path)


def test_a_part_twice_in_the_zip_is_refused(inputs: Inputs) -> None:
    path = inputs.zip(inputs.parts(row('<c r="A1"><v>1</v></c>')))
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed, "a") as package:
        package.writestr("xl/Worksheets/sheet1.xml", "<worksheet/>")
    with pytest.raises(DataError, match="出现了两次"):
        read_workbook(inputs.file(packed.getvalue()))
