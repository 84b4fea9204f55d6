"""The XML of one worksheet: what calamine does not tell, and whether it is safe to let calamine build a grid from it.

calamine gives the values fast, but error cells as blank, nothing about formulas and hidden rows, and one stray cell at
XFD1048576 makes it ask for 400 GB. The scan goes over the bytes with a few searches that run in C. It takes nothing for
granted: each search is counted against the tags it should have met, and a sheet that is written in any other way than
`<c r="A1" ...>` (prefixes, other order of attributes, no r, single quotes, comments, blanks between tags) is first
rewritten in that way by expat and then scanned like the rest.

Format: ECMA-376 part 1, 18.3.1 (worksheets), 18.18.11 (cell types).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from generator.model.problem import column_letters
from generator.read.refusal import MAX_CELLS, damaged, too_large
from generator.read.safe_xml import refuse_doctype, truth, walk

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

# At most 200 characters of attributes: beyond that some searches would take long over a tag made for it; expat does not.
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"([^<>]{0,200})>')
# A cell that is not within A1:ZZ9999. That is at most 7 million cells, so a sheet within is safe to give to calamine (some
# 200 MB at worst); nearly every sheet is, and one search shows it.
_OUTSIDE = re.compile(rb'<c(?! r="[A-Z]{1,2}[1-9][0-9]{0,3}")')
_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})[1-9][0-9]{0,6}"')
_LONG_ROW = re.compile(rb'<c r="[A-Z]{1,3}([1-9][0-9]{4,6})"')
_AFTER_FORMULA = re.compile(rb"((?:\s[^<>]*?)?)(?:/>|>([^<]*)</f>)(?:<v>([^<]*)</v>|<v\s*/>)?</c>")
_ERROR_CELL = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^<>]{0,200} t="e"[^<>]{0,200}>')
_ROW = re.compile(rb"<row\b[^<>]*>")
_ROW_NUMBER = re.compile(rb'\sr="([0-9]{1,9})"')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:$]{1,40})"/>')
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@dataclass(slots=True)
class Scan:
    """What was found in a sheet, positions 1-based (row, column).

    cells: the rows for calamine: one regular form, error cells turned into text cells (calamine drops errors it knows
        and gives up on those it does not, `#SPILL!`).
    computed, uncalculated: formula cells with a result, and the formulas (without `=`) of those without.
    spills: 1-based (top, left, bottom, right) that an array formula without a result would fill, and the formula.
    hidden_columns: ranges, as the file has them.
    """

    cells: bytes = b""
    errors: set[tuple[int, int]] = field(default_factory=set)
    computed: list[tuple[int, int]] = field(default_factory=list)
    uncalculated: dict[tuple[int, int], str] = field(default_factory=dict)
    spills: list[tuple[tuple[int, int, int, int], str]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    def add_merge(self, reference: str) -> None:
        """A merge as the file has it; one cell merged with itself is none."""
        merged = area(reference)
        if merged and (merged[0], merged[1]) != (merged[2], merged[3]):
            self.merges.append((merged[0] - 1, merged[1] - 1, merged[2] - 1, merged[3] - 1))


@lru_cache(maxsize=MAX_COLUMN)
def column_number(letters: str) -> int:
    """
    >>> column_number("A"), column_number("AB"), column_number("XFD")
    (1, 28, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def area(reference: str) -> tuple[int, int, int, int] | None:
    """1-based (top, left, bottom, right) of `A1:C3` or `A1`; None for anything else.

    >>> area("B2:$A$1"), area("C3"), area("#REF!")
    ((1, 1, 2, 2), (3, 3, 3, 3), None)
    """
    first, _, last = reference.partition(":")
    one, other = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if not one or not other:
        return None
    rows = sorted((int(one[2]), int(other[2])))
    columns = sorted((column_number(one[1]), column_number(other[1])))
    return rows[0], columns[0], rows[1], columns[1]


class _Irregular(Exception):
    """The rows are not written in the one form that the searches understand."""


def scan(xml: bytes, sheet: str, never_calculated: bool = False) -> Scan:
    """Scans the XML of the worksheet named `sheet`, in UTF-8. Raises Refused when damaged, too large or with a DTD.

    never_calculated: a formula's stored 0 is what the writer puts there for want of a result.
    """
    start, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    opened = xml.find(b">", start)
    plain = b"<!" not in xml  # no comment, no CDATA, no DTD
    if not plain:
        refuse_doctype(xml)
    if plain and 0 <= start < opened < end:
        found = _around(xml[:start] + xml[end + len(b"</sheetData>") :], sheet)
        try:
            return _scan_rows(xml[opened + 1 : end], found, sheet, never_calculated)
        except _Irregular:
            pass
    try:
        frame = _frame(xml, sheet)
        return _scan_rows("".join(frame.written).encode(), frame.scan, sheet, never_calculated)
    except _Irregular:
        raise damaged("单元格地址不合规范", sheet) from None


def _scan_rows(rows: bytes, found: Scan, sheet: str, never_calculated: bool) -> Scan:
    _check_extent(rows, sheet)
    _find_formulas(rows, found, never_calculated)
    if b' t="e"' in rows:
        cells = _ERROR_CELL.findall(rows)
        if rows.count(b' t="e"') != len(cells):
            raise _Irregular
        found.errors = {(int(row), column_number(column.decode())) for column, row in cells}
        rows = rows.replace(b' t="e"', b' t="str"')
    if b' hidden="1"' in rows or b' hidden="true"' in rows:
        for row in _ROW.findall(rows):
            if b' hidden="1"' in row or b' hidden="true"' in row:
                number = _ROW_NUMBER.search(row)
                if not number:
                    raise _Irregular
                found.hidden_rows.add(int(number[1]))
    found.cells = rows
    return found


def _check_extent(rows: bytes, sheet: str) -> None:
    """Every cell is written `<c r="A1"`, and their smallest rectangle from A1 on is small enough to build."""
    if b":c" in rows and re.search(rb"<\w+:c[\s/>]", rows):
        raise _Irregular  # calamine would take prefixed cells, too, and these searches would not see them
    if not _OUTSIDE.search(rows):
        return
    columns = _COLUMN.findall(rows)
    if len(columns) != rows.count(b"<c"):
        raise _Irregular
    last = max(map(int, set(_LONG_ROW.findall(rows))), default=9_999)
    if last * max(column_number(letters.decode()) for letters in set(columns)) > MAX_CELLS:
        _check_filled_extent(rows, sheet)


def _check_filled_extent(rows: bytes, sheet: str) -> None:
    """As `_check_extent`, cell by cell. Formatted empty cells do not count: calamine leaves them out, so do we."""
    lowest = rightmost = (0, 0)
    met = 0
    for cell in _CELL.finditer(rows):
        met += 1
        if cell[3].endswith(b"/"):
            continue
        key = int(cell[2]), column_number(cell[1].decode())
        lowest = max(lowest, key)
        rightmost = max(rightmost, key, key=lambda position: position[1])
    if met != rows.count(b"<c"):
        raise _Irregular
    if lowest[0] > MAX_ROW or rightmost[1] > MAX_COLUMN:
        raise damaged("单元格地址超出表格", sheet)
    if lowest[0] * rightmost[1] > MAX_CELLS:
        stray = lowest if lowest[0] / MAX_ROW >= rightmost[1] / MAX_COLUMN else rightmost
        raise too_large(sheet, lowest[0], rightmost[1], *stray)


def _find_formulas(rows: bytes, found: Scan, never_calculated: bool) -> None:
    # A formula stands between the tag of its cell and its value, so cutting at "<f" leaves the one at the end of a piece
    # and the other at the beginning of the next. For the usual few formulas this is three times as fast as a search.
    columns: dict[bytes, int] = {}
    shared: dict[str, bytes] = {}
    for before, after in pairwise(rows.split(b"<f")):
        cell = _CELL.fullmatch(before, max(before.rfind(b'<c r="'), 0))
        rest = _AFTER_FORMULA.match(after)
        if not cell or not rest:
            raise _Irregular
        letters, row, attributes = cell.groups()
        inside, text, stored = rest.groups()
        position = int(row), columns.get(letters) or columns.setdefault(letters, column_number(letters.decode()))
        about = dict(_ATTRIBUTE.findall(inside.decode(errors="replace"))) if b"si=" in inside or b"ref=" in inside else {}
        if text and "si" in about:
            shared[about["si"]] = text
        # A result may be an empty text, =IF(A1=0,"",A1); then the cell is marked as text.
        has_result = stored or b' t="str"' in attributes or b' t="inlineStr"' in attributes
        if has_result and not (never_calculated and stored == b"0"):
            found.computed.append(position)
            continue
        # Only the first cell of a shared formula has the text. The others' would need shifting; the first one's will do to
        # tell what was not calculated.
        formula = html.unescape((text or shared.get(about.get("si", ""), b"")).decode(errors="replace"))
        found.uncalculated[position] = formula
        spill = area(about["ref"]) if about.get("t") == "array" and "ref" in about else None
        if spill:
            found.spills.append((spill, formula))


class _Frame:
    """expat's callbacks: collects what stands around the rows and writes the rows anew in the regular form."""

    def __init__(self) -> None:
        self.scan = Scan()
        self.written: list[str] = []
        self._row = self._column = 0
        self._inside: list[str] = []
        self._text: list[str] = []
        self._attributes: dict[str, str] = {}
        self._formula = self._value = self._inline = ""
        self._keep = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside.append(name)
        if name == "col":
            if truth(attributes.get("hidden")) and len(self.scan.hidden_columns) < MAX_COLUMN:
                first, last = _number(attributes.get("min"), 0), _number(attributes.get("max"), 0)
                self.scan.hidden_columns.append((max(first, 1), min(last, MAX_COLUMN)))
        elif name == "mergeCell":
            self.scan.add_merge(attributes.get("ref", ""))
        elif name == "row":
            self._row, self._column = _number(attributes.get("r"), self._row + 1), 0
            hidden = ' hidden="1"' if truth(attributes.get("hidden")) else ""
            self.written.append(f'<row r="{self._row}"{hidden}>')
        elif name == "c":
            self._attributes = attributes
            self._formula = self._value = self._inline = ""
        elif name in ("f", "v", "t"):
            self._text = []
            self._keep = "c" in self._inside and "rPh" not in self._inside and "extLst" not in self._inside
            if name == "f" and self._keep:
                kept = "".join(f" {key}={quoteattr(attributes[key])}" for key in ("t", "ref", "si") if key in attributes)
                self._formula = f"<f{kept}>"

    def text(self, text: str) -> None:
        if self._keep:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._inside.pop()
        if name == "row":
            self.written.append("</row>")
        elif name == "c":
            self._write_cell()
        elif name in ("f", "v", "t") and self._keep:
            self._keep = False
            text = escape("".join(self._text), {"\r": "&#13;"})
            if name == "f":
                self._formula += f"{text}</f>"
            elif name == "v":
                self._value = f"<v>{text if self._attributes.get('t') == 'str' else text.strip()}</v>"
            else:
                self._inline += text

    def _write_cell(self) -> None:
        """One cell; a missing address is the one after the last cell's."""
        given = self._attributes.get("r")
        if given is None:
            row, self._column = self._row or 1, self._column + 1
        elif address := _REFERENCE.fullmatch(given.strip()):
            row, self._column = int(address[2]), column_number(address[1])
        else:
            raise _Irregular
        kind = self._attributes.get("t", "").strip()
        kept = "".join(f" {key}={quoteattr(value.strip())}" for key in ("s", "t") if (value := self._attributes.get(key)))
        content = f'<is><t xml:space="preserve">{self._inline}</t></is>' if kind == "inlineStr" else self._value
        tag = f'<c r="{_letters(self._column)}{row}"{kept}'
        self.written.append(f"{tag}>{self._formula}{content}</c>" if self._formula or content else f"{tag}/>")


def rewritten(rows: bytes, sheet: str) -> bytes:
    """The rows of a sheet in the regular form, each attribute and value as expat understands it."""
    return "".join(_frame(b"<sheetData>%b</sheetData>" % rows, sheet).written).encode()


def _around(xml: bytes, sheet: str) -> Scan:
    """What stands around the rows. Without hidden columns, and with its merges in the usual form, expat need not call back for every tag."""
    merges = _MERGE.findall(xml)
    if b"hidden" in xml or xml.count(b"mergeCell") - xml.count(b"mergeCells") != len(merges) or xml.find(b"<?", 1) > 0:
        return _frame(xml, sheet).scan
    walk(xml, sheet=sheet)
    found = Scan()
    for reference in merges:
        found.add_merge(reference.decode())
    return found


def _frame(xml: bytes, sheet: str) -> _Frame:
    frame = _Frame()
    walk(xml, frame.start, frame.end, frame.text, sheet=sheet)
    return frame


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.strip().isascii() and text.strip().isdigit() and len(text) < 10 else otherwise


@lru_cache(maxsize=MAX_COLUMN)
def _letters(column: int) -> str:
    return column_letters(column)
