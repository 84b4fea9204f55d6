""".ods, what LibreOffice saves by itself and WPS and Excel on request.

Read here and not by calamine, which tells neither merges nor hidden rows, errors or formulas of this format.
Format: OASIS OpenDocument 1.3 part 3, 9 (tables); `calcext` is LibreOffice's addition, which marks errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import chain

from generator.read.cells import CellKind, RawCell, RawSheet, RawWorkbook, Value, as_cell
from generator.read.package import Package
from generator.read.refusal import MAX_CELLS, MAX_SHEETS, Refused, damaged, password, too_large
from generator.read.safe_xml import walk

_NAMES = {
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "urn:oasis:names:tc:opendocument:xmlns:meta:1.0": "meta",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
    "http://purl.org/dc/elements/1.1/": "dc",
}
_ASIDE = ("office:annotation", "table:shapes", "table:tracked-changes", "office:forms")  # comments, drawings, history: not cells
_ERROR_TEXT = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|(?:Err|错误)[:：]\s*\d{3}")
_TIME = re.compile(r"(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384


def read_ods(package: Package, file: str) -> RawWorkbook:
    """The workbook in the package. Raises Refused."""
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.part("META-INF/manifest.xml"):
        raise password()
    content = _Content(file)
    walk(package.xml("content.xml"), content.start, content.end, content.text, namespaces=True)
    if not content.sheets:
        raise damaged("没有工作表")
    if len(content.sheets) > MAX_SHEETS:
        raise Refused(f"工作簿有 {len(content.sheets)} 张工作表，太多了")
    return RawWorkbook(file, content.sheets, _properties(package) if "meta.xml" in package else {})


def _short(name: str) -> str:
    """expat's `uri name` as `prefix:name`, with the usual prefix whatever the file calls it."""
    uri, _, local = name.rpartition(" ")
    return f"{_NAMES.get(uri, '?')}:{local}"


@dataclass(slots=True)
class _Row:
    """A row while it is read: runs of cells, (first column, count, cell), blank ones left out."""

    repeated: int
    hidden: bool
    runs: list[tuple[int, int, Value | RawCell]] = field(default_factory=list)
    column: int = 0


class _Content:
    """expat's callbacks for content.xml."""

    def __init__(self, file: str) -> None:
        self.sheets: list[RawSheet] = []
        self._file = file
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._aside = 0
        self._tables = 0
        self._cells = 0
        self._rows: list[tuple[int, int, _Row]] = []
        self._height = 0
        self._row: _Row | None = None
        self._columns = 0
        self._hidden_columns: set[int] = set()
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[list[str]] = []
        self._in_paragraph = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _short(name)
        if self._aside or name in _ASIDE or (self._cell is not None and name.startswith("draw:")):
            self._aside += 1
            return
        if name.startswith("text:"):
            self._start_text(name, attributes)
        elif name == "style:style":
            self._style = _attributes(attributes).get("style:name", "")
        elif name == "style:table-properties":
            if _attributes(attributes).get("table:display") == "false":
                self._hidden_styles.add(self._style)
        elif name == "table:table":
            self._tables += 1
            if self._tables == 1:
                self._start_sheet(_attributes(attributes))
        elif self._tables != 1:
            return  # a table inside a cell is no part of the sheet
        elif name == "table:table-column":
            found = _attributes(attributes)
            count = min(_count(found, "table:number-columns-repeated"), MAX_COLUMN - self._columns)
            if found.get("table:visibility", "visible") != "visible":
                self._hidden_columns.update(range(self._columns + 1, self._columns + count + 1))
            self._columns += count
        elif name == "table:table-row":
            found = _attributes(attributes)
            self._row = _Row(_count(found, "table:number-rows-repeated"), found.get("table:visibility", "visible") != "visible")
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell = _attributes(attributes)
            self._paragraphs = []

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if self._cell is None:
            return
        if name in ("text:p", "text:h"):
            self._in_paragraph += 1
            self._paragraphs.append([])
        elif self._paragraphs and name == "text:s":
            self._paragraphs[-1].append(" " * min(_count(_attributes(attributes), "text:c"), 1000))
        elif self._paragraphs and name == "text:tab":
            self._paragraphs[-1].append("\t")
        elif self._paragraphs and name == "text:line-break":
            self._paragraphs[-1].append("\n")

    def text(self, text: str) -> None:
        if self._in_paragraph and self._paragraphs and not self._aside:
            self._paragraphs[-1].append(text)

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
            return
        name = _short(name)
        if name in ("text:p", "text:h"):
            self._in_paragraph = max(self._in_paragraph - 1, 0)
        elif name == "table:table":
            self._tables -= 1
            if self._tables == 0:
                self._end_sheet()
        elif self._tables != 1:
            return
        elif name in ("table:table-cell", "table:covered-table-cell") and self._cell is not None and self._row is not None:
            self._end_cell(self._cell, self._row)
            self._cell = None
        elif name == "table:table-row" and self._row is not None:
            self._end_row(self._row)
            self._row = None

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        sheet = RawSheet(self._file, attributes.get("table:name", ""), attributes.get("table:style-name") in self._hidden_styles)
        self.sheets.append(sheet)
        self._rows, self._height, self._columns, self._hidden_columns = [], 0, 0, set()

    def _end_cell(self, attributes: dict[str, str], row: _Row) -> None:
        count = min(_count(attributes, "table:number-columns-repeated"), MAX_COLUMN)
        value = _value(attributes, ["".join(part) for part in self._paragraphs])
        if value != "":
            row.runs.append((row.column, count, value))
        across, down = _count(attributes, "table:number-columns-spanned"), _count(attributes, "table:number-rows-spanned")
        if across > 1 or down > 1:
            self.sheets[-1].merges.append((self._height, row.column, self._height + down - 1, row.column + across - 1))
        row.column += count

    def _end_row(self, row: _Row) -> None:
        if row.runs or row.hidden:
            self._rows.append((self._height, row.repeated, row))
        self._height += row.repeated

    def _end_sheet(self) -> None:
        sheet = self.sheets[-1]
        filled = [(first, count, row) for first, count, row in self._rows if row.runs]
        height = max((first + count for first, count, _ in filled), default=0)
        width = max((run[0] + run[1] for *_, row in filled for run in row.runs), default=0)
        self._cells += height * width
        if self._cells > MAX_CELLS or height > MAX_ROW:
            raise too_large(sheet.name, height, width)
        sheet.rows = [[""] * width for _ in range(height)]
        for first, count, row in filled:
            for line in sheet.rows[first : first + count]:
                for column, repeated, value in row.runs:
                    line[column : column + repeated] = [value] * repeated
        hidden = (range(first + 1, min(first + count, height) + 1) for first, count, row in self._rows if row.hidden)
        sheet.hidden_rows = frozenset(chain.from_iterable(hidden))
        sheet.hidden_columns = frozenset(column for column in self._hidden_columns if column <= width)


def _attributes(attributes: dict[str, str]) -> dict[str, str]:
    return {_short(key): value for key, value in attributes.items()}


def _count(attributes: dict[str, str], key: str) -> int:
    """A count of repetitions; 1 when it is not given or is nonsense."""
    text = attributes.get(key, "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _value(attributes: dict[str, str], paragraphs: list[str]) -> Value | RawCell:
    """The value of a cell, whose text is in the paragraphs; "" when blank."""
    text = "\n".join(paragraphs)
    formula = attributes.get("table:formula")
    kind = attributes.get("office:value-type", "")
    if attributes.get("calcext:value-type") == "error" or (formula is not None and _ERROR_TEXT.fullmatch(text.strip())):
        return RawCell(text.strip() or "#VALUE!", CellKind.ERROR, formula is not None)
    if formula is not None and not kind and not paragraphs:  # with a paragraph the result is an empty text
        return RawCell("=" + formula.partition("=")[2], CellKind.UNCALCULATED, True)
    value = _plain(attributes, kind, text)
    return as_cell(value, formula=True) if formula is not None else value


def _plain(attributes: dict[str, str], kind: str, text: str) -> Value:
    try:
        if kind in ("float", "percentage", "currency"):
            number = float(attributes["office:value"])
            # LibreOffice writes a truth value that came from an .xlsx as the number 1 shown as TRUE.
            return number == 1 if text.strip() in ("TRUE", "FALSE") and number in (0, 1) else number
        if kind == "boolean":
            return attributes["office:boolean-value"] == "true"
        if kind == "date":
            moment = datetime.fromisoformat(attributes["office:date-value"])
            return moment if "T" in attributes["office:date-value"] else moment.date()
        if kind == "time":
            return _clock(attributes["office:time-value"])
    except (KeyError, ValueError, OverflowError):
        raise damaged(f"单元格的值 {text[:20]}") from None
    return text or attributes.get("office:string-value", "")


def _clock(duration: str) -> time | timedelta:
    """xsd:duration: a time of day below 24 hours, else a length of time."""
    parts = _TIME.fullmatch(duration)
    if not parts:
        raise ValueError(duration)
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if parts[1] or length >= timedelta(days=1):
        return -length if parts[1] else length
    return (datetime.min + length).time()


def _properties(package: Package) -> dict[str, str]:
    """Title, subject, keywords and the user's own fields of meta.xml."""
    found: dict[str, str] = {}
    text: list[str] = []
    key = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal key
        key = _attributes(attributes).get("meta:name", "") if _short(name) == "meta:user-defined" else ""
        text.clear()

    def end(name: str) -> None:
        label = {"dc:title": "title", "dc:subject": "subject", "meta:keyword": "keywords"}.get(_short(name), key)
        if label and "".join(text).strip():
            found[label] = "".join(text).strip()

    walk(package.xml("meta.xml"), start, end, text.append, namespaces=True)
    return found
