"""Whatever the bytes, reading ends soon and gives a workbook or one clear refusal."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.model.problem import DataError
from generator.read import RawWorkbook, read_workbook

# (where, as a share of the length; how many bytes go; what comes): flips, cuts, insertions and numbers that mean too much.
EDIT = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 8),
    st.one_of(
        st.binary(max_size=4),
        st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"99999999999", b"-1", b"<", b">", b'"', b"<!--", b"&x;", b"XFD1048576", b' t="e"', b"<f>", b"hidden="]),
    ),
)
EDITS = st.lists(EDIT, min_size=1, max_size=12)
QUICK = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for share, gone, new in edits:
        at = int(share * len(content))
        content = content[:at] + new + content[at + gone :]
    return content


def good_xlsx() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.set_custom_property("模板版本", "1")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in ("收入", "支出"):
            sheet = book.add_worksheet(name)
            sheet.merge_range("A1:D1", "标题")
            for r in range(1, 6):
                sheet.write_row(r, 0, [f"单位{r}", r * 1.5, r % 2 == 0])
                sheet.write_datetime(r, 3, date(2022, 1, r), day)
                sheet.write_formula(r, 4, f"=B{r + 1}*2", None, r * 3.0)
            sheet.write_formula("F2", "=1/0", None, "#DIV/0!")
            sheet.set_row(3, None, None, {"hidden": True})
            sheet.set_column(2, 2, 9, None, {"hidden": True})
    return target.getvalue()


def good_ods() -> bytes:
    names = {"office": "office", "table": "table", "text": "text", "style": "style"}
    spaces = " ".join(f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{value}:1.0"' for key, value in names.items())
    cell = '<table:table-cell office:value-type="float" office:value="1.5" table:number-columns-repeated="2"/>'
    row = f'<table:table-row table:number-rows-repeated="3">{cell}<table:table-cell office:value-type="string"><text:p>单位</text:p></table:table-cell></table:table-row>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        table = f'<table:table table:name="收入">{row * 3}</table:table>'
        package.writestr("content.xml", f"<office:document-content {spaces}><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>")
    return target.getvalue()


def good_xls_stream() -> bytes:
    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    bof = [record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6)) for kind in (5, 16)]
    text = "单位".encode("utf-16-le")
    globals_ = record(0xE0, struct.pack("<HH", 0, 14) + bytes(16)) + record(0xFC, struct.pack("<IIHB", 1, 1, 2, 1) + text)
    sheet = b"".join(record(0xFD, struct.pack("<HHHI", r, 0, 0, 0)) + record(0x203, struct.pack("<HHHd", r, 1, 0, 44562 + r)) for r in range(5))
    sheet += record(0x06, struct.pack("<HHH", 5, 0, 1) + b"\0\0\0\0\0\0\xff\xff" + bytes(8)) + record(0x207, struct.pack("<HB", 2, 1) + text)
    start = len(bof[0]) + len(globals_) + 4 + 6 + 2 + 4 + 4
    return bof[0] + globals_ + record(0x85, struct.pack("<IBBBB", start, 0, 0, 2, 1) + text) + record(0x0A, b"") + bof[1] + sheet + record(0x0A, b"")


def survives(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        found: RawWorkbook | DataError = read_workbook(path)
    except DataError as error:
        found = error
    assert isinstance(found, RawWorkbook) or [bool(problem.hint) for problem in found.problems] == [True]


@pytest.mark.parametrize("good", [good_xlsx, good_ods])
def test_the_good_files_are_good(tmp_path: Path, good: Callable[[], bytes]) -> None:
    path = tmp_path / "a"
    path.write_bytes(good())
    assert read_workbook(path).sheets[0].name == "收入"


XLSX, ODS, XLS = good_xlsx(), good_ods(), good_xls_stream()
XLSX_PARTS = {name: content for package in [zipfile.ZipFile(io.BytesIO(XLSX))] for name in package.namelist() if (content := package.read(name))}


@QUICK
@given(EDITS)
def test_bytes_of_an_xlsx(tmp_path: Path, edits: list[tuple[float, int, bytes]]) -> None:
    survives(tmp_path / "a.xlsx", edited(XLSX, edits))


@QUICK
@given(st.sampled_from([name for name in XLSX_PARTS if "theme" not in name and "app.xml" not in name]), EDITS)
def test_bytes_of_one_part_of_an_xlsx(tmp_path: Path, part: str, edits: list[tuple[float, int, bytes]]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in XLSX_PARTS.items():
            package.writestr(name, edited(content, edits) if name == part else content)
    survives(tmp_path / "a.xlsx", target.getvalue())


@QUICK
@given(EDITS)
def test_bytes_of_the_rows_of_a_sheet(tmp_path: Path, edits: list[tuple[float, int, bytes]]) -> None:
    xml = XLSX_PARTS["xl/worksheets/sheet1.xml"]
    start, end = xml.index(b"<sheetData>") + 11, xml.index(b"</sheetData>")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in XLSX_PARTS.items():
            package.writestr(name, xml[:start] + edited(xml[start:end], edits) + xml[end:] if name.endswith("sheet1.xml") else content)
    survives(tmp_path / "a.xlsx", target.getvalue())


@QUICK
@given(EDITS)
def test_bytes_of_an_ods(tmp_path: Path, edits: list[tuple[float, int, bytes]]) -> None:
    content = zipfile.ZipFile(io.BytesIO(ODS)).read("content.xml")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", edited(content, edits))
    survives(tmp_path / "a.ods", target.getvalue())


@QUICK
@given(EDITS, EDITS)
def test_bytes_of_an_xls(inputs: object, tmp_path: Path, stream: list[tuple[float, int, bytes]], container: list[tuple[float, int, bytes]]) -> None:
    path: Path = inputs.compound({"Workbook": edited(XLS, stream)})  # type: ignore[attr-defined]
    survives(path, path.read_bytes())
    survives(path, edited(path.read_bytes(), container))


@QUICK
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x05\x06" + bytes(18), b"<", b"%PDF", b"\xff\xfe"]))
def test_any_bytes_behind_any_beginning(tmp_path: Path, content: bytes, beginning: bytes) -> None:
    survives(tmp_path / "a.xlsx", beginning + content)


CELL = st.sampled_from(
    [
        "<c r={0}{1}{0}/>",
        "<c r={0}{1}{0} s={0}1{0}/>",
        "<c r={0}{1}{0}><v>12.5</v></c>",
        "<c r={0}{1}{0} s={0}1{0}><v>44562</v></c>",
        "<c r={0}{1}{0} t={0}s{0}><v>0</v></c>",
        "<c r={0}{1}{0} t={0}b{0}><v>1</v></c>",
        "<c r={0}{1}{0} t={0}e{0}><v>#N/A</v></c>",
        "<c r={0}{1}{0} t={0}e{0}><f>1/0</f><v>#DIV/0!</v></c>",
        "<c r={0}{1}{0}><f>A1&gt;B1</f><v>7</v></c>",
        "<c r={0}{1}{0}><f>A1</f></c>",
        "<c r={0}{1}{0} t={0}str{0}><f>A1</f><v></v></c>",
        "<c r={0}{1}{0} t={0}str{0}><f>A1</f><v>x&amp;y</v></c>",
        "<c r={0}{1}{0}><f t={0}shared{0} ref={0}A1:B9{0} si={0}0{0}>B1</f><v>3</v></c>",
        "<c r={0}{1}{0}><f t={0}shared{0} si={0}0{0}/></c>",
        "<c r={0}{1}{0}><f t={0}array{0} ref={0}A1:C3{0}>B1</f></c>",
        "<c r={0}{1}{0} t={0}inlineStr{0}><is><t xml:space={0}preserve{0}> a </t></is></c>",
    ]
)


@QUICK
@given(st.dictionaries(st.tuples(st.integers(1, 12), st.integers(0, 6)), CELL, max_size=25), st.sets(st.integers(1, 12)), st.sampled_from(["'", "comment", "blanks"]))
def test_the_two_ways_to_scan_a_sheet_agree(inputs: object, cells: dict[tuple[int, int], str], hidden: set[int], way: str) -> None:
    def rows(quote: str, between: str) -> str:
        written = ""
        for row in sorted({row for row, _ in cells} | hidden):
            inner = between.join(cells[row, column].format(quote, f"{'ABCDEFG'[column]}{row}") for column in range(7) if (row, column) in cells)
            written += f"<row r={quote}{row}{quote}{f' hidden={quote}1{quote}' if row in hidden else ''}>{between}{inner}</row>{between}"
        return written

    quote, between = {"'": ("'", ""), "comment": ('"', "<!-- <c r='Z9'><v>1</v></c> -->"), "blanks": ("'", "\n  ")}[way]
    strings = "<si><t>单位</t></si>"
    usual = inputs.xlsx(rows('"', ""), strings=strings)  # type: ignore[attr-defined]
    assert inputs.xlsx(rows(quote, between), strings=strings) == usual  # type: ignore[attr-defined]
    for (row, column), written in cells.items():
        found = usual.sheets[0].cell(row, column + 1)
        assert found.formula or "<f" not in written
        assert ("t={0}e" in written) == (found.kind.name == "ERROR")
