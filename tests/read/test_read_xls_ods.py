"""The formats that calamine is not trusted with: .xls records made here, files saved by LibreOffice, calamine as a witness."""

from __future__ import annotations

import struct
from datetime import date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
import python_calamine
from openpyxl.styles import PatternFill

from generator.read import CellKind, RawCell, RawSheet, RawWorkbook, SheetKind, read_workbook

if TYPE_CHECKING:
    from conftest import Inputs, Office


# .xls, record by record -------------------------------------------------------------------------------------------------


def record(kind: int, *data: bytes) -> bytes:
    joined = b"".join(data)
    return struct.pack("<HH", kind, len(joined)) + joined


def cell(row: int, column: int, style: int = 0) -> bytes:
    return struct.pack("<HHH", row, column, style)


BOF_BOOK, BOF_SHEET = (record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6)) for kind in (5, 16))
EOF = record(0x0A)


def text8(text: str, wide: bool = True, count: str = "<H") -> bytes:
    return struct.pack(count, len(text)) + (b"\1" + text.encode("utf-16-le") if wide else b"\0" + text.encode("latin-1"))


def xls(sheets: dict[str, bytes], globals_: bytes = b"", states: dict[str, tuple[int, int]] | None = None, bof: tuple[bytes, bytes] = (BOF_BOOK, BOF_SHEET)) -> bytes:
    """A Workbook stream of BIFF8. states: hidden and kind by sheet name."""
    names = {name: text8(name, count="<B") for name in sheets}
    start = len(bof[0]) + len(globals_) + sum(4 + 6 + len(name) for name in names.values()) + len(EOF)
    listed, bodies = b"", b""
    for name, body in sheets.items():
        hidden, kind = (states or {}).get(name, (0, 0))
        listed += record(0x85, struct.pack("<IBB", start + len(bodies), hidden, kind), names[name])
        bodies += bof[1] + body + EOF
    return bof[0] + globals_ + listed + EOF + bodies


def read(inputs: Inputs, sheet: bytes, globals_: bytes = b"") -> RawSheet:
    return read_workbook(inputs.compound({"Workbook": xls({"表": sheet}, globals_)})).sheets[0]


def xf(number_format: int) -> bytes:
    return record(0xE0, struct.pack("<HH", 0, number_format) + bytes(16))


def shared(*texts: bytes) -> bytes:
    return record(0xFC, struct.pack("<II", len(texts), len(texts)), *texts)


def result(kind: int, value: int = 0) -> bytes:
    return bytes([kind, 0, value, 0, 0, 0, 0xFF, 0xFF])


def formula(row: int, column: int, stored: bytes, style: int = 0) -> bytes:
    return record(0x06, cell(row, column, style), stored, bytes(6), b"\x03\x00\x1e\x01\x00")


def test_numbers_texts_truths_and_errors(inputs: Inputs) -> None:
    body = (
        record(0x203, cell(0, 0), struct.pack("<d", 1296.69))
        + record(0x27E, cell(0, 1), struct.pack("<I", (1234 << 2) | 3))
        + record(0x27E, cell(0, 2), struct.pack("<i", (-5 << 2) | 2))
        + record(0xBD, struct.pack("<HH", 1, 0), struct.pack("<HI", 0, (7 << 2) | 2), struct.pack("<HI", 0, 0x3FF00000), struct.pack("<H", 1))
        + record(0xFD, cell(2, 0), struct.pack("<I", 1))
        + record(0x204, cell(2, 1), text8("直接"))
        + record(0x205, cell(2, 2), b"\1\0")
        + record(0x205, cell(3, 0), b"\x07\1")
        + record(0x201, cell(99, 99))
    )
    sheet = read(inputs, body, shared(text8("ab", wide=False), text8("单位")))
    assert sheet.rows == [[1296.69, 12.34, -5.0], [7.0, 1.0, ""], ["单位", "直接", True], [RawCell("#DIV/0!", CellKind.ERROR), "", ""]]


def test_formulas_of_an_xls(inputs: Inputs) -> None:
    body = (
        formula(0, 0, struct.pack("<d", 12.5))
        + formula(0, 1, result(0))
        + record(0x4BC, bytes(10))  # the shared formula itself stands between a formula and its text
        + record(0x207, text8("文字"))
        + formula(0, 2, result(1, 1))
        + formula(0, 3, result(2, 0x17))
        + formula(0, 4, result(3))
        + formula(0, 5, struct.pack("<d", 44562), style=1)
    )
    sheet = read(inputs, body, xf(0) + xf(14))
    assert sheet.rows == [
        [
            RawCell(12.5, CellKind.NUMBER, True),
            RawCell("文字", CellKind.TEXT, True),
            RawCell(True, CellKind.BOOL, True),
            RawCell("#REF!", CellKind.ERROR, True),
            RawCell(None, CellKind.BLANK, True),
            RawCell(date(2022, 1, 1), CellKind.DATE, True),
        ]
    ]


@pytest.mark.parametrize("characters", range(7))
def test_texts_that_run_over_the_edge_of_a_record(inputs: Inputs, characters: int) -> None:
    # 8 224 bytes is the most a record holds. What follows stands in a CONTINUE record and says anew how wide its characters
    # are, unless the edge is between two texts.
    first = text8("一二三四五六")
    cut = 3 + 2 * characters
    again = b"" if characters == 6 else b"\1"
    globals_ = record(0xFC, struct.pack("<II", 2, 2), first[:cut]) + record(0x3C, again, first[cut:], text8("abcdef", wide=False))
    sheet = read(inputs, record(0xFD, cell(0, 0), struct.pack("<I", 0)) + record(0xFD, cell(0, 1), struct.pack("<I", 1)), globals_)
    assert sheet.rows == [["一二三四五六", "abcdef"]]


def test_a_text_that_changes_width_and_has_formatting(inputs: Inputs) -> None:
    rich = struct.pack("<HBHI", 4, 0x0C, 2, 3) + b"ab"
    globals_ = record(0xFC, struct.pack("<II", 2, 2), rich) + record(0x3C, b"\1" + "三四".encode("utf-16-le") + bytes(8) + bytes(3) + text8("后"))
    sheet = read(inputs, record(0xFD, cell(0, 0), struct.pack("<I", 0)) + record(0xFD, cell(0, 1), struct.pack("<I", 1)), globals_)
    assert sheet.rows == [["ab三四", "后"]]


@pytest.mark.parametrize(
    ("number", "code", "stored", "expected"),
    [
        (14, None, 44562.0, date(2022, 1, 1)),
        (31, None, 44562.0, date(2022, 1, 1)),
        (58, None, 44562.0, date(2022, 1, 1)),
        (22, None, 44562.25, datetime(2022, 1, 1, 6)),
        (20, None, 0.25, time(6)),
        (46, None, 1.5, timedelta(days=1.5)),
        (176, 'yyyy"年"m"月";@', 44562.0, date(2022, 1, 1)),
        (176, '[$-804]yyyy"年"', 44562.0, date(2022, 1, 1)),
        (176, "[h]:mm", 1.5, timedelta(days=1.5)),
        (176, '#,##0.00"days"', 44562.0, 44562.0),
        (176, "0.00_);[Red]\\(0.00\\)", 44562.0, 44562.0),
        (176, 'G/通用格式"人"', 44562.0, 44562.0),
        (4, None, 44562.0, 44562.0),
        (14, None, -5.0, -5.0),
        (14, None, 3000000.0, 3000000.0),
    ],
)
def test_dates_of_an_xls_are_by_format(inputs: Inputs, number: int, code: str | None, stored: float, expected: object) -> None:
    formats = record(0x41E, struct.pack("<H", number), text8(code)) if code else b""
    assert read(inputs, record(0x203, cell(0, 0, 1), struct.pack("<d", stored)), formats + xf(0) + xf(number)).rows == [[expected]]


def test_dates_of_1904_in_an_xls(inputs: Inputs) -> None:
    globals_ = record(0x22, b"\1\0") + xf(14)
    assert read(inputs, record(0x203, cell(0, 0), struct.pack("<d", 43100)), globals_).rows == [[date(2022, 1, 1)]]


def test_merges_and_hidden_parts_of_an_xls(inputs: Inputs) -> None:
    body = (
        record(0x7D, struct.pack("<HHHHHH", 1, 1, 0, 0, 1, 0))
        + record(0x208, struct.pack("<HHHHHHI", 1, 0, 3, 0, 0, 0, 0x20))
        + record(0x208, struct.pack("<HHHHHHI", 0, 0, 3, 0, 0, 0, 0x100))
        + b"".join(record(0x203, cell(r, c), struct.pack("<d", 1)) for r, c in product(range(3), range(3)))
        + record(0xE5, struct.pack("<HHHHH", 1, 0, 0, 0, 2))
    )
    sheet = read(inputs, body)
    assert (sheet.merges, sheet.hidden_rows, sheet.hidden_columns) == ([(0, 0, 0, 2)], {2}, {2})


def test_sheets_of_an_xls(inputs: Inputs) -> None:
    one = record(0x203, cell(0, 0), struct.pack("<d", 1))
    nested = BOF_SHEET + record(0x203, cell(0, 0), struct.pack("<d", 9)) + EOF  # an embedded chart has cells of its own
    stream = xls({"甲": nested + one, "图": one, "隐": one, "很隐": one, "宏": one}, states={"图": (0, 2), "隐": (1, 0), "很隐": (2, 0), "宏": (0, 1)})
    book = read_workbook(inputs.compound({"Workbook": stream}))
    assert [(sheet.name, sheet.kind, sheet.hidden, sheet.rows) for sheet in book.sheets] == [
        ("甲", SheetKind.WORKSHEET, False, [[1.0]]),
        ("图", SheetKind.CHART, False, []),
        ("隐", SheetKind.WORKSHEET, True, [[1.0]]),
        ("很隐", SheetKind.WORKSHEET, True, [[1.0]]),
        ("宏", SheetKind.MACRO, False, []),
    ]


def test_an_excel_95_file_in_gbk(inputs: Inputs) -> None:
    bof = (record(0x809, struct.pack("<HHHH", 0x500, 5, 0, 0)), record(0x809, struct.pack("<HHHH", 0x500, 16, 0, 0)))
    name = "收入".encode("gbk")
    body = record(0x204, cell(0, 0), struct.pack("<H", 4), "单位".encode("gbk"))
    head = bof[0] + record(0x42, struct.pack("<H", 936))
    start = len(head) + 4 + 6 + 1 + len(name) + len(EOF)
    stream = head + record(0x85, struct.pack("<IBB", start, 0, 0), bytes([len(name)]), name) + EOF + bof[1] + body + EOF
    sheet = read_workbook(inputs.compound({"Book": stream}, "老系统.xls")).sheets[0]
    assert (sheet.name, sheet.rows) == ("收入", [["单位"]])


def test_an_et_file_of_wps_is_the_same_inside(inputs: Inputs) -> None:
    stream = xls({"表": record(0x203, cell(0, 0), struct.pack("<d", 1))})
    book = read_workbook(inputs.compound({"Workbook": stream, "\x05SummaryInformation": b"x"}, "主工作簿.et"))
    assert (book.file, book.sheets[0].rows) == ("主工作簿.et", [[1.0]])


def test_an_embedded_workbook_is_not_the_workbook(inputs: Inputs) -> None:
    # Only the root folder counts: here the entry exists but hangs on no branch of the root.
    path = inputs.compound({"Workbook": xls({"表": record(0x203, cell(0, 0), struct.pack("<d", 1))})})
    content = bytearray(path.read_bytes())
    at = content.index("Root Entry".encode("utf-16-le"))
    content[at + 76 : at + 80] = b"\xff\xff\xff\xff"
    assert inputs.refusal(inputs.file(bytes(content), "a.xls")).message == "这个文件里没有工作簿"


def test_a_password_in_an_xls(inputs: Inputs) -> None:
    stream = xls({"表": b""}, record(0x2F, b"\1\0" + bytes(52)))
    assert "打开密码" in inputs.refusal(inputs.compound({"Workbook": stream})).message


@pytest.mark.parametrize("length", [10, 60, 100, 200, 300])
def test_an_xls_that_breaks_off(inputs: Inputs, length: int) -> None:
    stream = xls({"表": record(0x203, cell(0, 0), struct.pack("<d", 1)) * 20}, shared(text8("单位")))
    assert "损坏" in inputs.refusal(inputs.compound({"Workbook": stream[:length] + b"\xff" * 8})).message


def test_a_stray_cell_in_an_xls(inputs: Inputs) -> None:
    body = record(0x203, cell(0, 0), struct.pack("<d", 1)) + record(0x203, cell(65535, 255), struct.pack("<d", 1))
    problem = inputs.refusal(inputs.compound({"Workbook": xls({"表": body})}))
    assert problem.place.cell == "IV65536"


def test_a_chain_of_sectors_without_end(inputs: Inputs) -> None:
    path = inputs.compound({"Workbook": xls({"表": b""})})
    content = bytearray(path.read_bytes())
    table = 512 * (1 + struct.unpack_from("<I", content, 76)[0])
    struct.pack_into("<I", content, table, 0)  # the first sector of the stream follows itself
    assert "损坏" in inputs.refusal(inputs.file(bytes(content), "a.xls")).message


# .ods by hand -------------------------------------------------------------------------------------------------------------

ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>
 </office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"""


def ods(inputs: Inputs, tables: str) -> RawWorkbook:
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ODS.replace("{tables}", tables)}
    return read_workbook(inputs.zip(parts, "主工作簿.ods"))


def table(*rows: str, name: str = "表", style: str = "ta1", columns: str = "") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{columns}{"".join(f"<table:table-row>{row}</table:table-row>" if not row.startswith("<table:table-row") else row for row in rows)}</table:table>'


def c(attributes: str = "", text: str = "") -> str:
    return f"<table:table-cell {attributes}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (c('office:value-type="float" office:value="0.1"', "0.10"), 0.1),
        (c('office:value-type="currency" office:value="5"', "￥5"), 5.0),
        (c('office:value-type="percentage" office:value="0.5"', "50%"), 0.5),
        (c('office:value-type="string"', "单位"), "单位"),
        (c('office:value-type="string"', 'a<text:s text:c="2"/>b<text:tab/><text:span>c</text:span><text:line-break/>d'), "a  b\tc\nd"),
        (c('office:value-type="string"', "一</text:p><text:p>二"), "一\n二"),
        (c('office:value-type="string"', "甲").replace("<text:p>", "<office:annotation><text:p>批注</text:p></office:annotation><text:p>"), "甲"),
        (c('office:value-type="string"', "甲").replace("</text:p>", "</text:p><draw:frame><draw:text-box><text:p>图</text:p></draw:text-box></draw:frame>"), "甲"),
        (c('office:value-type="boolean" office:boolean-value="true"', "TRUE"), True),
        (c('office:value-type="date" office:date-value="2022-01-05"', "1月5日"), date(2022, 1, 5)),
        (c('office:value-type="date" office:date-value="2022-01-05T06:00:00"', "x"), datetime(2022, 1, 5, 6)),
        (c('office:value-type="time" office:time-value="PT06H30M00S"', "06:30"), time(6, 30)),
        (c('office:value-type="time" office:time-value="PT30H00M00S"', "30:00"), timedelta(hours=30)),
        (c('table:formula="of:=[.A1]*2" office:value-type="float" office:value="0"', "0"), RawCell(0.0, CellKind.NUMBER, True)),
        (c('table:formula="of:=[.A1]&gt;1" office:value-type="float" office:value="1"', "TRUE"), RawCell(True, CellKind.BOOL, True)),
        (c('table:formula="of:=SUM([.A1])"'), RawCell("=SUM([.A1])", CellKind.UNCALCULATED, True)),
        (c('table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"', "#DIV/0!"), RawCell("#DIV/0!", CellKind.ERROR, True)),
        (c('table:formula="of:=1/0" office:value-type="float" office:value="0"', "#DIV/0!"), RawCell("#DIV/0!", CellKind.ERROR, True)),
        (c('table:formula="of:=x" office:value-type="string"', "Err:508"), RawCell("Err:508", CellKind.ERROR, True)),
        (c('office:value-type="string"', "#DIV/0!"), "#DIV/0!"),
    ],
)
def test_cells_of_an_ods(inputs: Inputs, written: str, expected: object) -> None:
    assert ods(inputs, table(written)).sheets[0].rows == [[expected]]


def test_repetition_hiding_and_merging_in_an_ods(inputs: Inputs) -> None:
    number = 'office:value-type="float" office:value="1"'
    book = ods(
        inputs,
        table(
            c('table:number-columns-repeated="16384"'),
            c() + c(number + ' table:number-columns-repeated="2"') + c('table:number-columns-repeated="16381"'),
            f'<table:table-row table:number-rows-repeated="2" table:visibility="filter">{c(number)}</table:table-row>',
            c('table:number-columns-spanned="2" table:number-rows-spanned="2" ' + number) + "<table:covered-table-cell/>",
            f'<table:table-row table:number-rows-repeated="1048570">{c("table:number-columns-repeated=" + chr(34) + "16384" + chr(34))}</table:table-row>',
            columns='<table:table-column/><table:table-column table:number-columns-repeated="16383" table:visibility="collapse"/>',
        )
        + table(c(number), name="隐", style="ta2"),
    )
    first, second = book.sheets
    assert first.rows == [["", "", ""], ["", 1.0, 1.0], [1.0, "", ""], [1.0, "", ""], [1.0, "", ""]]
    assert (first.hidden_rows, first.hidden_columns, first.merges) == ({3, 4}, {2, 3}, [(4, 0, 5, 1)])
    assert (first.hidden, second.hidden, second.name) == (False, True, "隐")


def test_an_ods_with_a_million_rows_of_ones(inputs: Inputs) -> None:
    cells = c('office:value-type="float" office:value="1" table:number-columns-repeated="16384"')
    row = f'<table:table-row table:number-rows-repeated="1048576">{cells}</table:table-row>'
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ODS.replace("{tables}", table(row, name="大"))}
    problem = inputs.refusal(inputs.zip(parts, "a.ods"))
    assert (problem.place.sheet, problem.message) == ("大", "工作表用到了第 1048576 行、第 16384 列，太大了")


def test_a_password_in_an_ods(inputs: Inputs) -> None:
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest:manifest xmlns:manifest='x'><manifest:encryption-data/></manifest:manifest>",
        "content.xml": b"\x13\x37",
    }
    assert "打开密码" in inputs.refusal(inputs.zip(parts, "a.ods")).message


@pytest.mark.parametrize("content", ["<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<a", "<a/>"])
def test_an_ods_with_other_content(inputs: Inputs, content: str) -> None:
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    assert inputs.refusal(inputs.zip(parts, "a.ods")).message


# As LibreOffice saves them --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with all kinds of cells. openpyxl stores no results, so LibreOffice has to calculate the formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "收入"
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"], sheet["F3"] = "单位", 1296.69, date(2022, 1, 5), "=C3*2", True
    sheet["D3"].number_format = 'yyyy"年"m"月"d"日"'
    sheet["B4"], sheet["C4"], sheet["D4"], sheet["E4"] = "，。第一行\n第二行", "0201", "=1/0", "=NA()"
    sheet["B5"], sheet["C5"], sheet["D5"] = '=IF(C3>1,"有","无")', '=IF(C3>1,"","x")', datetime(2022, 1, 5, 18, 30)
    sheet["B6"], sheet["C6"], sheet["D6"] = -0.1, 123456789.12, "长" * 9000
    for number in range(10, 400):
        sheet.cell(number, 2, f"单位{number}")
        sheet.cell(number, 3, number / 7)
    sheet.merge_cells("B8:D8")
    sheet["B8"] = "合计"
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["Z500"].fill = PatternFill("solid", "FFFF00")
    hidden = book.create_sheet("隐藏的表")
    hidden["A1"], hidden.sheet_state = 1, "hidden"
    book.create_sheet("空表")
    book.create_sheet("a&b <c>")["A1"] = '<&>"'
    path = tmp_path_factory.mktemp("source") / "主工作簿.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_workbook_saved_by_libreoffice(office: Office, source: Path, ending: str) -> None:
    book = read_workbook(office.convert(source, ending))
    sheet, hidden, empty, marked = book.sheets
    assert [(s.name, s.hidden) for s in book.sheets] == [("收入", False), ("隐藏的表", True), ("空表", False), ("a&b <c>", False)]
    assert [sheet.cell(3, column) for column in range(1, 7)] == [
        RawCell(None, CellKind.BLANK),
        RawCell("单位", CellKind.TEXT),
        RawCell(1296.69, CellKind.NUMBER),
        RawCell(date(2022, 1, 5), CellKind.DATE),
        RawCell(2593.38, CellKind.NUMBER, True),
        RawCell(True, CellKind.BOOL, True),  # LibreOffice makes =TRUE() of it
    ]
    assert [sheet.cell(4, column) for column in range(2, 6)] == [
        RawCell("，。第一行\n第二行", CellKind.TEXT),
        RawCell("0201", CellKind.TEXT),
        RawCell("#DIV/0!", CellKind.ERROR, True),
        RawCell("#N/A", CellKind.ERROR, True),
    ]
    assert [sheet.cell(5, column) for column in range(2, 5)] == [
        RawCell("有", CellKind.TEXT, True),
        RawCell(None, CellKind.BLANK, True),
        RawCell(datetime(2022, 1, 5, 18, 30), CellKind.DATE),
    ]
    assert [sheet.cell(6, column).value for column in range(2, 5)] == [-0.1, 123456789.12, "长" * 9000]
    assert (sheet.cell(399, 2).value, sheet.cell(399, 3).value) == ("单位399", 57.0)
    assert (sheet.height, sheet.width) == (399, 6), "the yellow cell far away is empty"
    assert sheet.merges == [(7, 1, 7, 3)]
    assert sheet.hidden_rows == {4}
    assert sheet.hidden_columns == {3}
    assert (hidden.rows, empty.rows, marked.rows) == ([[1.0]], [], [['<&>"']])


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_calamine_reads_the_same_values(office: Office, source: Path, ending: str) -> None:
    path = office.convert(source, ending)
    witness = python_calamine.load_workbook(path)
    for sheet in read_workbook(path).sheets:
        for r, line in enumerate(witness.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False), start=1):
            for column, expected in enumerate(line, start=1):
                found = sheet.cell(r, column)
                if found.kind is CellKind.ERROR:
                    assert expected in ("", found.value), "what calamine does not tell"
                else:
                    assert ("" if found.value is None else found.value) == expected
