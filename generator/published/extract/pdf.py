"""PDF → Document: ruled tables by their lines, the rest as paragraphs joined over line and page ends.

pdfplumber (MIT) gives characters and lines; cells and paragraphs are put together here, because taking the text of each cell by a
crop of the page costs ten times as much. A page without characters is a picture and is told as unread.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber

from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import HEADING, Sections
from generator.published.words import is_number_line, looks_like_title, unit_in
from generator.read.refusal import Refused, damaged, password

Char = dict[str, Any]
Box = tuple[float, float, float, float]
NEAR = 3.0  # pt within which two rulings are one
MAX_PAGES = 600
_PAGE_NUMBER = re.compile(r"^[-—–－·\s]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/，共]\s*(?:共\s*)?\d+\s*页?)?[-—–－·\s]*$")
_STARTS = re.compile(r"^(?:\d{1,2}\s*[.、．](?!\s?\d)|[（(]\d{1,2}[)）]|[一二三四五六七八九十]{1,3}、|其中[:：]|[①-⑳]|附[件表]|目\s*录|注[:：])")


def read_pdf(path: Path) -> Document:
    """Raises Refused when it is no PDF, damaged or locked."""
    document = Document(path.name, "pdf")
    try:
        with pdfplumber.open(path, laparams=None) as pdf:
            document.pages = len(pdf.pages)
            if document.pages > MAX_PAGES:
                raise Refused(f"PDF 有 {document.pages} 页，太长了", "请只交这个单位的预算公开文件")
            text = _Text(document)
            for number, page in enumerate(pdf.pages, 1):
                _page(page, number, document, text)
                page.close()
            text.flush()
    except Refused:
        raise
    except Exception as fault:  # pdfminer raises what it likes over broken files
        if "assword" in type(fault).__name__ or "assword" in str(fault) or "ncrypt" in type(fault).__name__:
            raise password() from None
        raise damaged("PDF 读不出来") from fault
    return document


class _Text:
    """Lines become paragraphs: joined when the line before ran to the right edge and the next has no indent and opens nothing."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sections = Sections(document.file)
        self.parts: list[str] = []
        self.boxes: list[tuple[int, Box]] = []
        self.full = False

    def add(self, text: str, page: int, box: Box, left: float, right: float, size: float) -> None:
        opens = bool(HEADING.match(text) or _STARTS.match(text) or (not self.full and (is_number_line(text) or looks_like_title(text))) or unit_in(text))
        indented = box[0] > left + 1.2 * size and box[0] < left + 6 * size
        if self.parts and not (self.full and not opens and not indented):
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


def _page(page: Any, number: int, document: Document, text: _Text) -> None:
    chars = [c for c in page.chars if c["text"].strip() and c.get("upright", True)]
    if not chars:
        if page.images:
            document.unread.append(f"第 {number} 页是图片（扫描件），没有文字可读")
        return
    turned = sum(not c.get("upright", True) for c in page.chars)
    if turned > 20:
        document.unread.append(f"第 {number} 页有 {turned} 个竖排的字没有读")
    grids: list[tuple[float, Grid]] = []
    inside: set[int] = set()
    for table in _tables(page):
        grid, taken = _grid(table, chars, number, document.file, inside)
        if grid is not None:
            grids.append((table[0][1], grid))
            inside |= taken
    lines = list(_lines([c for n, c in enumerate(chars) if n not in inside]))
    left = min((box[0] for _, box, _ in lines), default=0.0)
    right = max((box[2] for _, box, _ in lines), default=0.0)
    for line, box, size in lines:
        while grids and grids[0][0] < box[1]:
            text.flush()
            document.blocks.append(grids.pop(0)[1])
        if not _PAGE_NUMBER.match(line):
            text.add(line, number, box, left, right, size)
    for _, grid in grids:
        text.flush()
        document.blocks.append(grid)


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


def _grid(table: list[Box], chars: list[Char], page: int, file: str, taken_before: set[int]) -> tuple[Grid | None, set[int]]:
    cells = table[1:]
    xs = _edges([x for c in cells for x in (c[0], c[2])])
    ys = _edges([y for c in cells for y in (c[1], c[3])])
    if len(xs) < 2 or len(ys) < 2:
        return None, set()
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
    texts = {n: "\n".join(line for line, _, _ in _lines(found)) for n, found in held.items()}
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
    return Grid(tuple(rows), Spot(file, page=page, anchor=("pdf", ((page, table[0]),)))), taken


def _joined(text: str) -> str:
    """A number broken over two lines is one number."""
    flat = text.replace("\n", "")
    return flat if re.fullmatch(r"[\d.,\-\s]+", flat) else text


def _lines(chars: list[Char]) -> Iterator[tuple[str, Box, float]]:
    """Characters → lines from top to bottom: text, box, size. A wide gap within a line is a space."""
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
        text = row[0]["text"]
        for before, char in pairwise(row):
            gap = char["x0"] - before["x1"]
            text += ("  " if gap > 2 * size else " " if gap > 0.6 * size else "") + char["text"]
        yield text, (row[0]["x0"], min(c["top"] for c in row), row[-1]["x1"], max(c["bottom"] for c in row)), size
