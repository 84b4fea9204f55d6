"""The marked copy: the clerk's own workbook, what is wrong shown where it stands, and a first sheet 校验结果 that lists it.

What the clerk typed stays as it was, to the byte: the cells of a sheet (`sheetData`) are not even parsed. A colour is laid
over a cell by a conditional format, a note is a cell comment, so cell styles are not touched and both are found again by
their words (`yusuan-`, 【校验】) and taken away when the clerk mends the marked copy itself and has it checked.

An .xls or .ods cannot be kept like that: its values go into an .xlsx, and the first sheet says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
from lxml import etree

from generator.model.problem import DataError, Level, Place, Problem, column_letters
from generator.model.wrapping import text_width
from generator.read import CellKind, RawSheet, RawWorkbook, SheetKind, read_workbook
from generator.read.package import Package, normal
from generator.read.refusal import Refused
from generator.read.scan import area
from generator.read.sniff import opened
from generator.read.xlsx import main_part
from generator.render.excel_package import OFFICE, ExcelPackage, child, local, parsed, part_names, serialised
from generator.render.heights import lines_needed

RESULT = "校验结果"
RESULT_PART = "xl/worksheets/yusuan.xml"  # whatever saves the file gives the part another name: so long as it is there, nobody has
MARK = "【校验】"  # begins our note, or our part of a note
SIGNATURES = {Level.ERROR: "yusuan-error", Level.WARNING: "yusuan-warning", Level.HINT: "yusuan-hint"}
FILLS = {Level.ERROR: "FFFFA7A7", Level.WARNING: "FFFFEB9C", Level.HINT: "FFBDD7EE"}
LINES = {Level.ERROR: "FFC00000", Level.WARNING: "FFBF8F00", Level.HINT: "FF5B9BD5"}
TABS = {Level.ERROR: "FFE0504B", Level.WARNING: "FFF2C14F"}
MOST_LISTED = 2000  # lines of 校验结果, and notes; the rest are counted, their cells coloured all the same

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
# The order of a worksheet's children (ECMA-376 part 1, 18.3.1.99); Excel calls a file damaged that has another.
_ORDER = re.findall(
    r"\w+",
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState dataConsolidate "
    "customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks "
    "colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst ",
)
_STYLE_ORDER = ["numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst"]
_SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?:\s[^<>]*)?(/?)>")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Step(StrEnum):
    """What to do next with a problem; also the headings of 校验结果, in this order."""

    UNREAD = "先改读不出来的格子"
    DISAGREES = "再改对不上的数"
    TEXT = "补写、改写文字"
    LOOK = "看一看的提醒"
    KNOW = "知道就行的提示"


STEP_NOTES = {
    Step.UNREAD: "这些不改，靠它们的核对做不了",
    Step.DISAGREES: "两处的数不一致，改其中错的一处",
    Step.TEXT: "写在“文字说明”里",
    Step.LOOK: "不挡出件；确实没错就不用改",
    Step.KNOW: "程序是这样理解的，对就不用改",
}


@dataclass(frozen=True, slots=True)
class About:
    """What 校验结果 says besides the problems.

    heading: year, unit and set of tables in a line. not_run: (rule, why) of the checks that could not run.
    rules: ids of the pack's rules: what they find is a figure that does not agree, the rest cannot be read.
    text_sheets: names of the sheets that hold the clerk's prose.
    """

    heading: str = ""
    not_run: Sequence[tuple[str, str]] = ()
    rules: Collection[str] = ()
    text_sheets: Collection[str] = ()

    def waiting(self) -> dict[str, list[str]]:
        """Why rules could not run → which: one cause, one line."""
        found: dict[str, list[str]] = {}
        for rule, reason in self.not_run:
            found.setdefault(reason, []).append(rule)
        return found

    def step(self, problem: Problem) -> Step:
        """Under which heading a problem stands."""
        if problem.level is not Level.ERROR:
            return Step.LOOK if problem.level is Level.WARNING else Step.KNOW
        of_rule = problem.rule in self.rules
        if problem.place.sheet in self.text_sheets and (of_rule or problem.rule == "文字"):
            return Step.TEXT
        return Step.DISAGREES if of_rule or problem.rule == "表内全覆盖" else Step.UNREAD


def marked_copy(path: Path, problems: Sequence[Problem], about: About) -> tuple[str, bytes]:
    """The marked copy of the workbook at `path` with problems in reading order: (its file ending, its bytes).

    Same input, same bytes. Raises DataError when the workbook cannot be read.
    """
    try:
        data = path.read_bytes()
        _, container = opened(data)
        if isinstance(container, Package) and main_part(container).endswith("workbook.xml"):
            return _marked(data, path, problems, about, "")
        data, names = _values(read_workbook(path))
        renamed = [Problem(p.level, Place(p.place.file, names.get(p.place.sheet, p.place.sheet), p.place.row, p.place.column), p.message, p.hint, p.rule) for p in problems]
        kept = f"原文件是 {path.suffix or '旧格式'}，本副本只有各格的值，没有公式和格式；也可以回原文件里改。"
        return _marked(data, path, renamed, about, kept)
    except Refused as refused:
        raise DataError(Problem(Level.ERROR, Place(path.name), refused.message, refused.hint)) from refused
    except OSError as fault:
        raise DataError(Problem(Level.ERROR, Place(path.name), f"文件读不出来（{fault.strerror or fault}）")) from fault


def is_untouched(data: bytes) -> bool:
    """Whether a file is a marked copy as it was written: no program has saved it since, so nobody's work is in it."""
    return RESULT_PART in part_names(data)


# --- the package ------------------------------------------------------------------------------------------------------


def _marked(data: bytes, path: Path, problems: Sequence[Problem], about: About, kept: str) -> tuple[str, bytes]:
    book = _Book(ExcelPackage(data))
    book.clear()
    listed = [s.name for s in book.sheets if s.kind == "worksheet"]
    by_sheet: dict[str, list[Problem]] = {}
    for problem in problems:
        by_sheet.setdefault(problem.place.sheet, []).append(problem)
    heads = _headings(path, problems)
    formats = book.styles.mark_formats()
    left = MOST_LISTED
    for number, sheet in enumerate(book.sheets, 1):
        if sheet.kind == "worksheet" and (found := by_sheet.get(sheet.name)):
            left -= sheet.mark(found, heads, formats, number, left)
        sheet.unselect()
        sheet.save()
    suffix = book.add_result(_result_sheet(path.name, problems, about, kept, set(listed), {s.name for s in book.sheets if s.hidden}, book.styles))
    return suffix, book.package.packed()


class _Book:
    """workbook.xml with its sheets and styles."""

    def __init__(self, package: ExcelPackage) -> None:
        self.package = package
        self.part = main_part(package.package)
        self.root = parsed(package.read(self.part))
        relations = {r.id: r for r in package.relations(self.part)}
        self.sheets: list[_Sheet] = []
        for line in self._lines():
            relation = relations.get(self._relation_id(line))
            if relation is not None and relation.part in package:
                self.sheets.append(_Sheet(package, line.get("name", ""), relation.kind, relation.part, line.get("state", "visible") != "visible", line))

    def _lines(self) -> list[etree._Element]:
        sheets = child(self.root, "sheets")
        return [] if sheets is None else [e for e in sheets if local(e) == "sheet"]

    def _relation_id(self, line: etree._Element) -> str:
        return next((v for k, v in line.attrib.items() if etree.QName(k).localname == "id"), "")

    @property
    def _office(self) -> str:
        """The namespace of relations: files saved as “strict” have another."""
        strict = etree.QName(self.root).namespace or ""
        return "http://purl.oclc.org/ooxml/officeDocument/relationships" if "purl.oclc.org" in strict else OFFICE

    @cached_property
    def styles(self) -> _Styles:
        part = next((r.part for r in self.package.relations(self.part) if r.kind == "styles" and r.part in self.package), "")
        if not part:
            part = self.package.free("xl/styles{}.xml")
            namespace = etree.QName(self.root).namespace or MAIN
            self.package.write(part, f'<styleSheet xmlns="{namespace}"/>'.encode())
            self.package.declare(part, _STYLES_TYPE)
            self.package.relate(self.part, "styles", part, self._office)
        return _Styles(self.package, part)

    def clear(self) -> None:
        """Takes away what an earlier check has marked: the sheet, colours, notes."""
        for sheet in list(self.sheets):
            if sheet.kind != "worksheet":
                continue
            if sheet.name.startswith(RESULT) and b"yusuan-" in self.package.read(sheet.part):
                self._remove(sheet)
            else:
                sheet.clear()

    def _remove(self, sheet: _Sheet) -> None:
        lines = self._lines()
        index = next(i for i, line in enumerate(lines) if line is sheet.line)
        for relation in self.package.relations(sheet.part):
            if relation.kind in ("comments", "vmlDrawing", "printerSettings") and relation.part in self.package:
                self.package.remove(relation.part)
        self.package.unrelate(self.part, sheet.part)
        self.package.remove(sheet.part)
        sheet.line.getparent().remove(sheet.line)
        self.sheets.remove(sheet)
        self._renumber(lambda n: None if n == index else n - (n > index))

    def _renumber(self, change: Callable[[int], int | None]) -> None:
        """Names that belong to a sheet count the sheets from 0."""
        names = child(self.root, "definedNames")
        for name in [] if names is None else list(names):
            if name.get("localSheetId", "").isdigit():
                new = change(int(name.get("localSheetId", "")))
                if new is None:
                    names.remove(name)  # type: ignore[union-attr]
                else:
                    name.set("localSheetId", str(new))
        if names is not None and not len(names):
            self.root.remove(names)

    def add_result(self, xml: bytes) -> str:
        """校验结果 as the first sheet, in front when the file is opened. Returns the file's ending."""
        package = self.package
        package.write(RESULT_PART, xml)
        package.declare(RESULT_PART, _SHEET_TYPE)
        new = package.relate(self.part, "worksheet", RESULT_PART, self._office)
        self._renumber(lambda n: n + 1)
        lines = self._lines()
        namespace = etree.QName(self.root).namespace
        line = etree.Element(f"{{{namespace}}}sheet")
        names = {e.get("name", "").lower() for e in lines}
        line.set("name", next(n for n in (RESULT, *(f"{RESULT}（程序{i}）" for i in range(1, 99))) if n.lower() not in names))
        line.set("sheetId", str(max((int(e.get("sheetId", "0")) for e in lines if e.get("sheetId", "").isdigit()), default=0) + 1))
        line.set(f"{{{self._office}}}id", new)
        sheets = child(self.root, "sheets")
        assert sheets is not None  # the reader refuses a workbook without sheets
        sheets.insert(0, line)
        views = child(self.root, "bookViews")
        for view in [] if views is None else views:
            if local(view) == "workbookView":
                view.set("activeTab", "0")
                view.attrib.pop("firstSheet", None)
        self._print_titles(namespace or MAIN)
        package.write(self.part, serialised(self.root))
        self.styles.save()
        return self._ending()

    def _print_titles(self, namespace: str) -> None:
        names = child(self.root, "definedNames")
        if names is None:
            names = etree.Element(f"{{{namespace}}}definedNames")
            before = [e for e in self.root if local(e) in ("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups", "externalReferences")]
            before[-1].addnext(names)
        name = etree.Element(f"{{{namespace}}}definedName")
        name.set("name", "_xlnm.Print_Titles")
        name.set("localSheetId", "0")
        name.text = f"'{self._lines()[0].get('name')}'!${HEADER_ROW}:${HEADER_ROW}"
        names.insert(0, name)

    def _ending(self) -> str:
        """A file with macros must be called .xlsm; a template becomes a workbook, or Excel would open a copy of it."""
        for line in self.package.types:
            kind = line.get("ContentType", "")
            if normal(line.get("PartName", "")) == normal(self.part) or (local(line) == "Default" and kind.endswith(".main+xml")):
                line.set("ContentType", kind.replace("template.macroEnabled", "sheet.macroEnabled").replace("spreadsheetml.template", "spreadsheetml.sheet"))
                if "macroEnabled" in kind:
                    return ".xlsm"
        return ".xlsx"


# --- one sheet of the clerk's -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sheet:
    """A sheet: its frame parsed, its cells left as the bytes they are. line: the <sheet> of workbook.xml."""

    package: ExcelPackage
    name: str
    kind: str
    part: str
    hidden: bool
    line: etree._Element
    _frame: etree._Element | None = None
    _cells: bytes = b""
    _changed: bool = False

    @property
    def frame(self) -> etree._Element:
        """The sheet's XML without its cells."""
        if self._frame is None:
            xml = self.package.read(self.part)
            found = _SHEET_DATA.search(xml)
            end = -1
            if found and not found[2] and b"<!" not in xml:
                close = b"</" + found[1] + b"sheetData>"
                end = xml.rfind(close)
            if found and end >= found.end():
                self._cells = xml[found.start() : end + len(close)]
                xml = xml[: found.end()] + xml[end:]
            self._frame = parsed(xml)
        return self._frame

    def save(self) -> None:
        if self._changed and self._frame is not None:
            xml = serialised(self._frame)
            if self._cells:
                cells = self._cells
                xml = _SHEET_DATA.sub(lambda _: cells, xml, count=1)
            self.package.write(self.part, xml)

    def _insert(self, element: etree._Element) -> None:
        """A child of the sheet where its kind belongs."""
        self._changed = True
        rank = _ORDER.index(local(element))
        before = [e for e in self.frame if local(e) in _ORDER and _ORDER.index(local(e)) <= rank]
        if before:
            before[-1].addnext(element)
        else:
            self.frame.insert(0, element)

    def _new(self, name: str, **attributes: str) -> etree._Element:
        element = etree.Element(f"{{{etree.QName(self.frame).namespace}}}{name}")
        for key, value in attributes.items():
            element.set(key, value)
        return element

    def unselect(self) -> None:
        """Only the first sheet is in front: what is typed while several are selected goes into all of them."""
        if b"tabSelected" not in self.package.read(self.part):
            return
        views = child(self.frame, "sheetViews")
        for view in [] if views is None else views:
            if view.attrib.pop("tabSelected", None) is not None:
                self._changed = True

    # --- taking away ---

    def clear(self) -> None:
        """Without the marks of an earlier check."""
        xml = self.package.read(self.part)
        if b"yusuan-" in xml:
            for block in [e for e in self.frame if local(e) == "conditionalFormatting"]:
                for rule in [r for r in block if "yusuan-" in "".join(r.itertext())]:
                    block.remove(rule)
                    self._changed = True
                if not any(local(r) == "cfRule" for r in block):
                    self.frame.remove(block)
        if any(colour.encode() in xml for colour in TABS.values()):
            properties = child(self.frame, "sheetPr")
            colour = None if properties is None else child(properties, "tabColor")
            if colour is not None and colour.get("rgb", "").upper() in TABS.values():
                properties.remove(colour)  # type: ignore[union-attr]
                self._changed = True
        if b"legacyDrawing" in xml:
            self._clear_notes()

    def _clear_notes(self) -> None:
        part, drawing = self._note_parts()
        if not part or MARK.encode() not in (xml := self.package.read(part)):
            return
        root = parsed(xml)
        comments = child(root, "commentList")
        gone = set()
        for comment in [] if comments is None else list(comments):
            text = "".join(t.text or "" for t in comment.iter() if local(t) == "t")
            if MARK not in text:
                continue
            if not text.partition(MARK)[0].strip():
                gone.add(comment.get("ref", ""))
                comments.remove(comment)  # type: ignore[union-attr]
            else:
                _cut(comment)
        if comments is None or not len(comments):
            self.package.unrelate(self.part, part)
            self.package.remove(part)
        else:
            self.package.write(part, serialised(root))
        if drawing and gone:
            self._clear_shapes(drawing, gone)

    def _clear_shapes(self, drawing: str, gone: set[str]) -> None:
        shapes = self.package.package.part(drawing) if normal(drawing) not in self.package.changed else self.package.changed[normal(drawing)]
        places = {(a[0] - 1, a[1] - 1) for ref in gone if (a := area(ref))}
        shapes = _SHAPE.sub(lambda shape: b"" if _note_of(shape[0]) in places else shape[0], shapes)
        legacy = child(self.frame, "legacyDrawing")
        if not _SHAPE.search(shapes) and legacy is not None:
            self.frame.remove(legacy)
            self._changed = True
            self.package.unrelate(self.part, drawing)
            self.package.remove(drawing)
        else:
            self.package.write(drawing, shapes)

    def _note_parts(self) -> tuple[str, str]:
        """The parts with the notes and with their boxes; empty for none."""
        relations = self.package.relations(self.part)
        notes = next((r.part for r in relations if r.kind == "comments" and r.part in self.package), "")
        legacy = child(self.frame, "legacyDrawing")
        wanted = "" if legacy is None else next((v for k, v in legacy.attrib.items() if etree.QName(k).localname == "id"), "")
        return notes, next((r.part for r in relations if r.id == wanted and r.part in self.package), "")

    # --- marking ---

    def mark(self, problems: Sequence[Problem], heads: dict[tuple[str, int], int], formats: dict[Level, int], number: int, most: int) -> int:
        """Colours and notes for the sheet's problems, at most `most` notes. Returns how many notes there are."""
        merges = self._merges()
        first = self._first_column()
        at: dict[tuple[int, int], list[Problem]] = {}
        for problem in problems:
            row, column = problem.place.row, problem.place.column
            if not row and column:
                row = heads.get((self.name, column), 1)
            cell = row or 1, column or first
            at.setdefault(next((m[:2] for m in merges if m[0] <= cell[0] <= m[2] and m[1] <= cell[1] <= m[3]), cell), []).append(problem)
        worst = {cell: min((p.level for p in found), key=list(Level).index) for cell, found in at.items()}
        spans = {m[:2]: m for m in merges}
        self._colour(worst, spans, formats)
        self._tab(min(worst.values(), key=list(Level).index))
        notes = {cell: _note(found) for cell, found in list(at.items())[: max(most, 0)]}
        if notes:
            self._notes(notes, number)
        return len(notes)

    def _merges(self) -> list[tuple[int, int, int, int]]:
        merged = child(self.frame, "mergeCells")
        return [] if merged is None else [a for m in merged if local(m) == "mergeCell" and (a := area(m.get("ref", "")))]

    def _first_column(self) -> int:
        """The first column that can be seen: where what concerns a whole line is marked."""
        hidden = {n for c in self._columns() if c.hidden for n in range(c.first, min(c.last, 60) + 1)}
        return next(n for n in range(1, 62) if n not in hidden)

    def _colour(self, worst: dict[tuple[int, int], Level], spans: dict[tuple[int, int], tuple[int, int, int, int]], formats: dict[Level, int]) -> None:
        for rule in self.frame.iter():
            if local(rule) == "cfRule" and rule.get("priority", "").isdigit():
                rule.set("priority", str(int(rule.get("priority", "")) + len(Level)))  # ours come first
        for rank, level in enumerate(Level, 1):
            ranges = _ranges([(*cell, *spans.get(cell, (*cell, *cell))[2:]) for cell, found in worst.items() if found is level])
            for start in range(0, len(ranges), 400):
                block = self._new("conditionalFormatting", sqref=" ".join(ranges[start : start + 400]))
                rule = etree.SubElement(block, f"{{{etree.QName(self.frame).namespace}}}cfRule")
                for key, value in (("type", "expression"), ("dxfId", str(formats[level])), ("priority", str(rank))):
                    rule.set(key, value)
                formula = etree.SubElement(rule, f"{{{etree.QName(self.frame).namespace}}}formula")
                formula.text = f'LEN("{SIGNATURES[level]}")={len(SIGNATURES[level])}'
                self._insert(block)

    def _tab(self, level: Level) -> None:
        """The tab's colour, unless it has one of its own."""
        if level not in TABS:
            return
        properties = child(self.frame, "sheetPr")
        if properties is None:
            properties = self._new("sheetPr")
            self._insert(properties)
        if child(properties, "tabColor") is None:
            properties.insert(0, self._new("tabColor", rgb=TABS[level]))
            self._changed = True

    def _notes(self, notes: dict[tuple[int, int], str], number: int) -> None:
        part, drawing = self._note_parts()
        namespace = etree.QName(self.frame).namespace or MAIN
        office = "http://purl.oclc.org/ooxml/officeDocument/relationships" if "purl.oclc.org" in namespace else OFFICE
        if part:
            root = parsed(self.package.read(part))
        else:
            part = self.package.free("xl/yusuan_comments{}.xml")
            root = parsed(f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'.encode())
            self.package.declare(part, _COMMENTS_TYPE)
            self.package.relate(self.part, "comments", part, office)
        boxes = _Boxes(self._columns(), self._heights(), self._default_width(), self._default_height())
        new, grown = _write_comments(root, notes)
        self.package.write(part, serialised(root))
        if drawing:
            shapes = self.package.package.part(drawing) if normal(drawing) not in self.package.changed else self.package.changed[normal(drawing)]
        else:
            drawing = self.package.free("xl/drawings/yusuan_notes{}.vml")
            blocks = ",".join(str(number + n) for n in range(len(new) // 1000 + 1))
            shapes = _VML.format(blocks=blocks).encode()
            self.package.declare_ending("vml", _VML_TYPE)
            legacy = self._new("legacyDrawing")
            legacy.set(f"{{{office}}}id", self.package.relate(self.part, "vmlDrawing", drawing, office))
            self._insert(legacy)
        self.package.write(drawing, boxes.drawn(shapes, new, grown, number))

    # --- sizes, for the boxes of the notes ---

    def _columns(self) -> list[_Columns]:
        found = child(self.frame, "cols")
        made = []
        for c in [] if found is None else found:
            if local(c) == "col" and c.get("min", "").isdigit() and c.get("max", "").isdigit():
                made.append(_Columns(int(c.get("min", "")), int(c.get("max", "")), _number(c.get("width"), 9.14), c.get("hidden") in ("1", "true")))
        return made

    def _heights(self) -> dict[int, float]:
        """Rows that have a height of their own, in pt; 0 for hidden ones."""
        heights = {}
        for row in re.findall(rb"<(?:\w+:)?row\b[^<>]*>", self._cells):
            number, height = re.search(rb'\sr="(\d{1,7})"', row), re.search(rb'\sht="([\d.]+)"', row)
            if number and (b'hidden="1"' in row or b'hidden="true"' in row):
                heights[int(number[1])] = 0.0
            elif number and height:
                heights[int(number[1])] = _number(height[1].decode(), 15.0)
        return heights

    def _default_width(self) -> float:
        found = child(self.frame, "sheetFormatPr")
        return _number(None if found is None else found.get("defaultColWidth"), 9.14)

    def _default_height(self) -> float:
        found = child(self.frame, "sheetFormatPr")
        return _number(None if found is None else found.get("defaultRowHeight"), 15.0)


def _number(text: str | None, otherwise: float) -> float:
    try:
        return min(max(float(text or ""), 0.0), 500.0)
    except ValueError:
        return otherwise


def _ranges(cells: Iterable[tuple[int, int, int, int]]) -> list[str]:
    """Cells (top, left, bottom, right) as addresses, those below each other as one.

    >>> _ranges([(3, 1, 3, 1), (4, 1, 4, 1), (9, 2, 10, 3)])
    ['A3:A4', 'B9:C10']
    """
    joined: list[list[int]] = []
    for top, left, bottom, right in sorted(cells, key=lambda c: (c[1], c[3], c[0])):
        if joined and joined[-1][1] == left and joined[-1][3] == right and joined[-1][2] + 1 == top:
            joined[-1][2] = bottom
        else:
            joined.append([top, left, bottom, right])
    named = [(f"{column_letters(left)}{top}", f"{column_letters(right)}{bottom}") for top, left, bottom, right in joined]
    return [a if a == b else f"{a}:{b}" for a, b in named]


# --- notes ------------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Text as XML can hold it."""
    return _UNPRINTABLE.sub("", text)


def _note(problems: Sequence[Problem]) -> str:
    """The words of a note: what is wrong and how to mend it; several problems numbered."""
    made = []
    for n, p in enumerate(problems, 1):
        whole = "" if p.place.row and p.place.column else f"{p.place.cell or '整张表'}："
        mend = f"\n改法：{p.hint}" if p.hint else ""
        made.append(f"{f'{n}. ' if len(problems) > 1 else ''}{p.level}：{whole}{p.message}{mend}")
    return plain(MARK + (f"共 {len(problems)} 个问题\n" if len(problems) > 1 else "") + "\n".join(made))


def _write_comments(root: etree._Element, notes: dict[tuple[int, int], str]) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], str]]:
    """The notes into the comments part: (notes of cells that had none, whole texts of those that had one already).

    A threaded comment of Excel 365 is left alone: what is written behind it nobody sees.
    """
    namespace = etree.QName(root).namespace
    comments, authors = child(root, "commentList"), child(root, "authors")
    if authors is None:
        authors = etree.Element(f"{{{namespace}}}authors")
        root.insert(0, authors)
    if comments is None:
        comments = etree.SubElement(root, f"{{{namespace}}}commentList")
    names = [a.text or "" for a in authors]
    if "" not in names:
        etree.SubElement(authors, f"{{{namespace}}}author")
        names.append("")
    there = {c.get("ref", ""): c for c in comments}
    new, grown = {}, {}
    for (row, column), note in notes.items():
        ref = f"{column_letters(column)}{row}"
        run = f'<r xmlns="{namespace}"><rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/><family val="3"/><charset val="134"/></rPr><t xml:space="preserve">{{}}</t></r>'
        if ref in there:
            comment = there[ref]
            author = comment.get("authorId", "")
            if author.isdigit() and int(author) < len(names) and names[int(author)].startswith("tc="):
                continue
            text = child(comment, "text")
            if text is None:
                text = etree.SubElement(comment, f"{{{namespace}}}text")
            own = child(text, "t")
            if own is not None and not any(local(e) == "r" for e in text):  # plain text beside runs is not shown
                words = own.text or ""
                text.remove(own)
                text.append(etree.fromstring(run.format(escape(words))))
            text.append(etree.fromstring(run.format(escape("\n" + note))))
            grown[row, column] = "".join(t.text or "" for t in comment.iter() if local(t) == "t")
        else:
            comment = etree.SubElement(comments, f"{{{namespace}}}comment")
            comment.set("ref", ref)
            comment.set("authorId", str(names.index("")))
            etree.SubElement(comment, f"{{{namespace}}}text").append(etree.fromstring(run.format(escape(note))))
            new[row, column] = note
    return new, grown


def _cut(comment: etree._Element) -> None:
    """The clerk's own comment without what we had added to it."""
    before: list[etree._Element] = []
    met = False
    for text in [t for t in comment.iter() if local(t) == "t"]:
        if met:
            text.text = ""
        elif MARK in (text.text or ""):
            text.text = (text.text or "").partition(MARK)[0]
            met = True
        if text.text:
            before.append(text)
    if before:  # our note began on a line of its own, perhaps in a run of its own
        before[-1].text = re.sub(r"\r?\n\Z", "", before[-1].text or "")
    holder = child(comment, "text")
    for run in [] if holder is None else list(holder):
        if local(run) == "r" and not "".join(t.text or "" for t in run.iter() if local(t) == "t"):
            holder.remove(run)  # type: ignore[union-attr]


# --- the boxes of the notes (VML, the language Excel keeps them in) ---------------------------------------------------

_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout></xml>'
)
_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape {spaces}id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;margin-top:2pt;width:{width}pt;height:{height}pt;z-index:{z};visibility:hidden"'
    ' fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SPACES = {"v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office", "x": "urn:schemas-microsoft-com:office:excel"}
_SHAPE = re.compile(rb"<v:shape\s(?:(?!</v:shape>).)*</v:shape>", re.DOTALL)
_CHARACTERS = 46  # half-width characters on a line of a note, at 9 pt


def _note_of(shape: bytes) -> tuple[int, int] | None:
    """0-based (row, column) of the cell whose note the shape is."""
    row, column = re.search(rb"<x:Row>\s*(\d+)\s*</x:Row>", shape), re.search(rb"<x:Column>\s*(\d+)\s*</x:Column>", shape)
    return (int(row[1]), int(column[1])) if row and column and b'ObjectType="Note"' in shape else None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns of one width (in Excel characters), first to last."""

    first: int
    last: int
    width: float
    hidden: bool


@dataclass(slots=True)
class _Boxes:
    """Where the box of a note stands: it is held by the cells under it, so their sizes must be known."""

    columns: list[_Columns]
    heights: dict[int, float]
    width: float
    height: float
    _next: int = field(default=0)

    def drawn(self, shapes: bytes, new: dict[tuple[int, int], str], grown: dict[tuple[int, int], str], number: int) -> bytes:
        """The drawing with a box for every new note, and larger boxes for those that have more to say."""
        made = [] if b'"_x0000_t202"' in re.sub(rb'type="#?_x0000_t202"', b"", shapes) else [_TYPE]
        spaces = "".join(f'xmlns:{k}="{v}" ' for k, v in _SPACES.items() if f"xmlns:{k}=".encode() not in shapes)
        used = max((int(n) for n in re.findall(rb"_x0000_s(\d{1,9})", shapes)), default=0)
        self._next = max(used, 1024 * number) + 1
        for z, ((row, column), note) in enumerate(new.items(), 1):
            wide, high = _size(note)
            made.append(_BOX.format(spaces=spaces, id=self._next, width=wide * 0.75, height=high * 0.75, z=z, anchor=self.anchor(row, column, wide, high), row=row - 1, column=column - 1))
            self._next += 1
        if grown:
            places = {(row - 1, column - 1): self.anchor(row, column, *_size(text)).encode() for (row, column), text in grown.items()}

            def resized(shape: re.Match[bytes]) -> bytes:
                anchor = places.get(_note_of(shape[0]) or (-1, -1))
                return shape[0] if anchor is None else re.sub(rb"(<x:Anchor>)[^<]*(</x:Anchor>)", lambda a: a[1] + anchor + a[2], shape[0])

            shapes = _SHAPE.sub(resized, shapes)
        head, close, tail = shapes.rpartition(b"</xml>")
        return head + "".join(made).encode() + close + tail

    def anchor(self, row: int, column: int, wide: int, high: int) -> str:
        """Excel's eight numbers: cell and offset in pixels of the left, top, right and bottom edge. The box stands right of the cell."""
        left, top = column, max(row - 2, 0)  # 0-based: the column right of the cell, the line above it
        right, x = self._walk(left, 12 + wide, self._column)
        bottom, y = self._walk(top, 6 + high, self._row)
        return f"{left}, 12, {top}, 6, {right}, {x}, {bottom}, {y}"

    @staticmethod
    def _walk(start: int, distance: int, size: Callable[[int], int]) -> tuple[int, int]:
        at = start
        while at < start + 400 and distance >= (step := size(at + 1)):
            distance -= step
            at += 1
        return at, max(int(distance), 0)

    def _column(self, number: int) -> int:
        found = next((c for c in self.columns if c.first <= number <= c.last), None)
        if found is not None and found.hidden:
            return 0
        return max(int((found.width if found else self.width) * 7 + 0.5), 1)

    def _row(self, number: int) -> int:
        return int(self.heights.get(number, self.height) * 4 / 3 + 0.5)


def _size(note: str) -> tuple[int, int]:
    """Width and height in pixels in which the note shows whole."""
    wide = _CHARACTERS if text_width(note) < 600 else _CHARACTERS * 2
    lines = sum(max(1, math.ceil(text_width(part) / wide)) for part in note.split("\n"))
    return int(wide * 6.4) + 16, min(lines * 17 + 16, 640)


# --- styles -----------------------------------------------------------------------------------------------------------


class _Styles:
    """styles.xml; things are added at the end of its lists, so no number in use changes meaning."""

    def __init__(self, package: ExcelPackage, part: str) -> None:
        self.package, self.part = package, part
        self.root = parsed(package.read(part))
        self.namespace = etree.QName(self.root).namespace or MAIN
        if child(self.root, "cellXfs") is None:  # a style sheet without the least that Excel asks for
            for name, inner in (("fonts", "<font/>"), ("fills", '<fill><patternFill patternType="none"/></fill>'), ("borders", "<border/>"), ("cellXfs", "<xf/>")):
                self.add(name, inner)

    def _list(self, name: str) -> etree._Element:
        found = child(self.root, name)
        if found is None:
            found = etree.Element(f"{{{self.namespace}}}{name}")
            rank = _STYLE_ORDER.index(name)
            before = [e for e in self.root if local(e) in _STYLE_ORDER and _STYLE_ORDER.index(local(e)) < rank]
            if before:
                before[-1].addnext(found)
            else:
                self.root.insert(0, found)
        return found

    def add(self, name: str, xml: str) -> int:
        """The number of this item in a list of the style sheet; an equal one that is there is used again."""
        made = etree.fromstring(f'<list xmlns="{self.namespace}">{xml}</list>')[0]
        items = self._list(name)
        wanted = etree.tostring(made, method="c14n", exclusive=True)
        own = [e for e in items if isinstance(e.tag, str)]
        for n, item in enumerate(own):
            if len(item.attrib) == len(made.attrib) and etree.tostring(item, method="c14n", exclusive=True, with_tail=False) == wanted:
                return n
        items.append(made)
        items.set("count", str(len(own) + 1))
        return len(own)

    def mark_formats(self) -> dict[Level, int]:
        """The conditional formats of the three levels."""
        return {level: self.add("dxfs", f"<dxf>{_fill(FILLS[level], 'bgColor')}{_border(LINES[level])}</dxf>") for level in Level}

    def cell(self, font: str, fill: str = "", border: bool = True, align: str = "") -> int:
        """A cell format."""
        f = self.add("fonts", f"<font>{font}</font>")
        p = self.add("fills", f'<fill><patternFill patternType="solid"><fgColor rgb="{fill}"/><bgColor indexed="64"/></patternFill></fill>') if fill else 0
        b = self.add("borders", _border("FFBFBFBF")) if border else self.add("borders", "<border><left/><right/><top/><bottom/><diagonal/></border>")
        base = ' xfId="0"' if child(self.root, "cellStyleXfs") is not None else ""
        return self.add(
            "cellXfs",
            f'<xf numFmtId="0" fontId="{f}" fillId="{p}" borderId="{b}"{base} applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"{align}/></xf>',
        )

    def save(self) -> None:
        self.package.write(self.part, serialised(self.root))


def _fill(colour: str, where: str) -> str:
    return f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><{where} rgb="{colour}"/></patternFill></fill>'


def _border(colour: str) -> str:
    sides = "".join(f'<{side} style="thin"><color rgb="{colour}"/></{side}>' for side in ("left", "right", "top", "bottom"))
    return f"<border>{sides}</border>"


# --- the first sheet --------------------------------------------------------------------------------------------------

HEADER_ROW = 5
_HEADINGS = ("级别", "工作表", "单元格", "问题", "改法", "规则")
_WIDTHS = (7.0, 18.0, 10.0, 58.0, 44.0, 15.0)


def counted(problems: Sequence[Problem]) -> str:
    """`3 个错误、1 个警告`; 没有问题 when there is none."""
    counts = {level: sum(p.level is level for p in problems) for level in Level}
    return "、".join(f"{n} 个{level}" for level, n in counts.items() if n) or "没有发现问题"


class _Grid:
    """Lines of the first sheet as XML."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.merges: list[str] = []
        self.links: list[str] = []

    @property
    def next(self) -> int:
        return len(self.rows) + 1

    def add(self, cells: Sequence[tuple[str, int]], size: float = 10.0, height: float = 0.0) -> None:
        row = self.next
        made = "".join(
            f'<c r="{column_letters(n)}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(plain(text))}</t></is></c>' if text else f'<c r="{column_letters(n)}{row}" s="{style}"/>'
            for n, (text, style) in enumerate(cells, 1)
        )
        lines = max(lines_needed(text, _WIDTHS[n], size) for n, (text, _) in enumerate(cells)) if not height else 1
        self.rows.append(f'<row r="{row}" ht="{height or min(lines * size * 1.35 + 5, 400):g}" customHeight="1">{made}</row>')

    def across(self, text: str, style: int, size: float = 10.0) -> None:
        """One text over all columns."""
        lines = lines_needed(text, sum(_WIDTHS), size)
        self.merges.append(f"A{self.next}:F{self.next}")
        self.add([(text, style), *[("", style)] * 5], size, lines * size * 1.35 + 6)


def _result_sheet(file: str, problems: Sequence[Problem], about: About, kept: str, linked: Collection[str], hidden: Collection[str], styles: _Styles) -> bytes:
    """The XML of 校验结果. linked: the sheets a link can lead to."""
    body = '<sz val="10"/><color rgb="FF000000"/><name val="宋体"/><family val="3"/><charset val="134"/>'
    bold = f"<b/>{body}"
    left, centre = ' horizontal="left"', ' horizontal="center"'
    title = styles.cell('<b/><sz val="16"/><color rgb="FF1F3864"/><name val="黑体"/><family val="3"/><charset val="134"/>', border=False, align=left)
    note = styles.cell(body, border=False, align=left)
    head = styles.cell(bold, "FFD9D9D9", align=centre)
    group = styles.cell('<b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="宋体"/><family val="3"/><charset val="134"/>', "FF1F3864", align=left)
    text = styles.cell(body, align=left)
    link = styles.cell('<u/><sz val="10"/><color rgb="FF0563C1"/><name val="宋体"/><family val="3"/><charset val="134"/>', align=centre)
    middle = styles.cell(body, align=centre)
    levels = {level: styles.cell(bold, FILLS[level], align=centre) for level in Level}

    grid = _Grid()
    errors = any(p.level is Level.ERROR for p in problems)
    grid.across(f"{RESULT}：{file}", title, 16)
    grid.across("　".join(filter(None, (about.heading, f"{counted(problems)}{'，有错误，还不能生成' if errors else ''}。"))), note)
    grid.across("在本文件或原文件里改都行；改好、保存，再核对一次。" + kept, note)
    grid.across("有颜色的格子就是有问题的地方（红：错误，必须改；黄：警告，请核对；蓝：提示），鼠标移上去看批注。本表、颜色和批注由程序加上，再次核对时自动去掉，不影响所填的内容。", note)
    grid.add([(h, head) for h in _HEADINGS], height=20)
    steps: dict[Step, list[Problem]] = {}
    for problem in problems:
        steps.setdefault(about.step(problem), []).append(problem)
    left_over, number = MOST_LISTED, 0
    for step in Step:
        found = steps.get(step, [])
        if not found:
            continue
        number += 1
        grid.across(f"{'一二三四五六'[number - 1]}、{step}（{len(found)} 条）　{STEP_NOTES[step]}", group, 11)
        for p in found[: max(left_over, 0)]:
            place = p.place
            there = place.sheet in linked
            if there:
                cell = f"{column_letters(place.column or 1)}{place.row or 1}"
                target = "'" + place.sheet.replace("'", "''") + "'!" + cell
                grid.links.append(f'<hyperlink ref="C{grid.next}" location={quoteattr(plain(target))}/>')
            sheet = (place.sheet or "（整个文件）") + ("（隐藏的工作表）" if place.sheet in hidden else "")
            grid.add([(p.level, levels[p.level]), (sheet, text), (place.cell or ("整张表" if place.sheet else ""), link if there else middle), (p.message, text), (p.hint, text), (p.rule, text)])
        if len(found) > left_over:
            grid.across(f"……还有 {len(found) - max(left_over, 0)} 条没有列出，先改上面的", note)
        left_over -= len(found)
    if about.not_run:
        grid.across(f"{'一二三四五六'[number]}、未能核对（{len(about.not_run)} 项）　缺内容，没有核对，不等于通过", group, 11)
        for reason, rules in about.waiting().items():
            grid.add([("未核对", middle), ("", text), ("", middle), (reason, text), ("、".join(rules), text), (f"{len(rules)} 项", text)])

    columns = "".join(f'<col min="{n}" max="{n}" width="{width + 0.71:g}" customWidth="1"/>' for n, width in enumerate(_WIDTHS, 1))
    links = f"<hyperlinks>{''.join(grid.links)}</hyperlinks>" if grid.links else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{styles.namespace}"><sheetPr><tabColor rgb="FF1F3864"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:F{len(grid.rows)}"/><sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"><pane ySplit="{HEADER_ROW}" topLeftCell="A{HEADER_ROW + 1}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="A{HEADER_ROW + 1}" sqref="A{HEADER_ROW + 1}"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols>'
        f"<sheetData>{''.join(grid.rows)}</sheetData>"
        f'<mergeCells count="{len(grid.merges)}">{"".join(f"<mergeCell ref={quoteattr(m)}/>" for m in grid.merges)}</mergeCells>'
        f'<conditionalFormatting sqref="A1"><cfRule type="expression" dxfId="{styles.add("dxfs", "<dxf><font><b/></font></dxf>")}" priority="1"><formula>LEN("yusuan-result")=13</formula></cfRule></conditionalFormatting>'
        f'{links}<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C&amp;9第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter></worksheet>"
    ).encode()


# --- heading cells of columns, and workbooks that are no .xlsx --------------------------------------------------------


def _headings(path: Path, problems: Sequence[Problem]) -> dict[tuple[str, int], int]:
    """(sheet, column) → row of the heading, for problems of a whole column: the line of the first forty with the most texts."""
    wanted = {p.place.sheet for p in problems if p.place.column and not p.place.row}
    if not wanted:
        return {}
    found: dict[tuple[str, int], int] = {}
    for sheet in read_workbook(path).sheets:
        if sheet.name in wanted:
            texts = [sum(1 for n in range(1, sheet.width + 1) if sheet.cell(row, n).kind is CellKind.TEXT) for row in range(1, min(sheet.height, 40) + 1)]
            row = texts.index(max(texts)) + 1 if texts else 1
            found |= {(sheet.name, n): row for n in range(1, sheet.width + 1)}
    return found


def _values(raw: RawWorkbook) -> tuple[bytes, dict[str, str]]:
    """The workbook's values as .xlsx, and its sheets' new names by the old ones (an .ods allows longer ones)."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": datetime(2000, 1, 1), "author": "", **{k: v for k, v in raw.properties.items() if k in ("title", "category", "keywords")}})
    for key, value in raw.properties.items():
        if key not in ("title", "category", "keywords", "subject", "version"):
            book.set_custom_property(key, value)
    names: dict[str, str] = {}
    for sheet in raw.sheets:
        base = re.sub(r"[\[\]:*?/\\]", "_", sheet.name).strip("'")[:31] or "表"
        taken = {n.lower() for n in names.values()}
        names[sheet.name] = next(n for n in (base, *(f"{base[:27]}({i})" for i in range(2, 1001))) if n.lower() not in taken)
        made = book.add_worksheet(names[sheet.name])
        if sheet.hidden and len(raw.sheets) > 1:
            made.hide()
        if sheet.kind is SheetKind.WORKSHEET:
            _write_values(book, made, sheet)
    book.close()
    return buffer.getvalue(), names


def _write_values(book: xlsxwriter.Workbook, made: xlsxwriter.worksheet.Worksheet, sheet: RawSheet) -> None:
    text = book.add_format({"num_format": "@"})
    formats = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss"}
    dates = {kind: book.add_format({"num_format": f}) for kind, f in formats.items()}
    widths = [0.0] * sheet.width
    for top, left, bottom, right in sheet.merges:
        if (top, left) != (bottom, right):
            made.merge_range(top, left, bottom, right, "")
    for row in range(sheet.height):
        for column in range(sheet.width):
            cell = sheet.cell(row + 1, column + 1)
            value = cell.value
            if cell.kind is CellKind.BLANK:
                continue
            if cell.kind is CellKind.ERROR:
                made.write_formula(row, column, f"={value}", None, str(value))
            elif isinstance(value, bool):
                made.write_boolean(row, column, value)
            elif isinstance(value, (int, float)):
                made.write_number(row, column, value)
            elif isinstance(value, (date, time, timedelta)) and not (isinstance(value, date) and value.year < 1900):
                made.write_datetime(row, column, value, dates[type(value)])
            else:
                made.write_string(row, column, str(value)[:32767], text)
            widths[column] = max(widths[column], min(max(map(text_width, str(value).split("\n"))), 40) if sheet.height > 1 else 0)
    for column, width in enumerate(widths):
        made.set_column(column, column, max(width + 2, 8), None, {"hidden": 1} if column + 1 in sheet.hidden_columns else {})
    for row_number in sheet.hidden_rows:
        made.set_row(row_number - 1, None, None, {"hidden": 1})
