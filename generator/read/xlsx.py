""".xlsx and .xlsm: what Excel, WPS, LibreOffice and the Python writers save. Macros are never looked at.

calamine decodes the cells. It is given not the file but a package written here in memory, which holds only the parts
that have been inflated, checked and scanned: so it cannot see another part, size or sheet than the checks did, nor
stumble over the ways writers differ in names, relations and prefixes.
"""

from __future__ import annotations

import io
import os
import posixpath
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from generator.read.cells import CellKind, RawCell, RawSheet, RawWorkbook, SheetKind, Value, as_cell
from generator.read.package import Package
from generator.read.refusal import MAX_CELLS, MAX_SHEETS, Refused, damaged, too_large
from generator.read.safe_xml import as_utf8, truth, walk
from generator.read.scan import Scan, rewritten, scan

MAX_TEXT = 400 * 1024 * 1024
"""Bytes of text in all cells. One long shared string that a million cells point to would fill the memory."""

_COUNTS = re.compile(rb"""\s(?:count|uniqueCount)\s*=\s*("[^"]*"|'[^']*')""")

_KINDS = {"worksheet": SheetKind.WORKSHEET, "chartsheet": SheetKind.CHART, "dialogsheet": SheetKind.DIALOG}
_MACRO_KINDS = ("xlMacrosheet", "xlIntlMacrosheet")  # Excel 4 macro sheets; never executed, their cells never read

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(slots=True)
class _Listed:
    """A sheet as workbook.xml lists it. scan is None for sheets that have no cells."""

    name: str
    hidden: bool
    relation: str
    kind: SheetKind = SheetKind.WORKSHEET
    scan: Scan | None = None


@dataclass(slots=True)
class _Contents:
    """What workbook.xml says. never_calculated: no spreadsheet program has computed the stored results (see there)."""

    sheets: list[_Listed] = field(default_factory=list)
    date_1904: bool = False
    never_calculated: bool = False


def read_xlsx(package: Package, file: str) -> RawWorkbook:
    """The workbook in the package. Raises Refused."""
    workbook_part = main_part(package)
    contents = _contents(package.xml(workbook_part))
    if not contents.sheets:
        raise damaged("没有工作表")
    if len(contents.sheets) > MAX_SHEETS:
        raise Refused(f"工作簿有 {len(contents.sheets)} 张工作表，太多了")
    relations = related(package, workbook_part)
    for sheet in contents.sheets:
        kind, part = relations.get(sheet.relation, ("", ""))
        if kind not in _KINDS and kind not in _MACRO_KINDS:
            raise damaged("找不到工作表的内容", sheet.name)
        sheet.kind = _KINDS.get(kind, SheetKind.MACRO)
        if sheet.kind is SheetKind.WORKSHEET:
            if part not in package:
                raise damaged("找不到工作表的内容", sheet.name)
            sheet.scan = scan(as_utf8(package.part(part)), sheet.name, contents.never_calculated)
    styles, strings = (_optional(package, relations, kind) for kind in ("styles", "sharedStrings"))
    worksheets = [sheet for sheet in contents.sheets if sheet.scan is not None]
    _check_texts(strings, [sheet.scan for sheet in worksheets if sheet.scan])
    with _hushed():
        grids = iter(list(_grids(worksheets, contents.date_1904, styles, strings)))
    sheets = []
    for sheet in contents.sheets:
        raw = RawSheet(file, sheet.name, sheet.hidden, sheet.kind)
        if sheet.scan is not None:
            raw.rows = next(grids)
            _complete(raw, sheet.scan)
        sheets.append(raw)
    return RawWorkbook(file, sheets, _properties(package))


def main_part(package: Package) -> str:
    """The part that the package is about: `xl/workbook.xml` in a workbook, `word/document.xml` in a Word file; "" if none."""
    if "_rels/.rels" in package:
        for kind, part in _relations(package.xml("_rels/.rels"), "").values():
            if kind == "officeDocument":
                return part
    return "xl/workbook.xml" if "xl/workbook.xml" in package else ""


def related(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (last word of its type, part name) of the parts that `part` refers to; external targets left out."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    return _relations(package.xml(relations), folder) if relations in package else {}


def _relations(xml: bytes, folder: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")

    walk(xml, start)
    return found


def _contents(xml: bytes) -> _Contents:
    found = _Contents()
    calculation: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and "name" in attributes:
            hidden = attributes.get("state", "visible") in ("hidden", "veryHidden")
            found.sheets.append(_Listed(attributes["name"], hidden, attributes.get("id", "")))
        elif name == "workbookPr":
            found.date_1904 = truth(attributes.get("date1904"))
        elif name == "calcPr":
            calculation.update(attributes)

    walk(xml, start)
    # XlsxWriter stores 0 as the result of every formula it is given no value for, and asks to compute on loading. With the
    # calcId it stamps, no program that computes has saved the file since: Excel, WPS and LibreOffice write their own.
    found.never_calculated = calculation.get("calcId") == "124519" and truth(calculation.get("fullCalcOnLoad"))
    return found


def _optional(package: Package, relations: dict[str, tuple[str, str]], kind: str) -> bytes:
    parts = [part for found, part in relations.values() if found == kind and part in package]
    return package.xml(parts[0]) if parts else b""


def _check_texts(strings: bytes, scans: list[Scan]) -> None:
    """The text of all cells stays below MAX_TEXT. Nearly always a glance at the sizes shows it; else it is counted."""
    longest = max(map(len, strings.split(b"si>")))  # between <si> and </si>, whatever their prefix
    if longest * sum(len(found.cells) for found in scans) <= MAX_TEXT * len(b'<c r="A1" t="s"><v>0</v></c>'):
        return
    if longest * sum(found.cells.count(b"<c") for found in scans) <= MAX_TEXT:
        return
    pieces = re.split(rb"<(?:\w+:)?si[\s/>]", strings)[1:]
    used: Counter[int] = Counter()
    for found in scans:
        pointers = re.findall(rb't="s"[^<>]*>(?:<f[^<>]*>[^<]*</f>)?<v>([0-9]{1,9})</v>', rewritten(found.cells, ""))
        used.update(map(int, pointers))
    if sum(len(pieces[index]) * count for index, count in used.items() if index < len(pieces)) > MAX_TEXT:
        raise Refused("单元格里的文字总量太大", "请删去无关的长文字，另存后再用")


def _grids(worksheets: list[_Listed], date_1904: bool, styles: bytes, strings: bytes) -> Iterator[list[list[Value | RawCell]]]:
    """The values of each worksheet in turn."""
    cells = 0
    try:
        book = load_workbook(_clean_package([sheet.scan.cells for sheet in worksheets if sheet.scan], date_1904, styles, strings))
    except BaseException as fault:
        if not _undecodable(fault):
            raise
        raise damaged("文字表或格式表不合规范") from fault
    for index, sheet in enumerate(worksheets):
        grid, cells = _grid(book, index, sheet.name, cells)
        yield grid


def _grid(book: CalamineWorkbook, index: int, name: str, cells: int) -> tuple[list[list[Value | RawCell]], int]:
    """The values of one sheet, and how many cells the sheets so far have."""
    try:
        sheet: CalamineSheet = book.get_sheet_by_name(str(index))
        rows, columns = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
        cells += rows * columns
        if cells <= MAX_CELLS:
            return cast("list[list[Value | RawCell]]", sheet.to_python(skip_empty_area=False)), cells
    except BaseException as fault:
        if not _undecodable(fault):
            raise
        raise damaged("单元格的内容不合规范", name) from fault
    raise too_large(name, rows, columns)


def _uncounted(strings: bytes) -> bytes:
    """The shared strings without their counts: calamine reserves memory for as many as the file claims, and a claim of a
    hundred thousand million ends the whole process, which nothing can catch."""
    head, tag, rest = strings.partition(b"<si")
    return _COUNTS.sub(b"", head) + tag + rest


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing on the error stream while calamine decodes: a panic of its Rust code prints a page of addresses before it
    becomes the exception that we turn into one sentence, and no hook reaches it from Python."""
    try:
        kept = os.dup(2)
    except OSError:  # no error stream at all (a service, pythonw)
        yield
        return
    sys.stderr.flush()
    silent = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silent, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silent)


def _undecodable(fault: BaseException) -> bool:
    """Whether calamine gave up on the contents; a panic of its Rust code counts, an interrupt or a fault of ours does not."""
    # The class of a panic cannot be imported, and it is a BaseException on purpose; but to a clerk it is a damaged file.
    return isinstance(fault, CalamineError | ValueError | OverflowError | MemoryError) or type(fault).__name__ == "PanicException"


def _clean_package(sheets: list[bytes], date_1904: bool, styles: bytes, strings: bytes) -> io.BytesIO:
    """The least of a workbook that calamine reads, unpacked; sheets are named 0, 1, 2 …"""
    relations = "".join(f'<Relationship Id="s{i}" Type="{_OFFICE}/worksheet" Target="worksheets/{i}.xml"/>' for i in range(len(sheets)))
    listed = "".join(f'<sheet name="{i}" sheetId="{i + 1}" r:id="s{i}"/>' for i in range(len(sheets)))
    workbook_properties = '<workbookPr date1904="1"/>' if date_1904 else ""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        package.writestr("_rels/.rels", _relationships(f'<Relationship Id="w" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'))
        package.writestr("xl/_rels/workbook.xml.rels", _relationships(relations))
        package.writestr("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{workbook_properties}<sheets>{listed}</sheets></workbook>')
        if styles:
            package.writestr("xl/styles.xml", _COUNTS.sub(b"", styles))
        if strings:
            package.writestr("xl/sharedStrings.xml", _uncounted(strings))
        for i, cells in enumerate(sheets):
            package.writestr(f"xl/worksheets/{i}.xml", b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (_MAIN.encode(), cells))
    packed.seek(0)
    return packed


def _relationships(inner: str) -> str:
    return f'<Relationships xmlns="{_RELATIONS}">{inner}</Relationships>'


def _complete(sheet: RawSheet, found: Scan) -> None:
    """Puts into the sheet what calamine leaves out: errors, formulas, merges, hidden rows and columns."""
    rows = sheet.rows
    left = MAX_CELLS  # cells looked at for spills, so that many overlapping ranges cannot take for ever
    for (top, first, bottom, last), formula in found.spills:
        # What an array formula fills has no result either, and the file simply leaves it out.
        bottom, last = min(bottom, sheet.height), min(last, sheet.width)
        left -= max(bottom - top + 1, 0) * max(last - first + 1, 0)
        if left < 0:
            raise damaged("数组公式的范围", sheet.name)
        for line in rows[top - 1 : bottom]:
            for column in range(first, last + 1):
                if line[column - 1] == "":
                    line[column - 1] = RawCell(f"={formula}", CellKind.UNCALCULATED, True)
    for row, column in found.computed:
        if row > len(rows) or column > len(rows[row - 1]):
            _reach(sheet, row, column)
        line = rows[row - 1]
        line[column - 1] = as_cell(line[column - 1], formula=True)
    for (row, column), formula in found.uncalculated.items():
        _reach(sheet, row, column)
        rows[row - 1][column - 1] = RawCell(f"={formula}", CellKind.UNCALCULATED, True)
    for row, column in found.errors:
        _reach(sheet, row, column)
        line = rows[row - 1]
        was = as_cell(line[column - 1])
        is_formula = was.formula or (row, column) in found.uncalculated
        error = was.value if was.kind is CellKind.TEXT else None
        line[column - 1] = RawCell(error or "#VALUE!", CellKind.ERROR, is_formula)
    sheet.merges = found.merges
    sheet.hidden_rows = frozenset(row for row in found.hidden_rows if row <= sheet.height)
    sheet.hidden_columns = frozenset(column for first, last in found.hidden_columns for column in range(first, min(last, sheet.width) + 1))


def _reach(sheet: RawSheet, row: int, column: int) -> None:
    """Blank rows and columns up to the cell: one without a stored result may lie beyond the last value."""
    width = max(sheet.width, column)
    if row * width > MAX_CELLS:
        raise too_large(sheet.name, row, width, row, column)
    if column > sheet.width:
        for cells in sheet.rows:
            cells.extend([""] * (column - len(cells)))
    sheet.rows.extend([""] * width for _ in range(row - sheet.height))


def _properties(package: Package) -> dict[str, str]:
    """Title, category, keywords, times and custom properties, as text. Nothing about persons."""
    found: dict[str, str] = {}
    text: list[str] = []
    key = ""

    def start_core(name: str, attributes: dict[str, str]) -> None:
        text.clear()

    def end_core(name: str) -> None:
        if name in ("title", "category", "keywords", "subject", "version", "created", "modified") and "".join(text).strip():
            found[name] = "".join(text).strip()

    def start_custom(name: str, attributes: dict[str, str]) -> None:
        nonlocal key
        if name == "property":
            key = attributes.get("name", "")
        text.clear()

    def end_custom(name: str) -> None:
        if key and name not in ("property", "Properties"):
            found[key] = "".join(text).strip()

    for part, start, end in (("docProps/core.xml", start_core, end_core), ("docProps/custom.xml", start_custom, end_custom)):
        if part in package:
            walk(package.xml(part), start, end, text.append)
    return found
