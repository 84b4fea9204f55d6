""".xls of Excel 95–2003 (BIFF5, BIFF8) and WPS .et, which is the same inside.

Read here and not by calamine: calamine does not tell error cells from blank ones, and a damaged or hostile file makes it
ask for so much memory that the whole process is aborted, with no exception to catch. Format: [MS-XLS]; the records are
named as there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from generator.read.cells import CellKind, RawCell, RawSheet, RawWorkbook, SheetKind, Value, as_cell
from generator.read.ole import CompoundFile
from generator.read.refusal import MAX_CELLS, MAX_SHEETS, Refused, damaged, password, too_large
from generator.read.serial import from_serial, is_date, is_elapsed

FORMULA, EOF, DATE1904, CONTINUE, FILEPASS, CODEPAGE, COLINFO, BOUNDSHEET = 0x06, 0x0A, 0x22, 0x3C, 0x2F, 0x42, 0x7D, 0x85
MULRK, RSTRING, XF, MERGECELLS, SST, LABELSST = 0xBD, 0xD6, 0xE0, 0xE5, 0xFC, 0xFD
NUMBER, LABEL, BOOLERR, STRING, ROW, RK, FORMAT, BOF = 0x203, 0x204, 0x205, 0x207, 0x208, 0x27E, 0x41E, 0x809

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA"}
_SHEET_KINDS = {0: SheetKind.WORKSHEET, 1: SheetKind.MACRO, 2: SheetKind.CHART}


@dataclass(slots=True)
class _Globals:
    """What stands before the sheets. dates, elapsed: by number of the cell format (XF)."""

    biff8: bool = True
    encoding: str = "cp1252"
    date_1904: bool = False
    sheets: list[tuple[int, bool, SheetKind, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    elapsed: list[bool] = field(default_factory=list)


def read_xls(compound: CompoundFile, file: str) -> RawWorkbook:
    """The workbook in the compound file. Raises Refused."""
    stream = compound.stream("workbook" if "workbook" in compound.streams else "book")
    try:
        book = _globals(stream)
        if len(book.sheets) > MAX_SHEETS:
            raise Refused(f"工作簿有 {len(book.sheets)} 张工作表，太多了")
        sheets = []
        cells = 0
        for start, hidden, kind, name in book.sheets:
            sheet = RawSheet(file, name, hidden, kind)
            if kind is SheetKind.WORKSHEET:
                _read_sheet(sheet, stream, start, book, MAX_CELLS - cells)
                cells += sheet.height * sheet.width
            sheets.append(sheet)
    except (struct.error, IndexError, OverflowError):
        raise damaged("BIFF") from None
    if not sheets:
        raise damaged("没有工作表")
    return RawWorkbook(file, sheets)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Type and data of the records from `at` to the EOF of that part; embedded parts (charts) are left out."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + length]
        if len(data) < length:
            raise damaged("BIFF 记录不完整")
        at += 4 + length
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                return
            continue
        if depth <= 1:
            yield kind, data


def _globals(stream: bytes) -> _Globals:
    book = _Globals()
    formats: dict[int, str] = {}
    cell_formats: list[int] = []
    strings: list[bytes] = []
    last = 0
    for kind, data in _records(stream, 0):
        if kind == BOF:
            book.biff8 = _version(data)
        elif kind == FILEPASS:
            raise password()
        elif kind == CODEPAGE:
            book.encoding = _encoding(struct.unpack_from("<H", data)[0])
        elif kind == DATE1904:
            book.date_1904 = struct.unpack_from("<H", data)[0] == 1
        elif kind == BOUNDSHEET:
            book.sheets.append(_bound_sheet(data, book))
        elif kind == FORMAT:
            number = struct.unpack_from("<H", data)[0]
            formats[number] = _text(data[2:], book, wide_count=book.biff8)
        elif kind == XF:
            cell_formats.append(struct.unpack_from("<H", data, 2)[0])
        elif kind == SST or (kind == CONTINUE and last in (SST, CONTINUE) and strings):
            strings.append(data)
        last = kind if kind != CONTINUE else (CONTINUE if strings and last in (SST, CONTINUE) else last)
    book.dates = [is_date(number, formats.get(number)) for number in cell_formats]
    book.elapsed = [is_elapsed(number, formats.get(number)) for number in cell_formats]
    if strings:
        book.texts = _shared_texts(strings)
    return book


def _version(bof: bytes) -> bool:
    """True for BIFF8, False for BIFF5. Raises Refused for older ones."""
    version = struct.unpack_from("<H", bof)[0]
    if version not in (0x0500, 0x0600):
        raise Refused("这是很旧的 Excel 格式，读不了")
    return bool(version == 0x0600)


def _encoding(codepage: int) -> str:
    """The name Python has for a code page; unknown ones as GB 18030, which reads all that Chinese programs write."""
    return {1200: "utf-16-le", 936: "gb18030", 950: "cp950", 1252: "cp1252", 367: "ascii", 0x8000: "mac-roman", 0x8001: "cp1252"}.get(codepage, "gb18030")


def _bound_sheet(data: bytes, book: _Globals) -> tuple[int, bool, SheetKind, str]:
    start, state, kind = struct.unpack_from("<IBB", data)
    return start, state & 3 != 0, _SHEET_KINDS.get(kind, SheetKind.MACRO), _text(data[6:], book, wide_count=False)


def _text(data: bytes, book: _Globals, wide_count: bool) -> str:
    """A string in one record: its length in one or two bytes, in BIFF8 a byte that says whether characters have one or two."""
    length, at = (struct.unpack_from("<H", data)[0], 2) if wide_count else (data[0], 1)
    if not book.biff8:
        return data[at : at + length].decode(book.encoding, "replace")
    if data[at] & 1:
        return data[at + 1 : at + 1 + 2 * length].decode("utf-16-le", "replace")
    return data[at + 1 : at + 1 + length].decode("latin-1")


class _Pieces:
    """A record and its CONTINUE records. Text that runs over an edge says anew how wide its characters are ([MS-XLS] 2.5.293)."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._piece = 0
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._piece >= len(self._pieces) - 1 and self._at >= len(self._pieces[-1])

    def take(self, count: int) -> bytes:
        """The next bytes, over edges."""
        found = b""
        while len(found) < count:
            found += self._take_here(count - len(found))
        return found

    def text(self) -> str:
        """The next XLUnicodeRichExtendedString, its formatting and phonetics skipped."""
        length, flags = struct.unpack("<HB", self.take(3))
        runs = struct.unpack("<H", self.take(2))[0] if flags & 8 else 0
        extension = struct.unpack("<I", self.take(4))[0] if flags & 4 else 0
        found: list[str] = []
        while length:
            if self._at >= len(self._pieces[self._piece]):
                self._next()
                flags = self._take_here(1)[0]
            width = 1 + (flags & 1)
            part = self._take_here(min(length, (len(self._pieces[self._piece]) - self._at) // width) * width)
            if not part:
                raise damaged("BIFF 文本")
            found.append(part.decode("utf-16-le" if width == 2 else "latin-1", "replace"))
            length -= len(part) // width
        self._skip(4 * runs + extension)
        return "".join(found)

    def _skip(self, count: int) -> None:
        while count:
            count -= len(self._take_here(count))

    def _take_here(self, count: int) -> bytes:
        if self._at >= len(self._pieces[self._piece]):
            self._next()
        found = self._pieces[self._piece][self._at : self._at + count]
        self._at += len(found)
        return found

    def _next(self) -> None:
        self._piece += 1
        self._at = 0
        if self._piece >= len(self._pieces):
            raise damaged("BIFF 文本不完整")


def _shared_texts(records: list[bytes]) -> list[str]:
    count = struct.unpack_from("<I", records[0], 4)[0]
    pieces = _Pieces([records[0][8:], *records[1:]])
    texts: list[str] = []
    while len(texts) < count and not pieces.ended:
        texts.append(pieces.text())
    return texts


@dataclass(slots=True)
class _Cells:
    """The cells of one sheet while it is read."""

    book: _Globals
    values: dict[tuple[int, int], Value | RawCell] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def number(self, row: int, column: int, cell_format: int, value: float, formula: bool = False) -> None:
        found: Value = value
        if cell_format < len(self.book.dates):
            if self.book.dates[cell_format]:
                moment = from_serial(value, self.book.date_1904)
                found = value if moment is None else moment
            elif self.book.elapsed[cell_format] and abs(value) < 1_000_000:
                found = timedelta(days=value)
        self.values[row, column] = as_cell(found, formula=True) if formula else found

    def put(self, record: int, data: bytes) -> None:
        """One record of a sheet, strings of formulas aside."""
        if record == NUMBER:
            self.number(*struct.unpack_from("<HHHd", data))
        elif record == RK:
            row, column, cell_format, packed = struct.unpack_from("<HHHI", data)
            self.number(row, column, cell_format, _rk(packed))
        elif record == MULRK:
            row, column = struct.unpack_from("<HH", data)
            for index in range((len(data) - 6) // 6):
                cell_format, packed = struct.unpack_from("<HI", data, 4 + 6 * index)
                self.number(row, column + index, cell_format, _rk(packed))
        elif record == LABELSST:
            row, column, _, index = struct.unpack_from("<HHHI", data)
            self.values[row, column] = self.book.texts[index]
        elif record in (LABEL, RSTRING):
            row, column = struct.unpack_from("<HH", data)
            self.values[row, column] = _text(data[6:], self.book, wide_count=True)
        elif record == BOOLERR:
            row, column, _, value, is_error = struct.unpack_from("<HHHBB", data)
            self.values[row, column] = RawCell(_error(value), CellKind.ERROR) if is_error else bool(value)
        elif record == ROW:
            row, flags = struct.unpack_from("<H10xH", data)
            if flags & 0x20:
                self.hidden_rows.add(row + 1)
        elif record == COLINFO:
            first, last, flags = struct.unpack_from("<HH4xH", data)
            if flags & 1:
                self.hidden_columns.update(range(first + 1, min(last, 255) + 2))
        elif record == MERGECELLS:
            for index in range(struct.unpack_from("<H", data)[0]):
                top, bottom, left, right = struct.unpack_from("<4H", data, 2 + 8 * index)
                if (top, left) != (bottom, right):
                    self.merges.append((top, left, bottom, right))

    def formula(self, data: bytes) -> tuple[int, int] | None:
        """A formula cell. Its position if the result is a text, which stands in a STRING record of its own."""
        row, column, cell_format = struct.unpack_from("<HHH", data)
        result = data[6:14]
        if result[6:8] != b"\xff\xff":
            self.number(row, column, cell_format, struct.unpack("<d", result)[0], formula=True)
        elif result[0] == 0:
            self.values[row, column] = as_cell("", formula=True)
            return row, column
        elif result[0] == 1:
            self.values[row, column] = as_cell(bool(result[2]), formula=True)
        elif result[0] == 2:
            self.values[row, column] = RawCell(_error(result[2]), CellKind.ERROR, True)
        else:
            self.values[row, column] = as_cell("", formula=True)
        return None


def _error(code: int) -> str:
    return ERRORS.get(code, "#VALUE!")


def _rk(packed: int) -> float:
    """[MS-XLS] 2.5.217: a whole number of 30 bits or the high bits of a float, either perhaps a hundredth of what is packed.

    >>> _rk(0x3FF00000), _rk((1234 << 2) | 3)
    (1.0, 12.34)
    """
    if packed & 2:
        value = float(struct.unpack("<i", struct.pack("<I", packed))[0] >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value


def _read_sheet(sheet: RawSheet, stream: bytes, start: int, book: _Globals, allowed: int) -> None:
    cells = _Cells(book)
    waiting: tuple[int, int] | None = None
    text: list[bytes] = []
    for record, data in _records(stream, start):
        if record == CONTINUE:
            if text:
                text.append(data)
            continue
        if text:
            _put_text(cells, waiting, text)
            waiting, text = None, []
        if record == FORMULA:
            waiting = cells.formula(data)
        elif record == STRING:
            text = [data]
        else:
            cells.put(record, data)
    _fill(sheet, cells, allowed)


def _put_text(cells: _Cells, position: tuple[int, int] | None, records: list[bytes]) -> None:
    """The text that the formula at `position` gave."""
    if position is not None:
        found = _Pieces(records).text() if cells.book.biff8 else _text(records[0], cells.book, wide_count=True)
        cells.values[position] = as_cell(found, formula=True)


def _fill(sheet: RawSheet, cells: _Cells, allowed: int) -> None:
    filled = [position for position, value in cells.values.items() if value != ""]
    height = max((row for row, _ in filled), default=-1) + 1
    width = max((column for _, column in filled), default=-1) + 1
    if height * width > allowed:
        row, column = max(filled)
        raise too_large(sheet.name, height, width, row + 1, column + 1)
    sheet.rows = [[""] * width for _ in range(height)]
    for row, column in filled:
        sheet.rows[row][column] = cells.values[row, column]
    sheet.merges = cells.merges
    sheet.hidden_rows = frozenset(row for row in cells.hidden_rows if row <= height)
    sheet.hidden_columns = frozenset(column for column in cells.hidden_columns if column <= width)
