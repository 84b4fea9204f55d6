"""What was written, read back and held against the model, figure by figure, before anything is handed over.

A difference is never the clerk's fault: it stops the build as ours and names the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import python_calamine

from generator.model.figures import written
from generator.model.table import Cell, LineKind, Table

# Split where our own writer ends cells and lines: a parser's tree of 30,000 elements costs more than writing them did.
TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")
MOST_NAMED = 10


class ReadbackError(Exception):
    """A written file does not say what the model says. Our fault: exit status 3."""


def expected_text(table: Table, cell: Cell) -> str:
    """What a reader sees in the cell."""
    if cell.shown is not None:
        return written(cell.shown, table.styles[cell.style].number_format)
    return cell.text or ""


def workbook_differences(data: bytes, tables: Sequence[Table]) -> Iterator[str]:
    """Where the workbook differs from the tables: sheet, cell, both values."""
    book = python_calamine.load_workbook(BytesIO(data))
    names = book.sheet_names
    for table in (sheet for whole in tables for sheet in whole.sheets):
        if table.name not in names:
            yield f"缺工作表 {table.name}"
            continue
        grid = book.get_sheet_by_name(table.name).to_python(skip_empty_area=False)
        covered = table.covered
        for r, line in enumerate(table.lines):
            row = grid[r] if r < len(grid) else []
            for c, cell in enumerate(line.cells):
                found = row[c] if c < len(row) else ""
                wanted = "" if (r, c) in covered else expected_text(table, cell)
                if cell.shown is not None and wanted:
                    same = isinstance(found, (int, float)) and Decimal(repr(found)) == cell.shown
                else:
                    same = str(found) == wanted
                if not same:
                    yield f"{table.name}!{table.address(r, c)} 应为 {wanted or '空白'}，写出来是 {found if found != '' else '空白'}"


def document_differences(data: bytes, tables: Sequence[Table], whole: bool = True) -> Iterator[str]:
    """Where the Word document's tables differ from the tables: every instance must stand in it, in order, cell by cell.

    whole: the document holds the whole set; otherwise a table that is not there at all is no difference.
    """
    grids = list(word_grids(data))
    at = 0
    for table in tables:
        blocks = [(part, rows) for part in table.parts for rows in part.instances]
        for n, (part, rows) in enumerate(blocks):
            wanted = _expected_grid(part, rows)
            hit = next((i for i in range(at, len(grids)) if grids[i] == wanted), None)
            if hit is not None:
                at = hit + 1
                continue
            near = next((g for g in grids[at:] if g and wanted and g[0] == wanted[0]), None)
            name = table.name if len(blocks) == 1 else f"{table.name}第{n + 1}份"
            if near is None:
                if whole:
                    yield f"说明里没有 {name}"
                continue
            at = grids.index(near) + 1
            yield from _cell_differences(name, wanted, near)


def word_grids(data: bytes) -> Iterator[list[list[str]]]:
    """The tables of a .docx as rows of cell texts, without line breaks.

    A cell covered from above is an empty text, one covered from the left is not there.
    """
    with ZipFile(BytesIO(data)) as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    for table in xml.split("<w:tbl>")[1:]:
        body, _, _ = table.partition("</w:tbl>")
        yield [[_cell_text(cell) for cell in row.split("</w:tc>")[:-1]] for row in body.split("</w:tr>")[:-1]]


def _cell_text(cell: str) -> str:
    if "<w:t>" not in cell and "<w:t " not in cell:
        return ""
    text = "".join(TEXT.findall(cell))
    return unescape(text) if "&" in text else text


def _expected_grid(table: Table, rows: range) -> list[list[str]]:
    """What the Word table of one instance should say, in the form of `word_grids`."""
    covered, beside = table.covered, table.beside
    grid = []
    for r in rows:
        line = table.lines[r]
        if line.kind is not LineKind.LEAD:
            grid.append(["" if (r, c) in covered else expected_text(table, cell).replace("\n", "") for c, cell in enumerate(line.cells) if (r, c) not in beside])
    return grid


def _cell_differences(name: str, wanted: list[list[str]], found: list[list[str]]) -> Iterator[str]:
    if len(wanted) != len(found):
        yield f"{name} 应有 {len(wanted)} 行，说明里是 {len(found)} 行"
    for r, (a, b) in enumerate(zip(wanted, found, strict=False)):
        for c in range(max(len(a), len(b))):
            x, y = a[c] if c < len(a) else "（没有）", b[c] if c < len(b) else "（没有）"
            if x != y:
                yield f"{name} 第{r + 1}行第{c + 1}格应为 {x or '空白'}，说明里是 {y or '空白'}"


def prove(name: str, differences: Iterator[str]) -> None:
    """ReadbackError when there is any difference."""
    wrong = list(differences)
    if wrong:
        more = f"；还有 {len(wrong) - MOST_NAMED} 处" if len(wrong) > MOST_NAMED else ""
        raise ReadbackError(f"{name} 与数据不一致：" + "；".join(wrong[:MOST_NAMED]) + more)
