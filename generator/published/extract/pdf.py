"""PDF → Document: ruled tables by their lines, the rest as paragraphs joined over line and page ends.

pdfplumber (MIT) gives characters and lines; cells and paragraphs are put together here, because taking the text of each cell by a
crop of the page costs ten times as much. A page without characters is a picture and is told as unread.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber
from pypdf import PdfReader, PdfWriter

from generator.published.extract.aligned import Aligned, Region, Word, regions, table_of
from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import HEADING, OPENS, Sections
from generator.published.words import as_figure, clean, is_number_line, looks_like_title, unit_in
from generator.read.refusal import Refused, damaged, password

Char = dict[str, Any]
Box = tuple[float, float, float, float]
NEAR = 3.0  # pt within which two rulings are one
MAX_PAGES = 600
_PAGE_NUMBER = re.compile(r"^[-—–－·\s]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/，共]\s*(?:共\s*)?\d+\s*页?)?[-—–－·\s]*$")


@dataclass(slots=True)
class _Printed:
    """A page as read, before its place in the text is known. lines: outside its ruled tables, from top to bottom."""

    number: int
    height: float
    lines: list[_Line] = field(default_factory=list)
    grids: list[_Placed] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A table on its page. edges: where its columns end, of a ruled one."""

    top: float
    bottom: float
    grid: Grid
    edges: tuple[float, ...] = ()

    def heads(self, line: _Line) -> Aligned | None:
        """Its columns, when it is a ruled heading over a body without rules that begins with this line."""
        if not self.edges or not 0 <= line.box[1] - self.bottom < 2 * line.size or any(as_figure(c.text) is not None for row in self.grid.rows for c in row):
            return None
        return Aligned((), tuple(pairwise(self.edges)), 0)


def read_pdf(path: Path) -> Document:
    """Lines that stand at the same place of most pages (headers, footers) are read once. Raises Refused when it is no PDF, damaged or locked."""
    document = Document(path.name, "pdf")
    try:
        with pdfplumber.open(path, laparams=None) as pdf:
            document.pages = len(pdf.pages)
            if document.pages > MAX_PAGES:
                raise Refused(f"PDF 有 {document.pages} 页，太长了", "请只交这个单位的预算公开文件")
            pages = []
            for number, page in enumerate(pdf.pages, 1):
                pages.append(_printed(page, number, path))
                page.close()
    except Refused:
        raise
    except Exception as fault:  # pdfminer raises what it likes over broken files
        if "assword" in type(fault).__name__ or "assword" in str(fault) or "ncrypt" in type(fault).__name__:
            raise password() from None
        raise damaged("PDF 读不出来") from fault
    running = _running(pages)
    text = _Text(document)
    before: Aligned | None = None
    for one in pages:
        one.lines = [line for line in one.lines if _at(one, line) not in running]
        before = _unruled(one, path.name, before)
        document.unread += one.unread
        document.lost += one.lost
        _set(one, document, text)
    text.flush()
    document.blocks += [Paragraph(line, Spot(path.name, "页眉页脚", page=1, paragraph=n)) for n, line in enumerate(dict.fromkeys(running.values()), 1) if not _PAGE_NUMBER.match(line)]
    return document


def _running(pages: Sequence[_Printed]) -> dict[tuple[int, str], str]:
    """Headers and footers by place and text (its digits left out): what stands at the same height on at least half of the pages, three at least."""
    seen: Counter[tuple[int, str]] = Counter()
    said: dict[tuple[int, str], str] = {}
    for page in pages:
        keys = {_at(page, line): line.text for line in page.lines if not 0.12 * page.height < line.box[1] < 0.88 * page.height}
        seen.update(keys.keys())
        said |= {k: v for k, v in keys.items() if k not in said}
    return {k: said[k] for k, n in seen.items() if n >= 3 and 2 * n >= len(pages)}


def _at(page: _Printed, line: _Line) -> tuple[int, str]:
    return round(line.box[1] / 4), re.sub(r"\d+", "#", line.text)


class _Text:
    """Lines become paragraphs: joined when the line before ran to the right edge and the next has no indent and opens nothing."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sections = Sections(document.file)
        self.parts: list[str] = []
        self.boxes: list[tuple[int, Box]] = []
        self.full = False

    def add(self, text: str, page: int, box: Box, left: float, right: float, size: float) -> None:
        opens = bool(HEADING.match(text) or OPENS.match(text) or ((not self.full or page != self.boxes[-1][0]) and (is_number_line(text) or looks_like_title(text))) or unit_in(text))
        indented = box[0] > left + 1.2 * size and box[0] < left + 6 * size
        titled = bool(self.parts) and looks_like_title("".join(self.parts)) and not re.match(r"[（(—-](?!\d{4}年)", text)  # a title is whole, however wide it runs
        if self.parts and (titled or not self.full or opens or indented):
            self.flush()
        self.parts.append(text)
        self.boxes.append((page, box))
        self.full = box[2] > right - 2.2 * size and not text.rstrip().endswith(("。", "；"))

    def flush(self) -> None:
        if self.parts:
            text = "".join(self.parts).strip()
            if text:
                self.document.blocks.append(Paragraph(text, self.sections.spot(text, ("pdf", tuple(self.boxes)), self.boxes[0][0])))
        self.parts, self.boxes, self.full = [], [], False


def _printed(page: Any, number: int, path: Path) -> _Printed:
    turned = [c for c in page.chars if c["text"].strip() and _turn(c)]
    if len(turned) > 20 and 2 * len(turned) > len(page.chars):
        with _upright(path, number, turned[0]) as pages:
            return _read(pages[0], number, path.name)
    return _read(page, number, path.name)


def _turn(char: Char) -> int:
    """Degrees clockwise by which a page must be turned for this character to stand upright. (pdfminer's own word is lost to rounding noise.)"""
    a, b = char["matrix"][:2]
    return (90 if b > 0 else 270) if abs(b) > abs(a) else 180 if a < 0 else 0


@contextmanager
def _upright(path: Path, number: int, char: Char) -> Iterator[list[Any]]:
    """The page turned so that its text runs from left to right: tables on wide pages are often set across."""
    writer = PdfWriter()
    writer.add_page(PdfReader(path).pages[number - 1]).rotate(_turn(char))
    buffer = BytesIO()
    writer.write(buffer)
    with pdfplumber.open(buffer, laparams=None) as pdf:
        yield pdf.pages


def _read(page: Any, number: int, file: str) -> _Printed:
    one = _Printed(number, float(page.height))
    chars = [c for c in page.chars if c["text"].strip() and not _turn(c)]
    pictured = sum(float(i["width"]) * float(i["height"]) for i in page.images) > 0.3 * float(page.width) * float(page.height)
    if not chars or (pictured and len(chars) < 30):
        if page.images:
            one.lost += 1
            one.unread.append(f"第 {number} 页是图片（扫描件），没有文字可读")
        return one
    if pictured:
        one.unread.append(f"第 {number} 页有大幅图片，图片里的文字和表没有读")
    turned = sum(bool(_turn(c)) for c in page.chars)
    if turned > 20:
        one.unread.append(f"第 {number} 页有 {turned} 个竖排的字没有读")
    inside: set[int] = set()
    for table in _tables(page):
        grid, taken, edges = _grid(table, chars, number, file, inside)
        if grid is not None:
            one.grids.append(_Placed(table[0][1], table[0][3], grid, tuple(edges)))
            inside |= taken
    one.lines = list(_lines([c for n, c in enumerate(chars) if n not in inside]))
    return one


def _unruled(one: _Printed, file: str, before: Aligned | None) -> Aligned | None:
    """Takes the tables without ruling out of the page's lines; gives the last of them when it ends the page. before: that of the page before."""
    words = [line.words for line in one.lines]
    last: Aligned | None = None
    taken: list[Region] = []
    for region in regions(words):
        lines = one.lines[region.first : region.end]
        head = next((found for g in one.grids if (found := g.heads(lines[0])) is not None), None)
        last = table_of(words, region, file, one.number, head or (before if not taken and not one.grids else None), goes_on=head is not None)
        taken.append(region)
        if last is None:
            first = next(line for line in lines if len(line.words) > 1)
            one.lost += 1
            one.unread.append(f"第 {one.number} 页有没有框线的表（{first.text[:24]}……），栏分不清，没有读")
        else:
            box = (min(x.box[0] for x in lines), lines[0].box[1], max(x.box[2] for x in lines), lines[-1].box[3])
            one.grids.append(_Placed(lines[0].box[1], lines[-1].box[3], Grid(last.rows, Spot(file, page=one.number, anchor=("pdf", ((one.number, box),))))))
    kept = [n for n in range(len(words)) if not any(r.first <= n < r.end for r in taken)]
    figures = {n: [as_figure(w.text) is not None for w in words[n]] for n in kept}
    loose = [n for n in kept if sum(figures[n]) >= 3 and not all(figures[n])]  # figures alone are the axis of a chart
    if loose:
        one.lost += 1
        one.unread.append(f"第 {one.number} 页有 {len(loose)} 行像是表里的数（{one.lines[loose[0]].text[:24]}……），没有读")
    ends = bool(taken) and all(_PAGE_NUMBER.match(one.lines[n].text) for n in kept if n >= taken[-1].end)
    one.lines = [one.lines[n] for n in kept if n not in loose]
    one.grids.sort(key=lambda g: g.top)
    return last if ends else None


def _set(one: _Printed, document: Document, text: _Text) -> None:
    """The page's lines and tables in order, into the document."""
    grids = list(one.grids)
    left = min((line.box[0] for line in one.lines), default=0.0)
    right = max((line.box[2] for line in one.lines), default=0.0)
    for line in one.lines:
        while grids and grids[0].top < line.box[1]:
            text.flush()
            document.blocks.append(grids.pop(0).grid)
        if not _PAGE_NUMBER.match(line.text):
            text.add(line.text, one.number, line.box, left, right, line.size)
    for placed in grids:
        text.flush()
        document.blocks.append(placed.grid)


def _tables(page: Any) -> list[list[Box]]:
    """The cells of each ruled table, tables from top to bottom; the first box is the table's own."""
    found = []
    for table in page.find_tables({"vertical_strategy": "lines", "horizontal_strategy": "lines", "snap_tolerance": NEAR, "join_tolerance": NEAR, "intersection_tolerance": NEAR}):
        if len(table.cells) >= 2:
            found.append([table.bbox, *table.cells])
    return sorted(found, key=lambda boxes: boxes[0][1])


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > NEAR:
            edges.append(value)
    return edges


def _nearest(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - value))


def _grid(table: list[Box], chars: list[Char], page: int, file: str, taken_before: set[int]) -> tuple[Grid | None, set[int], list[float]]:
    cells = table[1:]
    xs = _edges([x for c in cells for x in (c[0], c[2])])
    ys = _edges([y for c in cells for y in (c[1], c[3])])
    if len(xs) < 2 or len(ys) < 2:
        return None, set(), []
    spans: dict[tuple[int, int], int] = {}
    for n, box in enumerate(cells):
        for r in range(_nearest(ys, box[1]), _nearest(ys, box[3])):
            for c in range(_nearest(xs, box[0]), _nearest(xs, box[2])):
                spans.setdefault((r, c), n)
    held: defaultdict[int, list[Char]] = defaultdict(list)
    taken: set[int] = set()
    for n, char in enumerate(chars):
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        if n in taken_before or not (table[0][0] <= x <= table[0][2] and table[0][1] <= y <= table[0][3]):
            continue
        r = next((i for i in range(len(ys) - 1) if ys[i] <= y < ys[i + 1]), len(ys) - 2)
        c = next((i for i in range(len(xs) - 1) if xs[i] <= x < xs[i + 1]), len(xs) - 2)
        taken.add(n)
        if (r, c) in spans:
            held[spans[r, c]].append(char)
    texts = {n: "\n".join(line.text for line in _lines(found)) for n, found in held.items()}
    first: dict[int, tuple[int, int]] = {}
    rows = []
    for r in range(len(ys) - 1):
        row = []
        for c in range(len(xs) - 1):
            owner = spans.get((r, c))
            if owner is None:
                row.append(GridCell("", Spot(file, page=page, row=r + 1, column=c + 1)))
                continue
            at = first.setdefault(owner, (r, c))
            spot = Spot(file, page=page, row=at[0] + 1, column=at[1] + 1, anchor=("pdf", ((page, cells[owner]),)))
            row.append(GridCell(_joined(texts.get(owner, "")), spot, "" if at == (r, c) else "left" if at[1] != c else "above"))
        rows.append(tuple(row))
    return Grid(tuple(rows), Spot(file, page=page, anchor=("pdf", ((page, table[0]),)))), taken, xs


def _joined(text: str) -> str:
    """A number broken over two lines is one number."""
    flat = text.replace("\n", "")
    return flat if re.fullmatch(r"[\d.,\-\s]+", flat) else text


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page. words: its pieces with wide gaps between them; size: of its largest character."""

    text: str
    box: Box
    size: float
    words: tuple[Word, ...]


def _lines(chars: list[Char]) -> Iterator[_Line]:
    """Characters → lines from top to bottom. A wide gap within a line is a space."""
    rows: list[list[Char]] = []
    for char in sorted(chars, key=lambda c: ((c["top"] + c["bottom"]) / 2, c["x0"])):
        middle = (char["top"] + char["bottom"]) / 2
        if rows and abs(middle - (rows[-1][0]["top"] + rows[-1][0]["bottom"]) / 2) < 0.5 * max(char["size"], 4):
            rows[-1].append(char)
        else:
            rows.append([char])
    for row in rows:
        row.sort(key=lambda c: c["x0"])
        size = max(c["size"] for c in row)
        text, words = row[0]["text"], [[row[0]]]
        for before, char in pairwise(row):
            gap = char["x0"] - before["x1"]
            text += ("  " if gap > 2 * size else " " if gap > 0.6 * size else "") + char["text"]
            if gap > 0.9 * size and not _spaced_out(words[-1], char):
                words.append([])
            words[-1].append(char)
        yield _Line(clean(text), (row[0]["x0"], min(c["top"] for c in row), row[-1]["x1"], max(c["bottom"] for c in row)), size, tuple(map(_word, words)))


def _spaced_out(before: list[Char], char: Char) -> bool:
    """合    计, 项   目: one word, its two characters set apart."""
    return (
        len(before) == 1
        and before[0]["text"] + char["text"] in ("合计", "总计", "小计", "项目", "收入", "支出", "科目", "单位", "金额", "类款", "备注")
        and char["x0"] - before[0]["x1"] < 8 * char["size"]
    )


def _word(chars: list[Char]) -> Word:
    return Word(clean("".join(c["text"] for c in chars)), chars[0]["x0"], chars[-1]["x1"], min(c["top"] for c in chars), max(c["bottom"] for c in chars))
