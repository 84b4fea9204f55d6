"""Pictures read back: every bar's figure, in the workbook, in Word, and in the table it says it comes from."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import unescape
from io import BytesIO

import python_calamine

from generator.model.chart import Chart, Point
from generator.model.problem import column_letters
from generator.read.finished import Finished

_REFERENCE = re.compile(r"<c:(tx|cat|val)><c:(?:str|num)Ref><c:f>'?([^<]*?)'?!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?</c:f><c:(?:str|num)Cache>(.*?)</c:(?:str|num)Cache>", re.S)
_CACHED = re.compile(r"<c:v>([^<]*)</c:v>")
_EMBEDDED = re.compile(r'<wp:docPr id="\d+" name="图\d+" descr="([^"]*)"/>.*?<a:blip [^>]*r:embed="([^"]*)"', re.S)
_EMF_TEXT = 84  # the record EMR_EXTTEXTOUTW of [MS-EMF]


def workbook_chart_differences(data: bytes, charts: Sequence[Chart]) -> Iterator[str]:
    """Where the workbook's charts differ: what Excel draws at once (the cache), the cells it draws from, and the tables' cells."""
    book = python_calamine.load_workbook(BytesIO(data))
    grids: dict[str, list] = {}

    def cell(sheet: str, row: int, column: int) -> object:
        if sheet not in grids:
            grids[sheet] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        rows = grids[sheet]
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""

    package = Finished(data)
    for n, chart in enumerate(charts, 1):
        part = f"xl/charts/chart{n}.xml"
        if part not in package:
            yield f"缺图“{chart.title}”"
            continue
        drawn = list(_REFERENCE.finditer(package.read(part).decode()))
        wanted: list[tuple[str, list[object]]] = []
        for s, series in enumerate(chart.series):
            wanted += [("tx", [series]), ("cat", [p.label for p in chart.points]), ("val", [p.values[s] for p in chart.points])]
        if [d[1] for d in drawn] != [kind for kind, _ in wanted]:
            yield f"图“{chart.title}”应有 {len(chart.series)} 组数，写出来是 {sum(d[1] == 'val' for d in drawn)} 组"
            continue
        for found, (kind, values) in zip(drawn, wanted, strict=True):
            first, last, column = int(found[4]) - 1, int(found[6] or found[4]) - 1, _column(found[3])
            cached = [unescape(v) for v in _CACHED.findall(found[7])]
            cells = [cell(found[2], row, column) for row in range(first, last + 1)]
            for place, written in (("图上", cached), (f"{found[2]}!{found[3]}{first + 1}起", cells)):
                read = [_number(v) for v in written] if kind == "val" else [str(v) for v in written]
                if read != values:
                    yield f"图“{chart.title}”{place}应为 {_words(values)}，写出来是 {_words(read)}"
    for chart in charts:
        for point in chart.points:
            yield from _source_differences(chart, point, cell)


def _source_differences(chart: Chart, point: Point, cell: object) -> Iterator[str]:
    """Whether the tables' cells a bar says it comes from add up to it."""
    if not point.at:
        return
    found = [cell(*at) for at in point.at]  # type: ignore[operator]
    total = sum((_number(v) for v in found if isinstance(v, (int, float))), Decimal(0))
    if total != point.values[0] or not all(isinstance(v, (int, float)) for v in found):
        places = "、".join(f"{sheet}!{column_letters(c + 1)}{r + 1}" for sheet, r, c in point.at)
        yield f"图“{chart.title}”的 {point.label} 是 {point.values[0]}，{places} 是 {total}"


def picture_differences(document: Finished, outside: Iterable[bytes], charts: Sequence[Chart]) -> Iterator[str]:
    """Where the pictures of a Word document differ from the charts: what each says, in words to be read out and as drawn.

    outside: what stands outside of its tables, in pieces: pictures do, and tables are nearly all of a large document.
    """
    if not charts:
        return
    relations = document.read("word/_rels/document.xml.rels").decode()
    targets = {m[1]: t[1] for r in re.findall(r"<Relationship [^>]*>", relations) if (m := re.search(r'Id="([^"]*)"', r)) and (t := re.search(r'Target="([^"]*)"', r))}
    known = {chart.alt: chart for chart in charts}
    for descr, relation in (found for piece in outside if b"<a:blip " in piece for found in _EMBEDDED.findall(piece.decode())):
        chart = known.get(unescape(descr))
        if chart is None:
            yield f"说明里的一幅图说的不是任何一组数：{unescape(descr)[:40]}"
            continue
        said = "".join(emf_texts(document.read(f"word/{targets[relation]}")))
        if said != (wanted := _drawn_words(chart)):
            yield f"说明里的图“{chart.title}”应为 {wanted}，画出来是 {said}"


def emf_texts(data: bytes) -> Iterator[str]:
    """What an EMF says, in the order it was drawn. ValueError when it is not a whole one."""
    if data[40:44] != b" EMF" or struct.unpack_from("<I", data, 48)[0] != len(data):
        raise ValueError("not an EMF")
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if size < 8 or at + size > len(data):
            raise ValueError("a broken record")
        if kind == _EMF_TEXT:
            count, start = struct.unpack_from("<2I", data, at + 44)
            yield data[at + start : at + start + 2 * count].decode("utf-16-le")
        at += size


def _drawn_words(chart: Chart) -> str:
    """All that should be read on a picture, in the order of reading."""
    words = [f"单位：{chart.unit}"]
    if chart.compared:
        words += chart.series
        return "".join([*words, *("".join(chart.figure(p, n) for n in range(len(p.values))) + p.label for p in chart.points)])
    return "".join([*words, *(p.label + chart.figure(p) for p in chart.points)])


def _number(written: object) -> Decimal:
    """A number as Excel reads it: 15 digits, though more may be written."""
    try:
        return Decimal(f"{float(str(written)):.15g}")
    except ValueError:
        return Decimal("NaN")


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _words(values: Sequence[object]) -> str:
    return "、".join(map(str, values))
